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
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/deskwire/deskwire/internal/desk"
)

// A Pass is what a good token says.
type Pass struct {
	Account desk.AccountID
	Agent   desk.AgentID
	Expires time.Time // the token's exp; a checked pass counts until Leeway later
}

// Limits on tokens and keys.
const (
	MaxToken    = 8 << 10          // bytes
	MaxLifetime = 24 * time.Hour   // from now to exp
	Leeway      = 60 * time.Second // between the clocks of signer and server
	MinSecret   = 32               // bytes, for HS256
	MinRSA      = 2048             // bits
)

// The algorithms that are taken.
const (
	hs256 = "HS256"
	rs256 = "RS256"
	edDSA = "EdDSA"
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

// Check says whose token it is. A token that does not count is a *desk.Problem
// of kind Forbidden with the reason; of kind Unavailable when the account's key
// set is out of reach. Other errors are faults of the store.
func (v *Verifier) Check(ctx context.Context, account desk.AccountID, token string, now time.Time) (Pass, error) {
	// base64 decoders skip line ends; a token has one spelling
	if token == "" || len(token) > MaxToken || strings.ContainsAny(token, "\r\n") {
		return Pass{}, refused(unreadable)
	}
	keys, err := v.keys(ctx, account)
	if err != nil {
		return Pass{}, err
	}
	why := noKey
	for _, k := range keys {
		p, err := v.try(ctx, k, account, token, now)
		if err == nil {
			return p, nil
		}
		why = max(why, whyOf(err))
	}
	return Pass{}, refused(why)
}

func (v *Verifier) try(ctx context.Context, k desk.Key, account desk.AccountID, token string, now time.Time) (Pass, error) {
	algs, find, err := v.material(ctx, k, account)
	if err != nil {
		return Pass{}, err
	}
	var c claims
	if _, err := parser(k, algs, now).ParseWithClaims(token, &c, plain(find)); err != nil {
		return Pass{}, err
	}
	switch {
	case c.Account != string(account):
		return Pass{}, otherAccount
	case !desk.ValidID(c.Subject):
		return Pass{}, noAgent
	case c.ExpiresAt.Sub(now) > MaxLifetime+Leeway:
		return Pass{}, tooLong
	}
	return Pass{account, desk.AgentID(c.Subject), c.ExpiresAt.Add(Leeway)}, nil
}

func parser(k desk.Key, algs []string, now time.Time) *jwt.Parser {
	opts := []jwt.ParserOption{jwt.WithValidMethods(algs), jwt.WithExpirationRequired(), jwt.WithLeeway(Leeway),
		jwt.WithIssuedAt(), jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithStrictDecoding()}
	if k.Issuer != "" {
		opts = append(opts, jwt.WithIssuer(k.Issuer))
	}
	if k.Audience != "" {
		opts = append(opts, jwt.WithAudience(k.Audience))
	}
	return jwt.NewParser(opts...)
}

// material gives the algorithms that the key may be used with, and how to find
// the key that checks a token.
func (v *Verifier) material(ctx context.Context, k desk.Key, account desk.AccountID) ([]string, jwt.Keyfunc, error) {
	if k.JWKS != "" {
		return []string{rs256, edDSA}, v.sets.keyfunc(ctx, account, k.JWKS), nil
	}
	if k.Secret != "" {
		if len(k.Secret) < MinSecret {
			return nil, nil, errors.New("pass: the secret is too short")
		}
		return []string{hs256}, fixed(k, []byte(k.Secret)), nil
	}
	public, err := parsePublic(k.PEM)
	if err != nil {
		return nil, nil, err
	}
	switch p := public.(type) {
	case *rsa.PublicKey:
		if p.N.BitLen() >= MinRSA {
			return []string{rs256}, fixed(k, p), nil
		}
	case ed25519.PublicKey:
		return []string{edDSA}, fixed(k, p), nil
	}
	return nil, nil, errors.New("pass: the key is of a kind not taken")
}

// plain refuses tokens that demand understanding of extensions.
func plain(find jwt.Keyfunc) jwt.Keyfunc {
	return func(t *jwt.Token) (any, error) {
		if _, there := t.Header["crit"]; there {
			return nil, unreadable
		}
		return find(t)
	}
}

// fixed gives the one key, if the token does not name another.
func fixed(k desk.Key, key any) jwt.Keyfunc {
	return func(t *jwt.Token) (any, error) {
		if kid, ok := t.Header["kid"].(string); ok && k.ID != "" && kid != k.ID {
			return nil, unknownKey
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
