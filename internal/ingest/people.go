package ingest

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/deskwire/deskwire/internal/desk"
)

// kind describes the routes of one kind of thing with an id of its own.
type kind[T any] struct {
	name    string // agents
	one     string // an agent
	example T
	id      func(*T) *string
	put     func(T) desk.Event
	del     func(id string) desk.Event
}

// things registers put, get, list and delete of a kind.
func things[T any](a *api, k kind[T]) {
	const base = "/v1/accounts/{account}/"
	tag := string(k.name[0]-32) + k.name[1:]
	a.writes(op{"PUT", base + k.name + "/{id}", "put-" + k.name, "Create or replace " + k.one, tag, k.example, ""},
		func(r *Write) (desk.Event, error) {
			var v T
			err := decode(r.RawBody, &v, k.id(&v), r.ID)
			return k.put(v), err
		})
	a.writes(op{"DELETE", base + k.name + "/{id}", "delete-" + k.name, "Delete " + k.one, tag, nil, ""},
		func(r *Write) (desk.Event, error) { return k.del(r.ID), nil })
	huma.Register(a.huma, a.operation(op{"GET", base + k.name + "/{id}", "get-" + k.name, "Read " + k.one, tag, nil, ""}),
		func(ctx context.Context, r *Read) (*answered[T], error) {
			if err := a.backend(ctx, &r.Caller); err != nil {
				return nil, refuse(err)
			}
			return first(ask[[]T](ctx, a, r.Account, desk.GetThings{Kind: k.name, ID: r.ID}))
		})
	type page struct {
		Caller
		After string `query:"after" doc:"The last id of the page before (customers only)"`
		Limit int    `query:"limit" minimum:"0" maximum:"200" doc:"How many (customers only)"`
	}
	huma.Register(a.huma, a.operation(op{"GET", base + k.name, "list-" + k.name, "List the " + k.name, tag, nil, ""}),
		func(ctx context.Context, r *page) (*answered[[]T], error) {
			if err := a.backend(ctx, &r.Caller); err != nil {
				return nil, refuse(err)
			}
			return ask[[]T](ctx, a, r.Account, desk.GetThings{Kind: k.name, After: r.After, Limit: r.Limit})
		})
}

func (a *api) people() {
	things(a, kind[desk.Agent]{"agents", "an agent", desk.Agent{ID: "ann", Name: "Ann Lee", Role: desk.Regular},
		func(v *desk.Agent) *string { return (*string)(&v.ID) },
		func(v desk.Agent) desk.Event { return desk.PutAgent{Agent: v} },
		func(id string) desk.Event { return desk.DeleteAgent{ID: desk.AgentID(id)} }})
	things(a, kind[desk.Team]{"teams", "a team", desk.Team{ID: "billing", Name: "Billing", Members: []desk.AgentID{"ann"}},
		func(v *desk.Team) *string { return (*string)(&v.ID) },
		func(v desk.Team) desk.Event { return desk.PutTeam{Team: v} },
		func(id string) desk.Event { return desk.DeleteTeam{ID: desk.TeamID(id)} }})
	things(a, kind[desk.Customer]{"customers", "a customer", desk.Customer{ID: "c1", Name: "Cleo Kern", Organization: "Kern Ltd"},
		func(v *desk.Customer) *string { return (*string)(&v.ID) },
		func(v desk.Customer) desk.Event { return desk.PutCustomer{Customer: v} },
		func(id string) desk.Event { return desk.DeleteCustomer{ID: desk.CustomerID(id)} }})
	a.writes(op{"POST", "/v1/accounts/{account}/customers/{id}/merge", "merge-customers", "Merge a customer into another", "Customers", into{"c2"}, ""},
		func(r *Write) (desk.Event, error) {
			var v into
			err := decode(r.RawBody, &v, nil, "")
			return desk.MergeCustomers{From: desk.CustomerID(r.ID), Into: desk.CustomerID(v.Into)}, err
		})
}

// into names what something is merged into.
type into struct {
	Into string `json:"into"`
}
