package wire

import (
	"bytes"
	"encoding/json"

	"github.com/deskwire/deskwire/internal/desk"
)

// DecodeCommand turns a command of the agent into the event it asks for. What
// is wrong with it is a *desk.Problem.
func DecodeCommand(agent desk.AgentID, kind string, body json.RawMessage) (desk.Event, error) {
	switch kind {
	case "ticket.patch":
		var b struct {
			ID        desk.TicketID   `json:"id"`
			IfVersion uint64          `json:"if_version"`
			Patch     json.RawMessage `json:"patch"`
		}
		err := strict(body, &b)
		return desk.PatchTicket{ID: b.ID, IfVersion: b.IfVersion, Patch: b.Patch}, err
	case "message.add":
		var b struct {
			Ticket desk.TicketID    `json:"ticket"`
			Kind   desk.MessageKind `json:"kind"`
			Body   string           `json:"body"`
		}
		err := strict(body, &b)
		from := desk.Author{Kind: desk.FromAgent, ID: string(agent)}
		return desk.AddMessage{Message: desk.Message{Ticket: b.Ticket, Kind: b.Kind, Body: b.Body, From: from}}, err
	case "ticket.read":
		var b struct {
			Ticket desk.TicketID `json:"ticket"`
		}
		err := strict(body, &b)
		return desk.MarkRead{Agent: agent, Ticket: b.Ticket}, err
	case "ticket.merge":
		var b struct {
			From desk.TicketID `json:"from"`
			Into desk.TicketID `json:"into"`
		}
		err := strict(body, &b)
		return desk.MergeTickets{From: b.From, Into: b.Into}, err
	}
	return decodeViewCommand(kind, body)
}

func decodeViewCommand(kind string, body json.RawMessage) (desk.Event, error) {
	var b struct {
		ID string `json:"id"`
	}
	switch kind {
	case "ticket.delete":
		err := strict(body, &b)
		return desk.DeleteTicket{ID: desk.TicketID(b.ID)}, err
	case "view.delete":
		err := strict(body, &b)
		return desk.DeleteView{ID: desk.ViewID(b.ID)}, err
	case "view.put":
		var v desk.View
		err := strict(body, &v)
		return desk.PutView{View: v}, err
	}
	return nil, desk.Invalidf("/kind", "there is no command %q; PROTOCOL.md lists them", kind)
}

func strict(body json.RawMessage, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return desk.Invalidf("/body", "the body does not fit the command: %s", err)
	}
	if d.More() {
		return desk.Invalidf("/body", "the body is one JSON object")
	}
	return nil
}
