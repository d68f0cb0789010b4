package pass

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/deskwire/deskwire/internal/desk"
)

const secret = "0123456789abcdef0123456789abcdef"

// now is when the tests happen.
var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// smith makes keys once: RSA takes long.
var smith = sync.OnceValue(func() (s struct {
	rsa     *rsa.PrivateKey
	small   *rsa.PrivateKey
	ed      ed25519.PrivateKey
	foreign ed25519.PrivateKey
}) {
	s.rsa, _ = rsa.GenerateKey(rand.Reader, MinRSA)
	s.small, _ = rsa.GenerateKey(rand.Reader, 1024)
	_, s.ed, _ = ed25519.GenerateKey(rand.Reader)
	_, s.foreign, _ = ed25519.GenerateKey(rand.Reader)
	return s
})

func publicPEM(key any) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// locks are the three sorts of keys, each with what signs for it.
func locks() []lock {
	s := smith()
	return []lock{
		{"HS256", desk.Key{ID: "k", Secret: secret, Issuer: "shop", Audience: "deskwire"}, jwt.SigningMethodHS256, []byte(secret)},
		{"RS256", desk.Key{ID: "k", PEM: publicPEM(s.rsa.Public()), Issuer: "shop", Audience: "deskwire"}, jwt.SigningMethodRS256, s.rsa},
		{"EdDSA", desk.Key{ID: "k", PEM: publicPEM(s.ed.Public()), Issuer: "shop", Audience: "deskwire"}, jwt.SigningMethodEdDSA, s.ed},
	}
}

type lock struct {
	name   string
	key    desk.Key
	method jwt.SigningMethod
	signer any
}

// good are the claims of a token that counts.
func good() jwt.MapClaims {
	return jwt.MapClaims{"account": "acme", "sub": "ann", "iss": "shop", "aud": "deskwire",
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix()}
}

func (l lock) sign(t testing.TB, claims jwt.MapClaims, header map[string]any) string {
	t.Helper()
	return signed(t, l.method, l.signer, claims, header)
}

func signed(t testing.TB, method jwt.SigningMethod, signer any, claims jwt.MapClaims, header map[string]any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, claims)
	token.Header["kid"] = "k"
	for k, v := range header {
		if token.Header[k] = v; v == nil {
			delete(token.Header, k)
		}
	}
	s, err := token.SignedString(signer)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func verifier(keys ...desk.Key) *Verifier {
	return New(func(_ context.Context, account desk.AccountID) ([]desk.Key, error) {
		if account != "acme" {
			return nil, nil
		}
		return keys, nil
	})
}

func (v *Verifier) check(token string) (Pass, error) {
	return v.Check(context.Background(), "acme", token, now)
}

func TestAGoodTokenLetsItsAgentIn(t *testing.T) {
	for _, l := range locks() {
		p, err := verifier(l.key).check(l.sign(t, good(), nil))
		if want := (Pass{"acme", "ann", time.Unix(now.Add(time.Hour+Leeway).Unix(), 0)}); err != nil || p != want {
			t.Errorf("%s: %+v, %v", l.name, p, err)
		}
		if _, err := verifier(l.key).check(l.sign(t, good(), map[string]any{"kid": nil})); err != nil {
			t.Errorf("%s without a kid: %v", l.name, err)
		}
	}
}

func TestOneOfSeveralKeysIsEnough(t *testing.T) {
	var keys []desk.Key
	for _, l := range locks() {
		keys = append(keys, l.key)
	}
	for _, l := range locks() {
		if _, err := verifier(keys...).check(l.sign(t, good(), nil)); err != nil {
			t.Errorf("%s: %v", l.name, err)
		}
	}
}

// TestClaimsAreJudged: each claim, a moment on either side of its limit.
func TestClaimsAreJudged(t *testing.T) {
	second := time.Second
	for _, c := range []struct {
		name  string
		claim string
		value any // nil: without the claim
		why   string
	}{
		{"just expired, within the leeway", "exp", now.Add(-Leeway + second).Unix(), ""},
		{"expired", "exp", now.Add(-Leeway - second).Unix(), "expired"},
		{"expired long ago", "exp", 0, "expired"},
		{"expired before time began", "exp", -1e15, "expired"},
		{"no exp", "exp", nil, "missing"},
		{"exp is a word", "exp", "tomorrow", "not a token"},
		{"as long as can be", "exp", now.Add(MaxLifetime + Leeway).Unix(), ""},
		{"too long", "exp", now.Add(MaxLifetime + Leeway + second).Unix(), "24 hours"},
		{"for ever", "exp", 1e15, "24 hours"},
		{"soon good, within the leeway", "nbf", now.Add(Leeway - second).Unix(), ""},
		{"not good yet", "nbf", now.Add(Leeway + second).Unix(), "ahead"},
		{"no nbf", "nbf", nil, ""},
		{"made in the future", "iat", now.Add(Leeway + second).Unix(), "ahead"},
		{"no iat", "iat", nil, ""},
		{"another audience", "aud", "billing", "audience"},
		{"one of several audiences", "aud", []string{"billing", "deskwire"}, ""},
		{"no audience", "aud", nil, "missing"},
		{"an audience that begins alike", "aud", "deskwire2", "audience"},
		{"another issuer", "iss", "shop2", "issuer"},
		{"no issuer", "iss", nil, "missing"},
		{"another account", "account", "bolt", "another account"},
		{"no account", "account", nil, "another account"},
		{"the account in capitals", "account", "ACME", "another account"},
		{"no agent", "sub", nil, "no agent"},
		{"an agent that is no id", "sub", "ann smith", "no agent"},
		{"an agent with a long id", "sub", strings.Repeat("a", desk.MaxIDLength+1), "no agent"},
		{"an agent that is a number", "sub", 7, "not a token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			claims := good()
			if claims[c.claim] = c.value; c.value == nil {
				delete(claims, c.claim)
			}
			for _, l := range locks() {
				_, err := verifier(l.key).check(l.sign(t, claims, nil))
				judge(t, l.name, err, c.why)
			}
		})
	}
}

// judge demands that the token counts, or is refused for the reason.
func judge(t *testing.T, name string, err error, why string) {
	t.Helper()
	if why == "" {
		if err != nil {
			t.Errorf("%s: refused: %v", name, err)
		}
		return
	}
	p := (*desk.Problem)(nil)
	if !errors.As(err, &p) || p.Kind != desk.Forbidden || !strings.Contains(p.Detail, why) {
		t.Errorf("%s: got %v, not a refusal for %q", name, err, why)
	}
}

func TestAnAccountWithoutKeysLetsNobodyIn(t *testing.T) {
	l := locks()[0]
	_, err := verifier(l.key).Check(context.Background(), "bolt", l.sign(t, good(), nil), now)
	judge(t, "bolt", err, "no key")
}

func TestAFaultOfTheStoreIsNoRefusal(t *testing.T) {
	fault := errors.New("disk")
	v := New(func(context.Context, desk.AccountID) ([]desk.Key, error) { return nil, fault })
	if _, err := v.check("a.b.c"); !errors.Is(err, fault) {
		t.Errorf("got %v", err)
	}
}

func TestKeysThatCannotBeUsedAreRefusedWhenSet(t *testing.T) {
	s := smith()
	for name, k := range map[string]desk.Key{
		"nothing":                    {},
		"a short secret":             {Secret: secret[:MinSecret-1]},
		"a small RSA key":            {PEM: publicPEM(s.small.Public())},
		"no PEM":                     {PEM: "ssh-ed25519 AAAA"},
		"a PEM of nothing":           {PEM: "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"},
		"an open address":            {JWKS: "http://shop.example/keys"},
		"an address of files":        {JWKS: "file:///etc/passwd"},
		"an address with a password": {JWKS: "https://a:b@shop.example/keys"},
		"an address without a host":  {JWKS: "https:///keys"},
	} {
		if err := CheckKey(k); err == nil {
			t.Errorf("%s was taken", name)
		}
		if _, err := verifier(k).check("a.b.c"); err == nil {
			t.Errorf("%s let somebody in", name)
		}
	}
	for _, l := range locks() {
		if err := CheckKey(l.key); err != nil {
			t.Errorf("%s: %v", l.name, err)
		}
	}
}

func TestWhatIsSignedHereCounts(t *testing.T) {
	s := smith()
	private := func(key any) string {
		der, _ := x509.MarshalPKCS8PrivateKey(key)
		return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	for i, signer := range []desk.Key{{Secret: secret}, {PEM: private(s.rsa)}, {PEM: private(s.ed)}} {
		l := locks()[i]
		signer.ID, signer.Issuer, signer.Audience = "k", "shop", "deskwire"
		token, err := Sign(signer, Pass{"acme", "ann", now.Add(time.Hour)}, now)
		if err != nil {
			t.Fatal(l.name, err)
		}
		if p, err := verifier(l.key).check(token); err != nil || p.Agent != "ann" {
			t.Errorf("%s: %+v, %v", l.name, p, err)
		}
	}
	for name, k := range map[string]desk.Key{"a short secret": {Secret: "short"}, "no key": {}, "no private key": {PEM: publicPEM(s.ed.Public())}} {
		if _, err := Sign(k, Pass{"acme", "ann", now}, now); err == nil {
			t.Errorf("signed with %s", name)
		}
	}
}
