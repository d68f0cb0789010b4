package pass

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"go.uber.org/goleak"

	"github.com/deskwire/deskwire/internal/desk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// source is where an account's key set is served from, without a network.
type source struct {
	keys    []map[string]any
	down    bool
	answer  func() *http.Response // instead of the keys
	fetches int
}

func (s *source) RoundTrip(r *http.Request) (*http.Response, error) {
	s.fetches++
	if s.down {
		return nil, errors.New("no route to host")
	}
	if s.answer != nil {
		return s.answer(), nil
	}
	body, _ := json.Marshal(map[string]any{"keys": s.keys})
	w := httptest.NewRecorder()
	_, _ = w.Write(body)
	return w.Result(), nil
}

// served is a verifier of an account whose keys are at the source.
func (s *source) served() *Verifier {
	v := verifier(desk.Key{JWKS: "https://shop.example/keys"})
	v.sets.client.Transport = s
	return v
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func edJWK(kid string, key ed25519.PrivateKey) map[string]any {
	return map[string]any{"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": b64(key.Public().(ed25519.PublicKey))}
}

func rsaJWK(kid string) map[string]any {
	key := smith().rsa
	return map[string]any{"kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}
}

// fresh are good claims at the bubble's time.
func fresh(t *testing.T, kid string, key ed25519.PrivateKey) string {
	claims := jwt.MapClaims{"account": "acme", "sub": "ann", "exp": time.Now().Add(time.Hour).Unix()}
	return signed(t, jwt.SigningMethodEdDSA, key, claims, map[string]any{"kid": kid})
}

func (v *Verifier) checkNow(t *testing.T, token string) error {
	_, err := v.Check(t.Context(), "acme", token, time.Now())
	return err
}

func TestKeySetIsFetchedOnceAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{keys: []map[string]any{edJWK("a", smith().ed), rsaJWK("b")}}
		v := s.served()
		for range 100 {
			if err := v.checkNow(t, fresh(t, "a", smith().ed)); err != nil {
				t.Fatal(err)
			}
		}
		claims := jwt.MapClaims{"account": "acme", "sub": "ann", "exp": time.Now().Add(time.Hour).Unix()}
		if err := v.checkNow(t, signed(t, jwt.SigningMethodRS256, smith().rsa, claims, map[string]any{"kid": "b"})); err != nil {
			t.Error(err)
		}
		if s.fetches != 1 {
			t.Errorf("fetched %d times", s.fetches)
		}
		time.Sleep(setAge + time.Second)
		if err := v.checkNow(t, fresh(t, "a", smith().ed)); err != nil || s.fetches != 2 {
			t.Errorf("an old set: %v, fetched %d times", err, s.fetches)
		}
	})
}

func TestANewKeyIsFoundAndAnOldOneEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, next, _ := ed25519.GenerateKey(rand.Reader)
		s := &source{keys: []map[string]any{edJWK("a", smith().ed)}}
		v := s.served()
		if err := v.checkNow(t, fresh(t, "a", smith().ed)); err != nil {
			t.Fatal(err)
		}
		s.keys = []map[string]any{edJWK("b", next)}
		judge(t, "at once", v.checkNow(t, fresh(t, "b", next)), "a key that the account does not have")
		time.Sleep(setPause + time.Second)
		if err := v.checkNow(t, fresh(t, "b", next)); err != nil {
			t.Errorf("the new key: %v", err)
		}
		judge(t, "the old key", v.checkNow(t, fresh(t, "a", smith().ed)), "a key that the account does not have")
	})
}

// TestUnknownKeysDoNotMakeUsFetchWithoutEnd: anybody can send tokens with a kid.
func TestUnknownKeysDoNotMakeUsFetchWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{keys: []map[string]any{edJWK("a", smith().ed)}}
		v := s.served()
		for range 600 {
			judge(t, "unknown", v.checkNow(t, fresh(t, rand.Text(), smith().foreign)), "a key that the account does not have")
			time.Sleep(100 * time.Millisecond)
		}
		if s.fetches > 2 {
			t.Errorf("fetched %d times in a minute", s.fetches)
		}
	})
}

func TestAnUnreachableSetAsksToComeBackAndTheOldOneServes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{keys: []map[string]any{edJWK("a", smith().ed)}, down: true}
		v := s.served()
		p := (*desk.Problem)(nil)
		if err := v.checkNow(t, fresh(t, "a", smith().ed)); !errors.As(err, &p) || p.Kind != desk.Unavailable || p.RetryAfter <= 0 {
			t.Errorf("never fetched: %v", err)
		}
		s.down = false
		time.Sleep(setPause + time.Second)
		if err := v.checkNow(t, fresh(t, "a", smith().ed)); err != nil {
			t.Errorf("back again: %v", err)
		}
		s.down = true
		for range 5 {
			time.Sleep(setAge + time.Second)
			if err := v.checkNow(t, fresh(t, "a", smith().ed)); err != nil {
				t.Errorf("an old set: %v", err)
			}
		}
	})
}

func TestAnswersThatAreNoKeySetAreNotTaken(t *testing.T) {
	for name, answer := range map[string]func(w *httptest.ResponseRecorder){
		"an error": func(w *httptest.ResponseRecorder) { w.WriteHeader(500) },
		"a redirect": func(w *httptest.ResponseRecorder) {
			w.Header().Set("Location", "http://169.254.169.254/")
			w.WriteHeader(302)
		},
		"a page":     func(w *httptest.ResponseRecorder) { _, _ = w.WriteString("<html>") },
		"half a set": func(w *httptest.ResponseRecorder) { _, _ = w.WriteString(`{"keys":[`) },
		"a long one": func(w *httptest.ResponseRecorder) {
			_, _ = w.WriteString(`{"keys":[` + strings.Repeat(" ", maxSet) + `]}`)
		},
	} {
		s := &source{answer: func() *http.Response { w := httptest.NewRecorder(); answer(w); return w.Result() }}
		p := (*desk.Problem)(nil)
		if _, err := s.served().check(fresh(t, "a", smith().ed)); !errors.As(err, &p) || p.Kind != desk.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
		if s.fetches != 1 {
			t.Errorf("%s: asked %d times", name, s.fetches)
		}
	}
}

// TestASetServesOthersToo: keys that are not for us, or that we cannot read, do
// not spoil those that are.
func TestASetServesOthersToo(t *testing.T) {
	with := func(m map[string]any, key string, value any) map[string]any { m[key] = value; return m }
	small := smith().small
	set := []map[string]any{
		{"kty": "oct", "kid": "shared", "k": b64([]byte(secret))},
		{"kty": "EC", "kid": "ec", "crv": "P-256", "x": "AA", "y": "AA"},
		{"kty": "OKP", "kid": "448", "crv": "Ed448", "x": "AA"},
		{"kty": "OKP", "kid": "cut", "crv": "Ed25519", "x": "AA"},
		{"kty": "RSA", "kid": "small", "n": b64(small.N.Bytes()), "e": "AQAB"},
		{"kty": "RSA", "kid": "bad", "n": "%%", "e": "AQAB"},
		with(edJWK("enc", smith().ed), "use", "enc"),
		with(rsaJWK("512"), "alg", "RS512"),
		edJWK("", smith().ed),
		{},
		edJWK("good", smith().ed),
	}
	body, _ := json.Marshal(map[string]any{"keys": set})
	keys, err := parseSet(body)
	if _, there := keys["good"]; err != nil || !there || len(keys) != 1 {
		t.Errorf("taken: %v, %v", keys, err)
	}
}

// TestASharedSecretInASetIsNoSecret: HS256 is not for keys that are published.
func TestASharedSecretInASetIsNoSecret(t *testing.T) {
	s := &source{keys: []map[string]any{{"kty": "oct", "kid": "k", "k": b64([]byte(secret))}, rsaJWK("r")}}
	v := s.served()
	_, err := v.check(signed(t, jwt.SigningMethodHS256, []byte(secret), good(), nil))
	judge(t, "oct", err, "none of the account's keys")
	_, err = v.check(signed(t, jwt.SigningMethodRS512, smith().rsa, good(), map[string]any{"kid": "r"}))
	judge(t, "RS512", err, "none of the account's keys")
	_, err = v.check(signed(t, jwt.SigningMethodEdDSA, smith().ed, good(), map[string]any{"kid": "r"}))
	judge(t, "EdDSA with an RSA key", err, "none of the account's keys")
	_, err = v.check(signed(t, jwt.SigningMethodRS256, smith().rsa, good(), map[string]any{"kid": nil}))
	judge(t, "no kid", err, "a key that the account does not have")
}

func TestAccountsDoNotShareKeySets(t *testing.T) {
	s := &source{keys: []map[string]any{edJWK("a", smith().ed)}}
	v := s.served()
	one := v.sets.set(setName{"acme", "https://shop.example/keys"})
	if one == v.sets.set(setName{"bolt", "https://shop.example/keys"}) || one != v.sets.set(setName{"acme", "https://shop.example/keys"}) {
		t.Error("a set belongs to one account and address")
	}
}

func TestKeySetsComeFromPublicAddressesOnly(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true, "1.1.1.1": true,
		"127.0.0.1": false, "127.9.9.9": false, "::1": false, "0.0.0.0": false, "0.1.2.3": false, "::": false,
		"10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "fd00::1": false,
		"169.254.169.254": false, "fe80::1": false, "fd00:ec2::254": false,
		"100.100.100.200": false, "192.0.0.192": false, "198.18.0.1": false, "224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false,
		"::ffff:127.0.0.1": false, "::ffff:100.64.0.1": false, "::ffff:10.0.0.1": false, "64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "2002:7f00:1::": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is public: %v", address, got)
		}
	}
}

// TestTheDialerJudgesTheAddressItself: a name that leads home is refused too.
func TestTheDialerJudgesTheAddressItself(t *testing.T) {
	hit := false
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hit = true }))
	defer server.Close()
	client := publicClient()
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "https://"), ":")
	for _, host := range []string{"127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]"} {
		res, err := client.Get("https://" + host + ":" + port)
		if err == nil {
			res.Body.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "public addresses") {
			t.Errorf("%s: %v", host, err)
		}
	}
	if hit {
		t.Error("the server was reached")
	}
}

// FuzzParseSet: any answer is a set of keys of the two sorts, or an error.
func FuzzParseSet(f *testing.F) {
	for _, set := range [][]map[string]any{{edJWK("a", smith().ed)}, {rsaJWK("b")}} {
		body, _ := json.Marshal(map[string]any{"keys": set})
		f.Add(body)
	}
	f.Add([]byte(`{"keys":null}`))
	f.Add([]byte(`{"keys":[{"kty":"RSA","kid":"a","n":"","e":""}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		keys, err := parseSet(body)
		for kid, key := range keys {
			if kid == "" || key == nil || err != nil {
				t.Fatalf("%q: %v, %v", kid, key, err)
			}
		}
	})
}
