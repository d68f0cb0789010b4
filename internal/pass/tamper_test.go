package pass

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/deskwire/deskwire/internal/desk"
)

// forgeries collects tokens that must not count, by what was done to them.
type forgeries map[string]string

// TestNoTamperedTokenCounts is T20: at least 500 of each sort of key.
func TestNoTamperedTokenCounts(t *testing.T) {
	for _, l := range locks() {
		t.Run(l.name, func(t *testing.T) {
			token := l.sign(t, good(), nil)
			if _, err := verifier(l.key).check(token); err != nil {
				t.Fatalf("the token that is tampered with does not count: %v", err)
			}
			f := forgeries{}
			f.flip(token)
			f.text(token)
			f.header(t, token)
			f.swapAlgorithms(t, l)
			f.foreign(t, l)
			maps.DeleteFunc(f, func(_, forged string) bool { return forged == token })
			for what, token := range f {
				_, err := verifier(l.key).check(token)
				p := (*desk.Problem)(nil)
				if !errors.As(err, &p) || p.Kind != desk.Forbidden {
					t.Errorf("%s: got %v", what, err)
				} else if !strings.HasPrefix(p.Detail, "the token does not count: ") || len(token) > 20 && strings.Contains(p.Detail, token[:20]) {
					t.Errorf("%s: the reason is %q", what, p.Detail)
				}
			}
			if t.Logf("%d tokens", len(f)); len(f) < 500 {
				t.Errorf("only %d tokens were tried", len(f))
			}
		})
	}
}

// flip turns each bit of each part.
func (f forgeries) flip(token string) {
	parts := strings.Split(token, ".")
	for i, part := range parts {
		raw, _ := base64.RawURLEncoding.DecodeString(part)
		for bit := range len(raw) * 8 {
			b := append([]byte(nil), raw...)
			b[bit/8] ^= 1 << (bit % 8)
			f[fmt.Sprintf("bit %d of part %d turned", bit, i)] = splice(parts, i, base64.RawURLEncoding.EncodeToString(b))
		}
	}
}

func splice(parts []string, i int, with string) string {
	out := append([]string(nil), parts...)
	out[i] = with
	return strings.Join(out, ".")
}

// text changes how the token is written.
func (f forgeries) text(token string) {
	parts := strings.Split(token, ".")
	f["nothing"] = ""
	f["dots"] = ".."
	f["one part"] = parts[0]
	f["two parts"] = parts[0] + "." + parts[1]
	f["no signature"] = parts[0] + "." + parts[1] + "."
	f["no claims"] = parts[0] + ".." + parts[2]
	f["five parts"] = token + ".a.b"
	f["twice"] = token + token
	f["a space before"] = " " + token
	f["a line after"] = token + "\n"
	f["a line within"] = parts[0] + "\r\n." + parts[1] + "." + parts[2]
	f["Bearer"] = "Bearer " + token
	f["padded"] = token + "="
	f["all padded"] = parts[0] + "==." + parts[1] + "=." + parts[2] + "=="
	f["a NUL"] = token + "\x00"
	f["not UTF-8"] = "\xff" + token
	f["too long"] = token + strings.Repeat("A", MaxToken)
	f["as JSON"] = `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`
	if last := parts[2][len(parts[2])-1]; last != 'B' {
		f["other last bits"] = token[:len(token)-1] + string(last+1)
	}
	for i := range len(parts[2]) {
		f[fmt.Sprintf("%d letters cut off", i+1)] = token[:len(token)-i-1]
	}
}

// header changes the header under a good signature's eyes.
func (f forgeries) header(t *testing.T, token string) {
	parts := strings.Split(token, ".")
	for _, alg := range []string{"none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "ES256", "EdDSA", "hs256"} {
		b, err := json.Marshal(map[string]string{"alg": alg, "typ": "JWT", "kid": "k"})
		if err != nil {
			t.Fatal(err)
		}
		h := base64.RawURLEncoding.EncodeToString(b)
		f["alg "+alg+" unsigned"] = h + "." + parts[1] + "."
		f["alg "+alg+" with the old signature"] = h + "." + parts[1] + "." + parts[2]
	}
	f["no alg"] = base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"JWT"}`)) + "." + parts[1] + "." + parts[2]
	f["alg is a list"] = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":["HS256"]}`)) + "." + parts[1] + "." + parts[2]
}

// swapAlgorithms signs with what an attacker knows, the public key, and with
// the right key but another algorithm.
func (f forgeries) swapAlgorithms(t *testing.T, l lock) {
	block, _ := pem.Decode([]byte(l.key.PEM))
	if block == nil {
		f["HS384"] = signed(t, jwt.SigningMethodHS384, l.signer, good(), nil)
		f["HS512"] = signed(t, jwt.SigningMethodHS512, l.signer, good(), nil)
		return
	}
	for name, known := range map[string][]byte{"PEM": []byte(l.key.PEM), "PEM without its last line": []byte(strings.TrimSpace(l.key.PEM)), "DER": block.Bytes, "nothing": {}, "the key id": []byte("k")} {
		f["HS256 with "+name] = signed(t, jwt.SigningMethodHS256, known, good(), nil)
	}
	key, ok := l.signer.(*rsa.PrivateKey)
	if !ok {
		return
	}
	f["PKCS 1 DER"] = signed(t, jwt.SigningMethodHS256, x509.MarshalPKCS1PublicKey(&key.PublicKey), good(), nil)
	for _, m := range []jwt.SigningMethod{jwt.SigningMethodRS384, jwt.SigningMethodRS512, jwt.SigningMethodPS256, jwt.SigningMethodPS512} {
		f[m.Alg()] = signed(t, m, key, good(), nil)
	}
}

// foreign signs with keys that are not the account's, and says in the header
// where to find them.
func (f forgeries) foreign(t *testing.T, l lock) {
	theirs := smith().foreign
	f["another Ed25519 key"] = signed(t, jwt.SigningMethodEdDSA, theirs, good(), nil)
	f["another secret"] = signed(t, jwt.SigningMethodHS256, []byte(strings.ToUpper(secret)), good(), nil)
	f["a small RSA key"] = signed(t, jwt.SigningMethodRS256, smith().small, good(), nil)
	jwk := map[string]any{"kty": "OKP", "crv": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(theirs.Public().(ed25519.PublicKey))}
	f["its own jwk"] = signed(t, jwt.SigningMethodEdDSA, theirs, good(), map[string]any{"jwk": jwk})
	f["its own jku"] = signed(t, jwt.SigningMethodEdDSA, theirs, good(), map[string]any{"jku": "https://evil.example/keys"})
	f["its own x5u"] = signed(t, jwt.SigningMethodEdDSA, theirs, good(), map[string]any{"x5u": "https://evil.example/cert"})
	f["a path as kid"] = l.sign(t, good(), map[string]any{"kid": "../../dev/null"})
	f["another kid"] = l.sign(t, good(), map[string]any{"kid": "k2"})
	f["extensions it must understand"] = l.sign(t, good(), map[string]any{"crit": []string{"b64"}, "b64": false})
	parts, admin := strings.Split(l.sign(t, good(), nil), "."), good()
	admin["sub"] = "root"
	f["another's claims"] = splice(parts, 1, strings.Split(l.sign(t, admin, nil), ".")[1])
	f["another's signature"] = splice(parts, 2, strings.Split(l.sign(t, admin, nil), ".")[2])
}

// FuzzCheck: no bytes but a token that the key signed let anybody in.
func FuzzCheck(f *testing.F) {
	v := verifier(locks()[0].key)
	token := locks()[0].sign(f, good(), nil)
	f.Add(token)
	f.Add(token[:len(token)-1])
	f.Add("a.b.c")
	f.Add(`eyJhbGciOiJub25lIn0.e30.`)
	parts := strings.Split(token, ".")
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := v.check(s); err == nil && s != token {
			t.Fatalf("%q counts (the signature is %s)", s, parts[2])
		}
	})
}
