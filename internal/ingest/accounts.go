package ingest

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/deskwire/deskwire/internal/desk"
)

// Operator is a request only the operator may make.
type Operator struct {
	Bearer string `header:"Authorization" hidden:"true"`
}

func (a *api) operators(bearer string) error {
	token, ok := strings.CutPrefix(bearer, "Bearer ")
	if !ok || !a.Doorman.Operator(token) {
		return unauthorized
	}
	return nil
}

// made answers the creation of a key.
type made struct {
	ID     string `json:"id"`
	Secret string `json:"secret" doc:"Told this once; keep it"`
}

func (a *api) accounts() {
	const tag = "Accounts"
	type create struct {
		Operator
		RawBody []byte
	}
	huma.Register(a.huma, a.operation(op{"POST", "/v1/accounts", "create-account", "Create an account (operator)", tag,
		desk.Account{ID: "acme", Name: "Acme", Zone: "Europe/Rome"}, ""}),
		func(ctx context.Context, r *create) (*written, error) {
			var v desk.Account
			err := a.operators(r.Bearer)
			if err == nil {
				err = desk.Decode(r.RawBody, &v)
			}
			if err == nil {
				v.Version = 1
				err = a.Registry.Create(ctx, v)
			}
			return &written{Status: http.StatusCreated, Body: receipt{ID: string(v.ID), Version: 1, Changed: true, Created: true}}, refuse(err)
		})
	huma.Register(a.huma, a.operation(op{"GET", "/v1/accounts", "list-accounts", "List the accounts (operator)", tag, nil, ""}),
		func(ctx context.Context, r *Operator) (*answered[[]desk.AccountID], error) {
			if err := a.operators(r.Bearer); err != nil {
				return nil, refuse(err)
			}
			ids, err := a.Registry.Accounts(ctx)
			return &answered[[]desk.AccountID]{append([]desk.AccountID{}, ids...)}, refuse(err)
		})
	huma.Register(a.huma, a.operation(op{"GET", "/v1/accounts/{account}", "get-account", "Read the account's settings", tag, nil, ""}),
		func(ctx context.Context, r *readAll) (*answered[desk.Account], error) {
			if err := a.backend(ctx, &r.Caller); err != nil {
				return nil, refuse(err)
			}
			return ask[desk.Account](ctx, a, r.Account, desk.GetAccount{})
		})
	a.writesAll(op{"PUT", "/v1/accounts/{account}", "put-account", "Replace the account's settings", tag, desk.Account{ID: "acme", Name: "Acme", Zone: "Europe/Rome"}, ""},
		func(r *writeAll) (desk.Event, error) {
			var v desk.Account
			id := ""
			err := decode(r.RawBody, &v, &id, "")
			if v.ID == "" {
				v.ID = desk.AccountID(r.Account)
			}
			return desk.PutAccount{Account: v}, err
		})
	type drop struct {
		Caller
	}
	huma.Register(a.huma, a.operation(op{"DELETE", "/v1/accounts/{account}", "delete-account", "Delete an account with all it has (operator)", tag, nil, ""}),
		func(ctx context.Context, r *drop) (*struct{}, error) {
			err := a.operators(r.Bearer)
			if err == nil {
				err = a.Registry.Delete(ctx, desk.AccountID(r.Account))
			}
			return nil, refuse(err)
		})
	a.keys(tag)
	a.vitals(tag)
}

func (a *api) keys(tag string) {
	type name struct {
		Caller
		RawBody []byte
	}
	huma.Register(a.huma, a.operation(op{"POST", "/v1/accounts/{account}/keys", "create-key", "Make an API key", tag, desk.APIKey{Name: "production"}, ""}),
		func(ctx context.Context, r *name) (*answered[made], error) {
			var v desk.APIKey
			err := a.backend(ctx, &r.Caller)
			if err == nil {
				err = desk.Decode(r.RawBody, &v)
			}
			if err != nil {
				return nil, refuse(err)
			}
			id, secret, err := a.Registry.AddKey(ctx, desk.AccountID(r.Account), v.Name)
			return &answered[made]{made{id, secret}}, refuse(err)
		})
	huma.Register(a.huma, a.operation(op{"GET", "/v1/accounts/{account}/keys", "list-keys", "List the API keys", tag, nil, ""}),
		func(ctx context.Context, r *readAll) (*answered[[]KeyInfo], error) {
			if err := a.backend(ctx, &r.Caller); err != nil {
				return nil, refuse(err)
			}
			keys, err := a.Registry.Keys(ctx, desk.AccountID(r.Account))
			return &answered[[]KeyInfo]{append([]KeyInfo{}, keys...)}, refuse(err)
		})
	huma.Register(a.huma, a.operation(op{"DELETE", "/v1/accounts/{account}/keys/{id}", "delete-key", "Withdraw an API key", tag, nil, ""}),
		func(ctx context.Context, r *Read) (*struct{}, error) {
			err := a.backend(ctx, &r.Caller)
			if err == nil {
				err = a.Registry.DropKey(ctx, desk.AccountID(r.Account), r.ID)
			}
			return nil, refuse(err)
		})
}

// clock is where a manual clock is to stand.
type clock struct {
	Now desk.Time `json:"now"`
}

func (a *api) vitals(tag string) {
	huma.Register(a.huma, a.operation(op{"GET", "/v1/accounts/{account}/health", "get-health", "How the account is: tickets, counters, drift", tag, nil, ""}),
		func(ctx context.Context, r *readAll) (*answered[desk.Health], error) {
			if err := a.backend(ctx, &r.Caller); err != nil {
				return nil, refuse(err)
			}
			return ask[desk.Health](ctx, a, r.Account, desk.GetHealth{})
		})
	a.writesAll(op{"POST", "/v1/accounts/{account}/clock", "set-clock", "Move the clock of an account made with manual_clock", tag, clock{}, ""},
		func(r *writeAll) (desk.Event, error) {
			var v clock
			err := decode(r.RawBody, &v, nil, "")
			return desk.SetClock{Now: v.Now}, err
		})
}
