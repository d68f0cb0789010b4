// Package pass says who a browser is: it checks agents' tokens and pages'
// origins.
//
// What it promises:
//
//  1. A token counts only for the account whose key signed it, only with the
//     algorithm that key is for, and only until it expires.
//  2. No address is ever taken from a token: keys come from the account's
//     settings.
//  3. A refusal never repeats the token.
package pass

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/deskwire/deskwire/internal/desk"
)

// A Pass is what a good token says.
type Pass struct {
	Account desk.AccountID
	Agent   desk.AgentID
	Expires time.Time
}

// Limits on tokens and keys.
const (
	MaxToken    = 8 << 10          // bytes
	MaxLifetime = 24 * time.Hour   // from now to exp
	Leeway      = 60 * time.Second // between the clocks of signer and server
	MinSecret   = 32               // bytes, for HS256
	MinRSA      = 2048             // bits
)

// Keys finds who may sign for an account.
type Keys func(ctx context.Context, account desk.AccountID) ([]desk.Key, error)

// A Verifier checks tokens. Its methods may be called from any goroutine.
type Verifier struct {
	keys Keys
	sets *sets
}

// New makes a verifier of tokens signed by the keys.
func New(keys Keys) *Verifier { return &Verifier{keys: keys, sets: newSets()} }

// claims are what a token of ours carries.
type claims struct {
	jwt.RegisteredClaims
	Account string `json:"account"`
}

var errRefused = desk.Problemf(desk.Forbidden, "the token is not valid for this account now; sign in again")

// Check says whose token it is. Every error but a fault of the store is a
// *desk.Problem of kind Forbidden.
func (v *Verifier) Check(ctx context.Context, account desk.AccountID, token string, now time.Time) (Pass, error) {
	if token == "" || len(token) > MaxToken {
		return Pass{}, errRefused
	}
	keys, err := v.keys(ctx, account)
	if err != nil {
		return Pass{}, err
	}
	for _, k := range keys {
		if p, err := v.try(ctx, k, account, token, now); err == nil {
			return p, nil
		}
	}
	return Pass{}, errRefused
}

func (v *Verifier) try(ctx context.Context, k desk.Key, account desk.AccountID, token string, now time.Time) (Pass, error) {
	algs, find, err := v.material(ctx, k, account)
	if err != nil {
		return Pass{}, err
	}
	opts := []jwt.ParserOption{jwt.WithValidMethods(algs), jwt.WithExpirationRequired(), jwt.WithLeeway(Leeway),
		jwt.WithIssuedAt(), jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithStrictDecoding()}
	if k.Issuer != "" {
		opts = append(opts, jwt.WithIssuer(k.Issuer))
	}
	if k.Audience != "" {
		opts = append(opts, jwt.WithAudience(k.Audience))
	}
	var c claims
	if _, err := jwt.NewParser(opts...).ParseWithClaims(token, &c, find); err != nil {
		return Pass{}, err
	}
	if c.Account != string(account) || !desk.ValidID(c.Subject) || c.ExpiresAt.Sub(now) > MaxLifetime+Leeway {
		return Pass{}, errRefused
	}
	return Pass{account, desk.AgentID(c.Subject), c.ExpiresAt.Time}, nil
}

// material gives the algorithms that the key may be used with, and how to find
// the key that checks a token.
func (v *Verifier) material(ctx context.Context, k desk.Key, account desk.AccountID) ([]string, jwt.Keyfunc, error) {
	if k.JWKS != "" {
		return []string{"RS256", "EdDSA"}, v.sets.keyfunc(ctx, account, k.JWKS), nil
	}
	if k.Secret != "" {
		if len(k.Secret) < MinSecret {
			return nil, nil, errors.New("pass: the secret is too short")
		}
		return []string{"HS256"}, fixed(k, []byte(k.Secret)), nil
	}
	public, err := parsePublic(k.PEM)
	if err != nil {
		return nil, nil, err
	}
	switch p := public.(type) {
	case *rsa.PublicKey:
		if p.N.BitLen() >= MinRSA {
			return []string{"RS256"}, fixed(k, p), nil
		}
	case ed25519.PublicKey:
		return []string{"EdDSA"}, fixed(k, p), nil
	}
	return nil, nil, errors.New("pass: the key is of a kind not taken")
}

// fixed gives the one key, if the token does not name another.
func fixed(k desk.Key, key any) jwt.Keyfunc {
	return func(t *jwt.Token) (any, error) {
		if kid, ok := t.Header["kid"].(string); ok && k.ID != "" && kid != k.ID {
			return nil, errRefused
		}
		return key, nil
	}
}

func parsePublic(text string) (crypto.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("pass: the key is not PEM")
	}
	return x509.ParsePKIXPublicKey(block.Bytes)
}

// CheckKey says whether a key can be used, for whoever sets it.
func CheckKey(k desk.Key) error {
	v := &Verifier{sets: newSets()}
	if k.JWKS != "" {
		return checkAddress(k.JWKS)
	}
	if _, _, err := v.material(context.Background(), k, ""); err != nil {
		return desk.Invalidf("", "a key has a secret of at least %d bytes, a public RSA key of at least %d bits or Ed25519 key in PEM, or an https address of a key set", MinSecret, MinRSA)
	}
	return nil
}

// Sign makes a token for the pass with a secret key (HS256), or with an
// Ed25519 private key in PKCS 8 PEM (EdDSA).
func Sign(k desk.Key, p Pass, now time.Time) (string, error) {
	c := claims{Account: string(p.Account)}
	c.Subject, c.Issuer = string(p.Agent), k.Issuer
	c.ExpiresAt, c.IssuedAt = jwt.NewNumericDate(p.Expires), jwt.NewNumericDate(now)
	if k.Audience != "" {
		c.Audience = jwt.ClaimStrings{k.Audience}
	}
	var method jwt.SigningMethod = jwt.SigningMethodHS256
	var key any = []byte(k.Secret)
	if k.Secret == "" {
		block, _ := pem.Decode([]byte(k.PEM))
		if block == nil {
			return "", desk.Problemf(desk.Invalid, "a signing key is a secret, or a private key in PEM")
		}
		private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return "", err
		}
		switch private.(type) {
		case ed25519.PrivateKey:
			method = jwt.SigningMethodEdDSA
		case *rsa.PrivateKey:
			method = jwt.SigningMethodRS256
		default:
			return "", desk.Problemf(desk.Invalid, "a private key is RSA or Ed25519")
		}
		key = private
	} else if len(k.Secret) < MinSecret {
		return "", desk.Problemf(desk.Invalid, "a secret has at least %d bytes", MinSecret)
	}
	t := jwt.NewWithClaims(method, c)
	if k.ID != "" {
		t.Header["kid"] = k.ID
	}
	return t.SignedString(key)
}
