package pass

import (
	"context"
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
		if ip := at.Addr().Unmap(); !ip.IsGlobalUnicast() || ip.IsPrivate() {
			return errors.New("pass: a key set is fetched from public addresses only")
		}
		return nil
	}}
	return &http.Client{Timeout: fetchTimeout, Transport: &http.Transport{DialContext: dialer.DialContext},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
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
			return nil, errRefused
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
		if keys, err := fetch(ctx, client, address); err == nil {
			k.keys = keys
		}
	}
	if key, ok := k.keys[kid]; ok {
		return key, nil
	}
	return nil, errRefused
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

func parseSet(body []byte) (map[string]any, error) {
	var set jwkset.JWKSMarshal
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, err
	}
	keys := map[string]any{}
	for _, m := range set.Keys {
		if m.KTY != jwkset.KtyRSA && m.KTY != jwkset.KtyOKP || m.KID == "" {
			continue
		}
		k, err := jwkset.NewJWKFromMarshal(m, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err != nil {
			return nil, err
		}
		if rsa, ok := k.Key().(*rsa.PublicKey); ok && rsa.N.BitLen() < MinRSA {
			continue
		}
		keys[m.KID] = k.Key()
	}
	return keys, nil
}
