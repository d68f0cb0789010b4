package ingest

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/deskwire/deskwire/internal/desk"
)

// Looker is a request that asks for an agent.
type Looker struct {
	Agent string `query:"agent" maxLength:"128" doc:"Who looks, for a backend that asks for an agent; without, the backend looks itself and sees all. With an agent's token it is he" example:"ann"`
}

var exampleCount = desk.ViewCount{View: "vip", Scope: "all", Count: 128, Exact: true, AsOf: exampleTime, Seq: 4711}

// lists are the routes that read what views hold.
func (a *api) lists() {
	huma.Register(a.huma, a.operation(route{method: "GET", path: viewsPath + "/{id}/tickets", id: "list-tickets", tag: views, summary: "List a view's tickets",
		detail: "Sorted, in pages. Total is the view's count at the same seq.", door: forAgent,
		answer: desk.TicketPage{Seq: 4711, Total: 128, Tickets: []desk.Ticket{exampleTicket}, Next: "eyJ2Ijo…"}}), a.listTickets)
	huma.Register(a.huma, a.operation(route{method: "GET", path: accountPath + "/counts", id: "list-counts", tag: views, summary: "Count every view an agent sees",
		detail: "What the agent's screen shows now. Screens are told; do not poll this.", door: forAgent, answer: []desk.ViewCount{exampleCount}}), a.listCounts)
	huma.Register(a.huma, a.operation(route{method: "GET", path: viewsPath + "/{id}/count", id: "count-view", tag: views, summary: "Count one view",
		door: forAgent, answer: exampleCount}), a.countView)
	huma.Register(a.huma, a.operation(route{method: "GET", path: accountPath + "/schema", id: "get-schema", tag: views, summary: "The fields conditions are made of",
		detail: "The built-in fields and the account's own, each with its operators.", door: forAgent,
		answer: []field{{Key: "status", Name: "Status", Type: desk.EnumField, Options: []string{"new", "open", "pending", "on_hold", "solved", "closed"}, Ordered: true,
			Operators: []desk.Operator{desk.Is, desk.IsNot, desk.In, desk.NotIn, desk.Empty, desk.NotEmpty, desk.Lt, desk.Gt}}}}), a.getSchema)
}

func (a *api) listTickets(ctx context.Context, in *struct {
	Thing
	Looker
	After  string `query:"after" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Tickets a page"`
	Sort   string `query:"sort" maxLength:"100" doc:"A field to sort by instead of the view's; with a - before it, newest or highest first" example:"-updated_at"`
	Filter string `query:"filter" doc:"A further condition, as JSON, to narrow the view down"`
}) (*answered[desk.TicketPage], error) {
	agent, err := onBehalf(actor(ctx), in.Agent)
	if err == nil && in.Filter != "" {
		err = under("/filter", check([]byte(in.Filter), nil))
	}
	if err != nil {
		return nil, refuse(err)
	}
	q := desk.ListTickets{Agent: agent, View: desk.ViewID(in.ID), After: in.After, Limit: in.Limit}
	if in.Sort != "" {
		name, down := strings.CutPrefix(in.Sort, "-")
		q.Sort = desk.Sort{Field: name, Asc: !down}
	}
	if in.Filter != "" {
		q.And = json.RawMessage(in.Filter)
	}
	return ask[desk.TicketPage](ctx, a, in.Account, q)
}

// askCounts counts every view of who looks; a count is always somebody's.
func (a *api) askCounts(ctx context.Context, account, named string) ([]desk.ViewCount, error) {
	agent, err := onBehalf(actor(ctx), named)
	if err == nil && agent == "" {
		err = desk.Invalidf("", "say for which agent to count, as ?agent=")
	}
	if err != nil {
		return nil, refuse(err)
	}
	counts, err := ask[[]desk.ViewCount](ctx, a, account, desk.ListCounts{Agent: agent})
	if err != nil {
		return nil, err
	}
	return counts.Body, nil
}

func (a *api) listCounts(ctx context.Context, in *struct {
	Whole
	Looker
}) (*answered[[]desk.ViewCount], error) {
	counts, err := a.askCounts(ctx, in.Account, in.Agent)
	return &answered[[]desk.ViewCount]{counts}, err
}

func (a *api) countView(ctx context.Context, in *struct {
	Thing
	Looker
}) (*answered[desk.ViewCount], error) {
	counts, err := a.askCounts(ctx, in.Account, in.Agent)
	if err != nil {
		return nil, err
	}
	for _, c := range counts {
		if string(c.View) == in.ID {
			return &answered[desk.ViewCount]{c}, nil
		}
	}
	return nil, refuse(desk.Problemf(desk.NotFound, "the agent sees no view %s", in.ID))
}

// field is what conditions can ask of a ticket.
type field struct {
	Key       string          `json:"key" doc:"As conditions name it" example:"status"`
	Name      string          `json:"name" doc:"As people read it" example:"Status"`
	Type      desk.FieldType  `json:"type" enum:"enum,ref,set,text,number,bool,time"`
	Custom    bool            `json:"custom,omitempty" doc:"true: one of the account's own"`
	Options   []string        `json:"options,omitempty" doc:"The only values; without, any"`
	Ordered   bool            `json:"ordered,omitempty" doc:"true: the options have an order, for lt and gt"`
	Operators []desk.Operator `json:"operators"`
}

func (a *api) getSchema(ctx context.Context, in *Whole) (*answered[[]field], error) {
	schema, err := a.schema(ctx, in.Account)
	if err != nil {
		return nil, refuse(err)
	}
	out := []field{}
	for _, f := range schema.Fields() {
		out = append(out, field{f.Key, f.Name, f.Type, f.Custom, f.Options, f.Ordered != nil, f.Operators})
	}
	return &answered[[]field]{out}, nil
}
