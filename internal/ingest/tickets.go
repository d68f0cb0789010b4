package ingest

import (
	"context"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/deskwire/deskwire/internal/desk"
)

var exampleTicket = desk.Ticket{ID: "1001", Version: 1, Subject: "Where is my order?", Status: desk.StatusOpen, Priority: desk.PriorityHigh,
	Channel: "email", AssigneeTeam: "billing", Customer: "c1", Tags: []string{"order"}}

func (a *api) tickets() {
	const base, tag = "/v1/accounts/{account}/tickets/{id}", "Tickets"
	a.writes(op{"PUT", base, "put-ticket", "Create or replace a ticket. A version at or below the one held is refused, unless nothing differs", tag, exampleTicket, ""},
		func(r *Write) (desk.Event, error) {
			var t desk.Ticket
			if err := desk.ParseTicket(r.RawBody, &t); err != nil {
				return nil, err
			}
			if t.ID == "" {
				t.ID = desk.TicketID(r.ID)
			}
			if string(t.ID) != r.ID {
				return nil, desk.Invalidf("/id", "the id in the body is not the one in the address; leave it out")
			}
			return desk.PutTicket{Ticket: t}, nil
		})
	a.patchRoute(base, tag)
	a.writes(op{"DELETE", base, "delete-ticket", "Delete a ticket without trace", tag, nil, ""},
		func(r *Write) (desk.Event, error) { return desk.DeleteTicket{ID: desk.TicketID(r.ID)}, nil })
	a.writes(op{"POST", base + "/merge", "merge-tickets", "Merge a ticket into another", tag, into{"1002"}, ""},
		func(r *Write) (desk.Event, error) {
			var v into
			err := decode(r.RawBody, &v, nil, "")
			return desk.MergeTickets{From: desk.TicketID(r.ID), Into: desk.TicketID(v.Into)}, err
		})
	a.writes(op{"POST", base + "/messages", "add-message", "Add a message to the conversation", tag,
		desk.Message{Kind: desk.Public, From: desk.Author{Kind: desk.FromCustomer, ID: "c1"}, Body: "Any news?"}, ""},
		func(r *Write) (desk.Event, error) {
			var m desk.Message
			err := desk.Decode(r.RawBody, &m)
			m.Ticket = desk.TicketID(r.ID)
			return desk.AddMessage{Message: m}, err
		})
	a.writes(op{"POST", base + "/read", "mark-read", "Note that an agent has read the ticket", tag, reader{"ann"}, ""},
		func(r *Write) (desk.Event, error) {
			var v reader
			err := decode(r.RawBody, &v, nil, "")
			return desk.MarkRead{Agent: v.Agent, Ticket: desk.TicketID(r.ID)}, err
		})
	huma.Register(a.huma, a.operation(op{"GET", base, "get-ticket", "Read a ticket with its conversation", tag, nil, ""}),
		func(ctx context.Context, r *Read) (*answered[desk.Dossier], error) {
			by, err := a.who(ctx, &r.Caller)
			if err != nil {
				return nil, refuse(err)
			}
			return ask[desk.Dossier](ctx, a, r.Account, desk.GetTicket{Agent: agentOf(by), ID: desk.TicketID(r.ID)})
		})
}

// reader says who has read a ticket.
type reader struct {
	Agent desk.AgentID `json:"agent"`
}

// agentOf is who looks: an agent, or nobody for the backend.
func agentOf(by desk.Actor) desk.AgentID {
	if by.Kind == desk.ByAgent {
		return desk.AgentID(by.ID)
	}
	return ""
}

func (a *api) patchRoute(base, tag string) {
	type patch struct {
		Write
		IfMatch string `header:"If-Match" doc:"The version the patch was made for; another one held is a conflict"`
	}
	o := op{"PATCH", base, "patch-ticket", "Change fields of a ticket (JSON merge patch), with tags_add and tags_remove", tag,
		map[string]any{"status": "pending", "tags_add": []string{"vip"}}, "application/merge-patch+json"}
	huma.Register(a.huma, a.operation(o), func(ctx context.Context, r *patch) (*written, error) {
		e := desk.PatchTicket{ID: desk.TicketID(r.ID), Patch: r.RawBody}
		if r.IfMatch != "" {
			v, err := strconv.ParseUint(strings.Trim(r.IfMatch, `"`), 10, 64)
			if err != nil {
				return nil, refuse(desk.Invalidf("", "If-Match is the ticket's version, a number"))
			}
			e.IfVersion = v
		}
		return a.post(ctx, &r.Caller, o, r.ID+r.IfMatch, r.Key, r.RawBody, e)
	})
}
