package ingest

import (
	"bytes"
	"context"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/deskwire/deskwire/internal/desk"
)

const (
	ticketPath = accountPath + "/tickets/{id}"
	tickets    = "Tickets"
)

// exampleTime is 2026-11-24T09:00:00Z.
const exampleTime desk.Time = 1795510800000

var (
	exampleTicket = desk.Ticket{ID: "1001", Version: 1, Subject: "Where is my order?", Status: desk.StatusOpen, Priority: desk.PriorityHigh,
		Channel: "email", AssigneeTeam: "billing", Customer: "c1", Tags: []string{"order"}, CreatedAt: exampleTime, UpdatedAt: exampleTime}
	exampleMessage = desk.Message{Kind: desk.Public, From: desk.Author{Kind: desk.FromCustomer, ID: "c1"}, Body: "Any news?"}
)

// ticketShape is what a ticket may hold, patchShape what a change of one may.
var (
	ticketShape = shapeOf(reflect.TypeFor[desk.Ticket]())
	patchShape  = shapeOf(reflect.TypeFor[struct {
		desk.Ticket
		TagsAdd    []string `json:"tags_add"`
		TagsRemove []string `json:"tags_remove"`
	}]())
)

func (a *api) tickets() {
	a.putIfMatch(route{method: "PUT", path: ticketPath, id: "put-ticket", tag: tickets, summary: "Create or replace a ticket",
		detail: "Send your own version and a late delivery can do no harm: a version at or below the one held is stale, unless nothing differs. " +
			"Without one the ticket takes the next. With If-Match it is put as the version behind the one named, so a newer one held is stale.",
		door: forBackend, body: exampleTicket}, putTicket)
	a.putIfMatch(route{method: "PATCH", path: ticketPath, id: "patch-ticket", tag: tickets, summary: "Change fields of a ticket",
		detail: "A JSON merge patch (RFC 7396): fields named are set, null removes. tags_add and tags_remove change single tags, so that two agents' tags merge. " +
			"id, version, requester_org, read_by, merged_into and message_count follow from elsewhere and cannot be patched.",
		door: forAgent, body: map[string]any{"status": "pending", "assignee_agent": "ann", "tags_add": []string{"vip"}}, format: "application/merge-patch+json",
		address: []string{"/id", "/ticket", "/if_version"}, under: "/patch"}, patchTicket)
	a.drop(route{method: "DELETE", path: ticketPath, id: "delete-ticket", tag: tickets, summary: "Delete a ticket with its messages, without trace",
		detail: "To put one into the trash, set trashed_at with PATCH.", door: forAgent, address: []string{"/ticket"}},
		func(id string) desk.Event { return desk.DeleteTicket{ID: desk.TicketID(id)} })
	a.put(route{method: "POST", path: ticketPath + "/merge", id: "merge-tickets", tag: tickets, summary: "Merge a ticket into another",
		detail: "The ticket is closed as merged; the other gets its messages, and the union of tags and followers.",
		door:   forAgent, body: into{"1002"}, address: []string{"/from", "/ticket"}},
		func(s *sent) (desk.Event, error) {
			var v into
			err := read(s.body, &v)
			return desk.MergeTickets{From: desk.TicketID(s.id), Into: desk.TicketID(v.Into)}, err
		})
	huma.Register(a.huma, a.operation(route{method: "GET", path: ticketPath, id: "get-ticket", tag: tickets, summary: "Read a ticket with its conversation",
		door: forAgent, answer: desk.Dossier{Seq: 4711, Ticket: exampleTicket, Messages: []desk.Message{exampleTold()}}}), a.getTicket)
	a.talk()
}

func exampleTold() desk.Message {
	m := exampleMessage
	m.ID, m.Ticket, m.At, m.Seq = "1001.1", "1001", exampleTime, 1
	return m
}

// putTicket gives a ticket the version behind the one its writer has seen, if
// he says which: one that came in between is then not older.
func putTicket(s *sent) (desk.Event, error) {
	seen, err := versionOf(s.ifMatch)
	if err != nil {
		return nil, err
	}
	var e desk.PutTicket
	if err = check(s.body, ticketShape); err == nil {
		err = desk.ParseTicket(s.body, &e.Ticket)
	}
	if err == nil {
		err = named((*string)(&e.Ticket.ID), s.id)
	}
	if err != nil || seen == 0 {
		return e, err
	}
	if e.Ticket.Version != 0 && e.Ticket.Version != seen+1 {
		return nil, desk.Invalidf("/version", "with If-Match the version is the next one, %d; leave it out", seen+1)
	}
	e.Ticket.Version = seen + 1
	return e, nil
}

func patchTicket(s *sent) (desk.Event, error) {
	seen, err := versionOf(s.ifMatch)
	if err == nil {
		err = check(s.body, patchShape)
	}
	// The body goes back to its pool when the handler ends, the event may not.
	return desk.PatchTicket{ID: desk.TicketID(s.id), IfVersion: seen, Patch: bytes.Clone(s.body)}, err
}

// told answers a question about one ticket.
type told struct {
	ETag string `header:"ETag" doc:"The ticket's version, for If-Match"`
	Body desk.Dossier
}

func (a *api) getTicket(ctx context.Context, in *Thing) (*told, error) {
	agent, err := onBehalf(actor(ctx), "")
	if err != nil {
		return nil, refuse(err)
	}
	d, err := ask[desk.Dossier](ctx, a, in.Account, desk.GetTicket{Agent: agent, ID: desk.TicketID(in.ID)})
	if err != nil {
		return nil, err
	}
	return &told{etag(d.Body.Ticket.Version), d.Body}, nil
}

// reader says who has read a ticket.
type reader struct {
	Agent desk.AgentID `json:"agent,omitempty" doc:"Who has read it; with an agent's token it is he" example:"ann"`
}

func (a *api) talk() {
	a.put(route{method: "POST", path: ticketPath + "/messages", id: "add-message", tag: tickets, summary: "Add a message to the conversation",
		detail: "Sets the ticket's times and counts, and opens a solved ticket that a customer writes to. With an id of your own, or an Idempotency-Key, it can be sent again.",
		door:   forAgent, body: exampleMessage, example: map[string]any{"kind": desk.Public, "from": exampleMessage.From, "body": exampleMessage.Body}, address: []string{"/ticket"}}, addMessage)
	a.put(route{method: "POST", path: ticketPath + "/read", id: "mark-read", tag: tickets, summary: "Note that an agent has read the ticket",
		door: forAgent, body: reader{"ann"}, address: []string{"/ticket"}},
		func(s *sent) (desk.Event, error) {
			var v reader
			if err := read(s.body, &v); err != nil {
				return nil, err
			}
			if v.Agent == "" && s.by.Kind == desk.ByAgent {
				v.Agent = desk.AgentID(s.by.ID)
			}
			return desk.MarkRead{Agent: v.Agent, Ticket: desk.TicketID(s.id)}, nil
		})
}

// addMessage takes an agent with a token as the author unless it is said.
func addMessage(s *sent) (desk.Event, error) {
	var m desk.Message
	if err := read(s.body, &m); err != nil {
		return nil, err
	}
	if m.Ticket != "" && string(m.Ticket) != s.id {
		return nil, desk.Invalidf("/ticket", "the ticket in the body is not the one in the address; leave it out")
	}
	m.Ticket = desk.TicketID(s.id)
	if m.From == (desk.Author{}) && s.by.Kind == desk.ByAgent {
		m.From = desk.Author{Kind: desk.FromAgent, ID: s.by.ID}
	}
	return desk.AddMessage{Message: m}, nil
}
