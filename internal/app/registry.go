package app

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/deskwire/deskwire/internal/account"
	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/ingest"
	"github.com/deskwire/deskwire/internal/pass"
	"github.com/deskwire/deskwire/internal/store/sqlite"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Registry keeps which accounts there are. Its methods may be called from any
// goroutine.
type Registry struct {
	store     *sqlite.Store
	directory *account.Directory
	operator  string     // the operator's key
	mu        sync.Mutex // held while something is made, so that nothing is made twice
}

// Create makes an account.
func (r *Registry) Create(ctx context.Context, a desk.Account) error {
	_, err := r.CreateOnce(ctx, ingest.Once{}, a)
	return err
}

func (r *Registry) create(ctx context.Context, a desk.Account, kept []desk.Kept) error {
	if !desk.ValidID(string(a.ID)) {
		return desk.Invalidf("/id", "an id is 1 to %d letters, digits or -_.:@+/", desk.MaxIDLength)
	}
	if err := checkAccount(a); err != nil {
		return err
	}
	if _, there, err := r.store.Get(ctx, a.ID, desk.AccountDoc, string(a.ID)); err != nil || there {
		return known(err, a.ID)
	}
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return r.store.Commit(ctx, a.ID, desk.Batch{Docs: []desk.Doc{{Kind: desk.AccountDoc, ID: string(a.ID), Version: a.Version, Body: body}}, Kept: kept})
}

func known(err error, id desk.AccountID) error {
	if err != nil {
		return err
	}
	return &desk.Problem{Kind: desk.Conflict, Pointer: "/id", Detail: "there is an account " + string(id) + " already"}
}

func checkAccount(a desk.Account) error {
	if _, err := desk.NewSchema(a); err != nil {
		return err
	}
	if _, err := desk.NewEnv(a); err != nil {
		return err
	}
	for i, k := range a.Keys {
		if err := pass.CheckKey(k); err != nil {
			p := *err.(*desk.Problem)
			p.Pointer = "/keys/" + itoa(i) + p.Pointer
			return &p
		}
	}
	return nil
}

// Accounts lists the accounts there are.
func (r *Registry) Accounts(ctx context.Context) ([]desk.AccountID, error) {
	return r.store.Accounts(ctx)
}

// Delete removes an account with all it has.
func (r *Registry) Delete(ctx context.Context, id desk.AccountID) error {
	r.directory.Sleep(id)
	return r.store.DropAccount(ctx, id)
}

// keyPrefix tells API keys from tokens, and a leaked one from other secrets.
const keyPrefix = "dwk_"

func keyID(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// AddKey makes an API key for the account. Only its digest is kept.
func (r *Registry) AddKey(ctx context.Context, id desk.AccountID, name string) (string, string, error) {
	made, _, err := r.AddKeyOnce(ctx, ingest.Once{}, id, name)
	return made.ID, made.Secret, err
}

func (r *Registry) addKey(ctx context.Context, id desk.AccountID, name, secret string, kept []desk.Kept) error {
	if _, there, err := r.store.Get(ctx, id, desk.AccountDoc, string(id)); err != nil || !there {
		return missing(err, id)
	}
	body, err := json.Marshal(desk.APIKey{Name: name, CreatedAt: desk.TimeOf(time.Now())})
	if err != nil {
		return err
	}
	return r.store.Commit(ctx, id, desk.Batch{Docs: []desk.Doc{{Kind: desk.APIKeyDoc, ID: keyID(secret), Version: 1, Body: body}}, Kept: kept})
}

func missing(err error, id desk.AccountID) error {
	if err != nil {
		return err
	}
	return desk.Problemf(desk.NotFound, "there is no account %s; create it first", id)
}

// Keys lists the account's API keys, without their secrets.
func (r *Registry) Keys(ctx context.Context, id desk.AccountID) (keys []ingest.KeyInfo, err error) {
	err = r.store.Load(ctx, id, desk.APIKeyDoc, func(d desk.Doc) error {
		k := ingest.KeyInfo{ID: d.ID}
		keys = append(keys, k)
		return json.Unmarshal(d.Body, &keys[len(keys)-1].APIKey)
	})
	return keys, err
}

// doors says who comes in, through the API and over the line.
type doors struct {
	store    *sqlite.Store
	operator string
	verifier *pass.Verifier
}

// Operator says whether the bearer is the operator's key.
func (d *doors) Operator(bearer string) bool {
	return subtle.ConstantTimeCompare([]byte(keyID(bearer)), []byte(keyID(d.operator))) == 1
}

// Who says who calls about the account: the operator and the account's own
// keys are its backend, a good token is its agent.
func (d *doors) Who(ctx context.Context, id desk.AccountID, bearer string) (desk.Actor, error) {
	if d.Operator(bearer) {
		return desk.Actor{Kind: desk.ByBackend, ID: "operator"}, nil
	}
	if strings.HasPrefix(bearer, keyPrefix) {
		owner, _, ok, err := d.store.WhoseKey(ctx, keyID(bearer))
		if err == nil && (!ok || owner != id) {
			err = desk.Problemf(desk.Forbidden, "the API key is not one of this account")
		}
		return desk.Actor{Kind: desk.ByBackend, ID: keyID(bearer)[:8]}, err
	}
	p, err := d.verifier.Check(ctx, id, bearer, time.Now())
	return desk.Actor{Kind: desk.ByAgent, ID: string(p.Agent)}, err
}

// Check says whose token it is.
func (d *doors) Check(ctx context.Context, id desk.AccountID, token string, now time.Time) (pass.Pass, error) {
	return d.verifier.Check(ctx, id, token, now)
}

// Origins are the pages that may open a line to the account.
func (d *doors) Origins(ctx context.Context, id desk.AccountID) ([]string, error) {
	a, err := d.account(ctx, id)
	return a.Origins, err
}

func (d *doors) keys(ctx context.Context, id desk.AccountID) ([]desk.Key, error) {
	a, err := d.account(ctx, id)
	return a.Keys, err
}

// account reads the settings from the store: the account need not be awake to
// refuse somebody. An account that is not there has no keys.
func (d *doors) account(ctx context.Context, id desk.AccountID) (a desk.Account, err error) {
	doc, ok, err := d.store.Get(ctx, id, desk.AccountDoc, string(id))
	if err != nil || !ok {
		return a, err
	}
	return a, json.Unmarshal(doc.Body, &a)
}
