package ingest

import (
	"bytes"
	"encoding/json"

	"github.com/deskwire/deskwire/internal/desk"
)

// line is one line of a bulk as it is written.
type line struct {
	Op        string          `json:"op"`
	ID        string          `json:"id"`
	IfVersion uint64          `json:"if_version"`
	From      string          `json:"from"`
	Into      string          `json:"into"`
	Now       desk.Time       `json:"now"`
	Patch     json.RawMessage `json:"patch"`
	Ticket    json.RawMessage `json:"ticket"`
	Message   *desk.Message   `json:"message"`
	Agent     *desk.Agent     `json:"agent"`
	Team      *desk.Team      `json:"team"`
	Customer  *desk.Customer  `json:"customer"`
	View      *desk.View      `json:"view"`
}

// putPrefix begins most lines of a big bulk: they are read without looking at
// them twice.
var putPrefix = []byte(`{"op":"ticket.put","ticket":`)

// parseLine turns a line into the event it asks for.
func parseLine(b []byte) (desk.Event, error) {
	if rest, ok := bytes.CutPrefix(b, putPrefix); ok && len(rest) > 0 && rest[len(rest)-1] == '}' {
		var t desk.Ticket
		if err := desk.ParseTicket(rest[:len(rest)-1], &t); err != nil {
			return nil, err
		}
		return desk.PutTicket{Ticket: t}, nil
	}
	var l line
	if err := desk.Decode(b, &l); err != nil {
		return nil, err
	}
	return l.event()
}

func (l *line) event() (desk.Event, error) {
	switch l.Op {
	case "ticket.put":
		var t desk.Ticket
		err := desk.ParseTicket(l.Ticket, &t)
		return desk.PutTicket{Ticket: t}, err
	case "ticket.patch":
		return desk.PatchTicket{ID: desk.TicketID(l.ID), IfVersion: l.IfVersion, Patch: l.Patch}, nil
	case "ticket.delete":
		return desk.DeleteTicket{ID: desk.TicketID(l.ID)}, nil
	case "ticket.merge":
		return desk.MergeTickets{From: desk.TicketID(l.From), Into: desk.TicketID(l.Into)}, nil
	case "customer.merge":
		return desk.MergeCustomers{From: desk.CustomerID(l.From), Into: desk.CustomerID(l.Into)}, nil
	case "customer.delete":
		return desk.DeleteCustomer{ID: desk.CustomerID(l.ID)}, nil
	case "agent.delete":
		return desk.DeleteAgent{ID: desk.AgentID(l.ID)}, nil
	case "team.delete":
		return desk.DeleteTeam{ID: desk.TeamID(l.ID)}, nil
	case "view.delete":
		return desk.DeleteView{ID: desk.ViewID(l.ID)}, nil
	case "clock.set":
		return desk.SetClock{Now: l.Now}, nil
	}
	return l.put()
}

func (l *line) put() (desk.Event, error) {
	switch {
	case l.Op == "message.add" && l.Message != nil:
		return desk.AddMessage{Message: *l.Message}, nil
	case l.Op == "agent.put" && l.Agent != nil:
		return desk.PutAgent{Agent: *l.Agent}, nil
	case l.Op == "team.put" && l.Team != nil:
		return desk.PutTeam{Team: *l.Team}, nil
	case l.Op == "customer.put" && l.Customer != nil:
		return desk.PutCustomer{Customer: *l.Customer}, nil
	case l.Op == "view.put" && l.View != nil:
		return desk.PutView{View: *l.View}, nil
	}
	return nil, desk.Invalidf("/op", "there is no op %q with what it needs beside it; see the docs of bulk", l.Op)
}
