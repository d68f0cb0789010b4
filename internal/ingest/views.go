package ingest

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/deskwire/deskwire/internal/desk"
)

var exampleFilter = json.RawMessage(`{"op":"and","of":[{"field":"status","is":"in","value":["new","open"]},{"field":"tags","is":"has_any","value":["vip"]}]}`)

// filter is a condition that is not saved.
type filter struct {
	Filter json.RawMessage `json:"filter"`
}

// verdict is what the checker says of a condition.
type verdict struct {
	Filter   *desk.Condition `json:"filter" doc:"The condition in its canonical form"`
	Warnings []desk.Warning  `json:"warnings"`
}

type body struct {
	Caller
	RawBody []byte
}

func (a *api) views() {
	things(a, kind[desk.View]{"views", "a view", desk.View{ID: "vip", Name: "VIP", Kind: desk.PublicView, Filter: exampleFilter, Version: 1},
		func(v *desk.View) *string { return (*string)(&v.ID) },
		func(v desk.View) desk.Event { return desk.PutView{View: v} },
		func(id string) desk.Event { return desk.DeleteView{ID: desk.ViewID(id)} }})
	const base, tag = "/v1/accounts/{account}/", "Views"
	huma.Register(a.huma, a.operation(op{"POST", base + "views/validate", "validate-view", "Check a condition", tag, filter{exampleFilter}, ""}),
		func(ctx context.Context, r *body) (*answered[verdict], error) {
			c, warnings, err := a.parse(ctx, r)
			return &answered[verdict]{verdict{c, append([]desk.Warning{}, warnings...)}}, refuse(err)
		})
	huma.Register(a.huma, a.operation(op{"POST", base + "views/preview", "preview-view", "Count what a condition would hold for who asks", tag, filter{exampleFilter}, ""}),
		func(ctx context.Context, r *body) (*answered[desk.Preview], error) {
			by, err := a.who(ctx, &r.Caller)
			var f filter
			if err == nil {
				err = desk.Decode(r.RawBody, &f)
			}
			if err != nil {
				return nil, refuse(err)
			}
			return ask[desk.Preview](ctx, a, r.Account, desk.CountFilter{Agent: agentOf(by), Filter: f.Filter})
		})
	a.writes(op{"POST", base + "views/{id}/share", "share-view", "Say with whom a shared view is shared", tag, desk.Share{Teams: []desk.TeamID{"billing"}}, ""},
		func(r *Write) (desk.Event, error) {
			var v desk.Share
			err := desk.Decode(r.RawBody, &v)
			return desk.ShareView{ID: desk.ViewID(r.ID), With: v}, err
		})
	a.listRoutes(base, tag)
	a.importRoute(base, tag)
}

func (a *api) parse(ctx context.Context, r *body) (*desk.Condition, []desk.Warning, error) {
	if _, err := a.who(ctx, &r.Caller); err != nil {
		return nil, nil, err
	}
	var f filter
	if err := desk.Decode(r.RawBody, &f); err != nil {
		return nil, nil, err
	}
	schema, err := a.schema(ctx, r.Account)
	if err != nil {
		return nil, nil, err
	}
	return schema.Parse(f.Filter)
}

func (a *api) schema(ctx context.Context, account string) (*desk.Schema, error) {
	v, err := a.Asker.Ask(ctx, desk.AccountID(account), desk.GetAccount{})
	if err != nil {
		return nil, err
	}
	return desk.NewSchema(v.(desk.Account))
}

func (a *api) listRoutes(base, tag string) {
	type list struct {
		Read
		Agent  string `query:"agent" doc:"Who looks, for a backend that asks for an agent"`
		After  string `query:"after" doc:"The next of the page before"`
		Limit  int    `query:"limit" minimum:"0" maximum:"200" doc:"Tickets a page; 0 is 50"`
		Sort   string `query:"sort" doc:"A field to sort by instead of the view's, with a - before it for descending"`
		Filter string `query:"filter" doc:"A further condition as JSON, to narrow the view down"`
	}
	huma.Register(a.huma, a.operation(op{"GET", base + "views/{id}/tickets", "list-tickets", "List a view's tickets, sorted and in pages", tag, nil, ""}),
		func(ctx context.Context, r *list) (*answered[desk.TicketPage], error) {
			by, err := a.who(ctx, &r.Caller)
			if err != nil {
				return nil, refuse(err)
			}
			q := desk.ListTickets{Agent: agentOf(by), View: desk.ViewID(r.ID), After: r.After, Limit: r.Limit}
			if by.Kind == desk.ByBackend {
				q.Agent = desk.AgentID(r.Agent)
			}
			if r.Sort != "" {
				field, desc := strings.CutPrefix(r.Sort, "-")
				q.Sort = desk.Sort{Field: field, Asc: !desc}
			}
			if r.Filter != "" {
				q.And = json.RawMessage(r.Filter)
			}
			return ask[desk.TicketPage](ctx, a, r.Account, q)
		})
	type counts struct {
		Caller
		Agent string `query:"agent" doc:"Who looks, for a backend that asks for an agent"`
	}
	huma.Register(a.huma, a.operation(op{"GET", base + "counts", "list-counts", "Count every view an agent sees", tag, nil, ""}),
		func(ctx context.Context, r *counts) (*answered[[]desk.ViewCount], error) {
			by, err := a.who(ctx, &r.Caller)
			if err != nil {
				return nil, refuse(err)
			}
			agent := agentOf(by)
			if by.Kind == desk.ByBackend {
				agent = desk.AgentID(r.Agent)
			}
			return ask[[]desk.ViewCount](ctx, a, r.Account, desk.ListCounts{Agent: agent})
		})
	huma.Register(a.huma, a.operation(op{"GET", base + "schema", "get-schema", "The fields conditions can be made of", tag, nil, ""}),
		func(ctx context.Context, r *readAll) (*answered[[]desk.FieldSpec], error) {
			if _, err := a.who(ctx, &r.Caller); err != nil {
				return nil, refuse(err)
			}
			schema, err := a.schema(ctx, r.Account)
			if err != nil {
				return nil, refuse(err)
			}
			return &answered[[]desk.FieldSpec]{schema.Fields()}, nil
		})
}

// foreign is a view's condition as another helpdesk writes it.
type foreign struct {
	Zendesk json.RawMessage `json:"zendesk,omitempty"`
	Gorgias string          `json:"gorgias,omitempty"`
}

func (a *api) importRoute(base, tag string) {
	huma.Register(a.huma, a.operation(op{"POST", base + "views/import", "import-view", "Turn a Zendesk or Gorgias condition into ours", tag,
		foreign{Gorgias: "eq(ticket.status, 'open') && eq(ticket.assignee_user.id, '{{current_user.id}}')"}, ""}),
		func(ctx context.Context, r *body) (*answered[verdict], error) {
			var v foreign
			_, err := a.who(ctx, &r.Caller)
			if err == nil {
				err = desk.Decode(r.RawBody, &v)
			}
			if err != nil {
				return nil, refuse(err)
			}
			schema, err := a.schema(ctx, r.Account)
			if err != nil {
				return nil, refuse(err)
			}
			var c *desk.Condition
			if v.Gorgias != "" {
				c, err = desk.ImportGorgias(v.Gorgias, schema)
			} else {
				c, err = desk.ImportZendesk(v.Zendesk, schema)
			}
			return &answered[verdict]{verdict{Filter: c, Warnings: []desk.Warning{}}}, refuse(err)
		})
}
