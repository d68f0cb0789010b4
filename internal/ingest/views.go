package ingest

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"github.com/deskwire/deskwire/internal/desk"
)

const (
	viewsPath = accountPath + "/views"
	views     = "Views"
)

var (
	exampleFilter = json.RawMessage(`{"op":"and","of":[{"field":"status","is":"in","value":["new","open"]},{"field":"tags","is":"has_any","value":["vip"]}]}`)
	exampleView   = desk.View{ID: "vip", Name: "VIP", Kind: desk.PublicView, Filter: exampleFilter, Version: 1}
)

func queryEscape(text string) string { return url.QueryEscape(text) }

// filter is a condition that is not saved.
type filter struct {
	Filter json.RawMessage `json:"filter" doc:"The condition"`
}

// verdict is what the checker says of a condition.
type verdict struct {
	Filter   json.RawMessage `json:"filter" doc:"The condition in its canonical form"`
	Warnings []desk.Warning  `json:"warnings" doc:"Parts that are right but perhaps not meant"`
}

func (a *api) views() {
	v := things[desk.View]{"views", "a view", views, exampleView,
		func(v *desk.View) *string { return (*string)(&v.ID) }, putView,
		func(id string) desk.Event { return desk.DeleteView{ID: desk.ViewID(id)} }, "", forAgent}
	addThings(a, v)
	addList(a, v)
	a.put(route{method: "POST", path: viewsPath + "/{id}/share", id: "share-view", tag: views, summary: "Say with whom a view is shared",
		detail: "A public view becomes shared. The whole list is replaced.", door: forAgent,
		body: desk.Share{Agents: []desk.AgentID{"ann"}, Teams: []desk.TeamID{"billing"}}, address: []string{"/id"}, under: "/shared_with"},
		func(s *sent) (desk.Event, error) {
			var v desk.Share
			err := read(s.body, &v)
			return desk.ShareView{ID: desk.ViewID(s.id), With: v}, err
		})
	a.conditions()
	a.lists()
}

// putView takes an agent with a token as the owner of his private view.
func putView(v desk.View, by desk.Actor) desk.Event {
	if v.Kind == desk.PrivateView && v.Owner == "" && by.Kind == desk.ByAgent {
		v.Owner = desk.AgentID(by.ID)
	}
	return desk.PutView{View: v}
}

// conditions are the routes about conditions that are not saved.
func (a *api) conditions() {
	said := verdict{exampleFilter, []desk.Warning{{Pointer: "/filter/of/1", Detail: "no ticket can be both"}}}
	huma.Register(a.huma, a.operation(route{method: "POST", path: viewsPath + "/validate", id: "validate-view", tag: views, summary: "Check a condition",
		detail: "Answers the canonical form and warnings, or a problem that points to what is wrong.", door: forAgent, body: filter{exampleFilter}, answer: said}), a.validate)
	huma.Register(a.huma, a.operation(route{method: "POST", path: viewsPath + "/preview", id: "preview-view", tag: views, summary: "Count what a condition would hold",
		detail: "For the agent who looks. Counts everything: not for polling.", door: forAgent, body: filter{exampleFilter},
		answer: desk.Preview{Seq: 4711, Count: 128, Sample: []desk.Ticket{exampleTicket}}}), a.preview)
	huma.Register(a.huma, a.operation(route{method: "POST", path: viewsPath + "/import", id: "import-view", tag: views, summary: "Turn a Zendesk or Gorgias condition into ours",
		detail: "Nothing is dropped silently: what has no counterpart is a problem that says where.", door: forAgent,
		body:   foreign{Gorgias: "eq(ticket.status, 'open') && containsAny(ticket.tags.name, ['vip'])"},
		answer: verdict{exampleFilter, []desk.Warning{}}}), a.importView)
}

// Question is a request that asks with a document.
type Question struct {
	Whole
	Document
}

func (a *api) validate(ctx context.Context, in *Question) (*answered[verdict], error) {
	var f filter
	if err := read(in.RawBody, &f); err != nil {
		return nil, refuse(err)
	}
	schema, err := a.schema(ctx, in.Account)
	if err != nil {
		return nil, refuse(err)
	}
	c, warnings, err := schema.Parse(orMissing(f.Filter))
	if err != nil {
		return nil, refuse(under("/filter", err))
	}
	return said(c, warnings)
}

// orMissing lets the checker say what is missing, where it should be.
func orMissing(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("null")
	}
	return raw
}

func said(c *desk.Condition, warnings []desk.Warning) (*answered[verdict], error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, refuse(err)
	}
	out := verdict{raw, []desk.Warning{}}
	for _, w := range warnings {
		out.Warnings = append(out.Warnings, desk.Warning{Pointer: "/filter" + w.Pointer, Detail: w.Detail})
	}
	return &answered[verdict]{out}, nil
}

func (a *api) schema(ctx context.Context, account string) (*desk.Schema, error) {
	v, err := a.Asker.Ask(ctx, desk.AccountID(account), desk.GetAccount{})
	if err != nil {
		return nil, err
	}
	return desk.NewSchema(v.(desk.Account))
}

func (a *api) preview(ctx context.Context, in *struct {
	Question
	Looker
}) (*answered[desk.Preview], error) {
	var f filter
	agent, err := onBehalf(actor(ctx), in.Agent)
	if err == nil {
		err = read(in.RawBody, &f)
	}
	if err != nil {
		return nil, refuse(err)
	}
	return ask[desk.Preview](ctx, a, in.Account, desk.CountFilter{Agent: agent, Filter: orMissing(f.Filter)})
}

// foreign is a view's condition as another helpdesk writes it: one of the two.
type foreign struct {
	Zendesk json.RawMessage `json:"zendesk,omitempty" doc:"Zendesk's {\"all\":[…],\"any\":[…]} of {field, operator, value}"`
	Gorgias string          `json:"gorgias,omitempty" doc:"Gorgias' expression" example:"eq(ticket.status, 'open')"`
}

func (a *api) importView(ctx context.Context, in *Question) (*answered[verdict], error) {
	var v foreign
	err := read(in.RawBody, &v)
	if err == nil && (v.Gorgias == "") == (v.Zendesk == nil) {
		err = desk.Invalidf("", "send either zendesk or gorgias")
	}
	if err != nil {
		return nil, refuse(err)
	}
	schema, err := a.schema(ctx, in.Account)
	if err != nil {
		return nil, refuse(err)
	}
	c, err := v.condition(schema)
	if err != nil {
		return nil, refuse(err)
	}
	return said(c, nil)
}

func (v *foreign) condition(s *desk.Schema) (*desk.Condition, error) {
	if v.Gorgias != "" {
		return desk.ImportGorgias(v.Gorgias, s)
	}
	return desk.ImportZendesk(v.Zendesk, s)
}

// under puts the pointer of a problem below a prefix.
func under(prefix string, err error) error {
	switch p := err.(type) {
	case *desk.Problem:
		q := *p
		q.Pointer = prefix + p.Pointer
		return &q
	case *problem:
		q := *p
		q.Pointer = prefix + p.Pointer
		return &q
	}
	return err
}
