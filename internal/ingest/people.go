package ingest

import (
	"context"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/deskwire/deskwire/internal/desk"
)

// things describes the routes of what has an id of its own.
type things[T any] struct {
	name    string // agents
	one     string // an agent
	tag     string
	example T
	id      func(*T) *string
	put     func(T, desk.Actor) desk.Event
	drop    func(id string) desk.Event
	gone    string // what its deletion does
	writer  door   // who may put and delete
}

func (t *things[T]) path() string { return accountPath + "/" + t.name }

// addThings registers put, delete and get of one thing.
func addThings[T any](a *api, t things[T]) {
	a.put(route{method: "PUT", path: t.path() + "/{id}", id: "put-" + t.name, tag: t.tag, summary: "Create or replace " + t.one,
		detail: "A version at or below the one held is stale; without a version it takes the next.", door: t.writer, body: t.example},
		func(s *sent) (desk.Event, error) {
			var v T
			err := readNamed(s.body, &v, t.id(&v), s.id)
			return t.put(v, s.by), err
		})
	a.drop(route{method: "DELETE", path: t.path() + "/{id}", id: "delete-" + t.name, tag: t.tag, summary: "Delete " + t.one, detail: t.gone,
		door: t.writer}, t.drop)
	huma.Register(a.huma, a.operation(route{method: "GET", path: t.path() + "/{id}", id: "get-" + t.name, tag: t.tag, summary: "Read " + t.one,
		door: forBackend, answer: t.example}),
		func(ctx context.Context, in *Thing) (*answered[T], error) {
			all, err := ask[[]T](ctx, a, in.Account, desk.GetThings{Kind: t.name, ID: in.ID})
			if err != nil {
				return nil, err
			}
			if len(all.Body) == 0 {
				return nil, refuse(desk.Problemf(desk.NotFound, "there is none with the id %s", in.ID))
			}
			return &answered[T]{all.Body[0]}, nil
		})
}

// addList registers the list of all things of a kind.
func addList[T any](a *api, t things[T]) {
	huma.Register(a.huma, a.operation(route{method: "GET", path: t.path(), id: "list-" + t.name, tag: t.tag, summary: "List the " + t.name,
		door: forBackend, answer: []T{t.example}}),
		func(ctx context.Context, in *Whole) (*answered[[]T], error) {
			return ask[[]T](ctx, a, in.Account, desk.GetThings{Kind: t.name})
		})
}

func (a *api) people() {
	agents := things[desk.Agent]{"agents", "an agent", "Agents",
		desk.Agent{ID: "ann", Name: "Ann Lee", Email: "ann@acme.example", Role: desk.Regular, Reads: []desk.ReadRule{desk.ReadAll}, Version: 1},
		func(v *desk.Agent) *string { return (*string)(&v.ID) },
		func(v desk.Agent, _ desk.Actor) desk.Event { return desk.PutAgent{Agent: v} },
		func(id string) desk.Event { return desk.DeleteAgent{ID: desk.AgentID(id)} },
		"The agent's tickets become unassigned; private views go too.", forBackend}
	teams := things[desk.Team]{"teams", "a team", "Teams",
		desk.Team{ID: "billing", Name: "Billing", Members: []desk.AgentID{"ann"}, Version: 1},
		func(v *desk.Team) *string { return (*string)(&v.ID) },
		func(v desk.Team, _ desk.Actor) desk.Event { return desk.PutTeam{Team: v} },
		func(id string) desk.Event { return desk.DeleteTeam{ID: desk.TeamID(id)} },
		"The team's tickets lose it.", forBackend}
	addThings(a, agents)
	addList(a, agents)
	addThings(a, teams)
	addList(a, teams)
	a.customers()
}

func (a *api) customers() {
	customers := things[desk.Customer]{"customers", "a customer", "Customers",
		desk.Customer{ID: "c1", Name: "Cleo Kern", Email: "cleo@kern.example", Organization: "Kern Ltd", VIP: true, Version: 1},
		func(v *desk.Customer) *string { return (*string)(&v.ID) },
		func(v desk.Customer, _ desk.Actor) desk.Event { return desk.PutCustomer{Customer: v} },
		func(id string) desk.Event { return desk.DeleteCustomer{ID: desk.CustomerID(id)} },
		"The tickets stay, without a customer.", forBackend}
	addThings(a, customers)
	huma.Register(a.huma, a.operation(route{method: "GET", path: customers.path(), id: "list-customers", tag: "Customers", summary: "List the customers",
		detail: "In the order of their ids, in pages; the header Link names the next page as long as there may be one.", door: forBackend,
		answer: []desk.Customer{customers.example}}), a.listCustomers)
	a.put(route{method: "POST", path: customers.path() + "/{id}/merge", id: "merge-customers", tag: "Customers", summary: "Merge a customer into another",
		detail: "The customer's tickets become the other's, and the customer goes.", door: forBackend, body: into{"c2"}, address: []string{"/from"}},
		func(s *sent) (desk.Event, error) {
			var v into
			err := read(s.body, &v)
			return desk.MergeCustomers{From: desk.CustomerID(s.id), Into: desk.CustomerID(v.Into)}, err
		})
}

// customerPage is one page of customers.
type customerPage struct {
	Link string `header:"Link" doc:"The next page, as RFC 8288 writes it"`
	Body []desk.Customer
}

func (a *api) listCustomers(ctx context.Context, in *struct {
	Caller
	After string `query:"after" maxLength:"128" doc:"The last id of the page before" example:"c1"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Customers a page"`
}) (*customerPage, error) {
	got, err := ask[[]desk.Customer](ctx, a, in.Account, desk.GetThings{Kind: "customers", After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	page := &customerPage{Body: got.Body}
	if n := len(got.Body); n > 0 && n == in.Limit {
		page.Link = "<?after=" + queryEscape(string(got.Body[n-1].ID)) + "&limit=" + strconv.Itoa(in.Limit) + `>; rel="next"`
	}
	return page, nil
}

// into names what something is merged into.
type into struct {
	Into string `json:"into" doc:"The id of the one that stays" example:"1002"`
}
