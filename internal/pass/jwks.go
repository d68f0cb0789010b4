package pass

import (
	"context"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"github.com/deskwire/deskwire/internal/desk"
)

// Limits on fetching a key set.
const (
	fetchTimeout = 2 * time.Second
	maxSet       = 64 << 10         // bytes
	setAge       = 10 * time.Minute // until it is fetched again
	setPause     = 30 * time.Second // between two fetches because a key was not in it
)

// sets keeps key sets by account and address, so that two accounts with one
// address, or one key id, never meet.
type sets struct {
	client *http.Client
	mu     sync.Mutex // guards all
	all    map[setName]*keySet
}

type setName struct {
	account desk.AccountID
	address string
}

type keySet struct {
	mu      sync.Mutex // guards the following; held while it is fetched
	keys    map[string]any
	fetched time.Time
	failed  bool // the last time
}

func newSets() *sets { return &sets{client: publicClient(), all: map[setName]*keySet{}} }

// publicClient talks to public addresses only, judged when the connection is
// made, after names are resolved; it follows no redirects.
func publicClient() *http.Client {
	dialer := &net.Dialer{Timeout: fetchTimeout, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if !public(at.Addr()) {
			return errors.New("pass: a key set is fetched from public addresses only")
		}
		return nil
	}}
	return &http.Client{Timeout: fetchTimeout, Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// inward are addresses that look public and lead to somebody's own network, or
// carry another address inside.
var inward = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"),
}

func public(ip netip.Addr) bool {
	ip = ip.Unmap()
	for _, p := range inward {
		if p.Contains(ip) {
			return false
		}
	}
	return ip.IsGlobalUnicast() && !ip.IsPrivate()
}

func checkAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return desk.Invalidf("/jwks", "a key set has an https address")
	}
	return nil
}

func (s *sets) keyfunc(ctx context.Context, account desk.AccountID, address string) jwt.Keyfunc {
	return func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		if kid == "" || checkAddress(address) != nil {
			return nil, unknownKey
		}
		return s.set(setName{account, address}).key(ctx, s.client, address, kid)
	}
}

func (s *sets) set(name setName) *keySet {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[name] == nil {
		s.all[name] = &keySet{}
	}
	return s.all[name]
}

// key finds a key, fetching the set when it is old, or when it lacks the key
// and was not fetched just now. An old set serves while its address does not.
func (k *keySet) key(ctx context.Context, client *http.Client, address, kid string) (any, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	age := time.Since(k.fetched)
	if _, known := k.keys[kid]; age > setAge || !known && age > setPause {
		k.fetched = time.Now()
		keys, err := fetch(ctx, client, address)
		if k.failed = err != nil; !k.failed {
			k.keys = keys
		}
	}
	if key, ok := k.keys[kid]; ok {
		return key, nil
	}
	if k.failed {
		return nil, unreachable
	}
	return nil, unknownKey
}

func fetch(ctx context.Context, client *http.Client, address string) (map[string]any, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, errors.New("pass: the key set's address answers " + res.Status)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxSet))
	if err != nil {
		return nil, err
	}
	return parseSet(body)
}

// parseSet takes the keys that can check our tokens and leaves the others: a set
// serves more than us.
func parseSet(body []byte) (map[string]any, error) {
	var set jwkset.JWKSMarshal
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, err
	}
	keys := map[string]any{}
	for _, m := range set.Keys {
		if key := usable(m); key != nil {
			keys[m.KID] = key
		}
	}
	return keys, nil
}

func usable(m jwkset.JWKMarshal) any {
	if m.KID == "" || m.USE != "" && m.USE != jwkset.UseSig || m.ALG != "" && m.ALG != rs256 && m.ALG != edDSA {
		return nil
	}
	if m.KTY != jwkset.KtyRSA && m.KTY != jwkset.KtyOKP {
		return nil
	}
	k, err := jwkset.NewJWKFromMarshal(m, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
	if err != nil {
		return nil
	}
	switch key := k.Key().(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() >= MinRSA {
			return key
		}
	case ed25519.PublicKey:
		return key
	}
	return nil
}
