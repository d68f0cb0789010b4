package ingest

import (
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/deskwire/deskwire/internal/desk"
)

const (
	accountsPath = "/v1/accounts"
	accountPath  = "/v1/accounts/{account}"
)

var exampleAccount = desk.Account{ID: "acme", Name: "Acme", Zone: "Europe/Rome", Origins: []string{"https://desk.acme.example"},
	Fields: []desk.FieldDef{{Key: "plan", Name: "Plan", Type: desk.EnumField, Options: []string{"free", "pro"}}}, Version: 1}

func (a *api) accounts() {
	const tag = "Accounts"
	huma.Register(a.huma, a.operation(route{method: "POST", path: accountsPath, id: "create-account", tag: tag, summary: "Create an account",
		detail: "Creating one that is there already is a conflict.",
		door:   forOperator, body: exampleAccount, answer: receipt{ID: "acme", Version: 1, Changed: true, Created: true}}), a.createAccount)
	huma.Register(a.huma, a.operation(route{method: "GET", path: accountsPath, id: "list-accounts", tag: tag, summary: "List the accounts",
		door: forOperator, answer: []desk.AccountID{"acme"}}), a.listAccounts)
	huma.Register(a.huma, a.operation(route{method: "GET", path: accountPath, id: "get-account", tag: tag, summary: "Read the account's settings",
		detail: "Secrets that sign agents' tokens are not told: keys come without their secret.",
		door:   forBackend, answer: exampleAccount}), a.getAccount)
	huma.Register(a.huma, a.operation(route{method: "DELETE", path: accountPath, id: "delete-account", tag: tag, summary: "Delete an account with all it has",
		detail: "Sent again it is done already, with or without an Idempotency-Key.", door: forOperator}), a.deleteAccount)
	a.replaceAccount(tag)
	a.keys(tag)
	a.vitals(tag)
}

func (a *api) createAccount(ctx context.Context, in *struct {
	Keyed
	Document
}) (*written, error) {
	var v desk.Account
	if err := read(in.RawBody, &v); err != nil {
		return nil, refuse(err)
	}
	v.Version = 1
	again, err := a.Registry.CreateOnce(ctx, once(in.Key, "create-account", string(v.ID), string(in.RawBody)), v)
	if err != nil {
		return nil, refuse(err)
	}
	out := answer(desk.Outcome{ID: string(v.ID), Version: 1, Changed: true, Created: true, Again: again})
	return out, nil
}

// once is the key of a write of the registry with the print of its parts. Keys
// are the account's own, whatever they are used for.
func once(key string, parts ...string) Once {
	if key == "" {
		return Once{}
	}
	return Once{Key: httpKey + key, Print: printOf(parts...)}
}

func (a *api) listAccounts(ctx context.Context, _ *struct{}) (*answered[[]desk.AccountID], error) {
	ids, err := a.Registry.Accounts(ctx)
	return &answered[[]desk.AccountID]{append([]desk.AccountID{}, ids...)}, refuse(err)
}

func (a *api) deleteAccount(ctx context.Context, in *struct {
	Whole
	Keyed
}) (*struct{}, error) {
	return nil, refuse(a.Registry.Delete(ctx, desk.AccountID(in.Account)))
}

// getAccount tells the settings without the secrets in them.
func (a *api) getAccount(ctx context.Context, in *Whole) (*answered[desk.Account], error) {
	out, err := ask[desk.Account](ctx, a, in.Account, desk.GetAccount{})
	if err != nil {
		return nil, err
	}
	keys := append([]desk.Key(nil), out.Body.Keys...)
	for i := range keys {
		keys[i].Secret = ""
	}
	out.Body.Keys = keys
	return out, nil
}

// replaceAccount lets what get-account told be sent back: a key of a known id
// that says nothing else keeps its secret.
func (a *api) replaceAccount(tag string) {
	a.putWhole(route{method: "PUT", path: accountPath, id: "put-account", tag: tag, summary: "Replace the account's settings",
		detail: "A key that is sent with a known id and without secret, pem and jwks keeps the secret it has.",
		door:   forBackend, body: exampleAccount},
		func(ctx context.Context, s *sent) (desk.Event, error) {
			var v desk.Account
			err := readNamed(s.body, &v, (*string)(&v.ID), s.account)
			if err == nil {
				err = a.keepSecrets(ctx, &v)
			}
			if err == nil {
				err = a.Registry.Check(v)
			}
			return desk.PutAccount{Account: v}, err
		})
}

// keepSecrets gives keys that come without their secret the one they have. It
// does so for the version it has seen: another in between is stale, so that no
// withdrawn secret comes back.
func (a *api) keepSecrets(ctx context.Context, v *desk.Account) error {
	if !slices.ContainsFunc(v.Keys, bare) {
		return nil
	}
	got, err := a.Asker.Ask(ctx, v.ID, desk.GetAccount{})
	if err != nil {
		return err
	}
	held := got.(desk.Account)
	if v.Version == 0 {
		v.Version = held.Version + 1
	}
	for i := range v.Keys {
		same := func(k desk.Key) bool { return bare(v.Keys[i]) && k.ID == v.Keys[i].ID }
		if at := slices.IndexFunc(held.Keys, same); at >= 0 {
			v.Keys[i].Secret = held.Keys[at].Secret
		}
	}
	return nil
}

// bare says that a key names itself and nothing to check with.
func bare(k desk.Key) bool { return k.ID != "" && k.Secret == "" && k.PEM == "" && k.JWKS == "" }

// newKey asks for an API key.
type newKey struct {
	Name string `json:"name" doc:"What the key is for, up to 100 bytes" example:"production"`
}

// MaxKeyName is the longest name of an API key, in bytes.
const MaxKeyName = 100

func (a *api) keys(tag string) {
	const path = accountPath + "/keys"
	huma.Register(a.huma, a.operation(route{method: "POST", path: path, id: "create-key", tag: tag, summary: "Make an API key",
		detail: "Sent again without an Idempotency-Key, it makes another key.",
		door:   forBackend, body: newKey{"production"}, answer: MadeKey{"5b1e…", "dwk_4N7J…"}}), a.createKey)
	huma.Register(a.huma, a.operation(route{method: "GET", path: path, id: "list-keys", tag: tag, summary: "List the API keys",
		door: forBackend, answer: []KeyInfo{{ID: "5b1e…", APIKey: desk.APIKey{Name: "production", CreatedAt: exampleTime}}}}), a.listKeys)
	huma.Register(a.huma, a.operation(route{method: "DELETE", path: path + "/{id}", id: "delete-key", tag: tag, summary: "Withdraw an API key",
		door: forBackend}), a.dropKey)
}

// replayed is an answer that may be an earlier one.
type replayed[T any] struct {
	Replay string `header:"Idempotent-Replay" doc:"true: an earlier request with this key did it, and this is its answer"`
	Body   T
}

func (a *api) createKey(ctx context.Context, in *struct {
	Whole
	Keyed
	Document
}) (*replayed[MadeKey], error) {
	var v newKey
	err := read(in.RawBody, &v)
	if err == nil && (v.Name == "" || len(v.Name) > MaxKeyName) {
		err = desk.Invalidf("/name", "a key has a name of at most %d bytes", MaxKeyName)
	}
	if err != nil {
		return nil, refuse(err)
	}
	made, again, err := a.Registry.AddKeyOnce(ctx, once(in.Key, "create-key", string(in.RawBody)), desk.AccountID(in.Account), v.Name)
	return &replayed[MadeKey]{replay(again), made}, refuse(err)
}

func replay(again bool) string {
	if again {
		return "true"
	}
	return ""
}

// emptied is an answer without a body that may be an earlier one.
type emptied struct {
	Replay string `header:"Idempotent-Replay" doc:"true: an earlier request with this key did it"`
}

func (a *api) dropKey(ctx context.Context, in *struct {
	Thing
	Keyed
}) (*emptied, error) {
	again, err := a.Registry.DropKeyOnce(ctx, once(in.Key, "delete-key", in.ID), desk.AccountID(in.Account), in.ID)
	return &emptied{replay(again)}, refuse(err)
}

func (a *api) listKeys(ctx context.Context, in *Whole) (*answered[[]KeyInfo], error) {
	keys, err := a.Registry.Keys(ctx, desk.AccountID(in.Account))
	return &answered[[]KeyInfo]{append([]KeyInfo{}, keys...)}, refuse(err)
}

// clock is where a manual clock is to stand.
type clock struct {
	Now desk.Time `json:"now" doc:"The instant, never before the one it stands at"`
}

func (a *api) vitals(tag string) {
	huma.Register(a.huma, a.operation(route{method: "GET", path: accountPath + "/health", id: "get-health", tag: tag,
		summary: "How the account is", detail: "Tickets, counters, sessions, memory, and the audit's drift, which must be 0.", door: forBackend,
		answer: desk.Health{Seq: 4711, Epoch: "W3K7", Tickets: 81234, Counters: 96, Sessions: 42, Timers: 1210, Audited: 905512, Bytes: 18_400_000, Now: exampleTime}}),
		func(ctx context.Context, in *Whole) (*answered[desk.Health], error) {
			return ask[desk.Health](ctx, a, in.Account, desk.GetHealth{})
		})
	a.putWhole(route{method: "POST", path: accountPath + "/clock", id: "set-clock", tag: tag, summary: "Move the account's clock",
		detail: "Only for accounts made with manual_clock: for replays and tests.", door: forBackend, body: clock{exampleTime}},
		func(_ context.Context, s *sent) (desk.Event, error) {
			var v clock
			err := read(s.body, &v)
			if err == nil && v.Now == 0 {
				err = desk.Invalidf("/now", "say where the clock is to stand, such as \"2026-11-24T09:00:00Z\"")
			}
			return desk.SetClock{Now: v.Now}, err
		})
}
