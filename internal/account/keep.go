package account

import (
	"encoding/json"

	"github.com/deskwire/deskwire/internal/desk"
)

// keep writes a doc into the batch; reads see it at once.
func (s *State) keep(d desk.Doc) {
	s.out.Batch.Docs = append(s.out.Batch.Docs, d)
	if d.Kind == desk.MessageDoc {
		s.keepMessage(d)
		return
	}
	s.overlay[docKey{d.Kind, d.ID}] = d
	if d.Kind == desk.TicketDoc && d.Body == nil {
		s.wiped[desk.TicketID(d.ID)] = true
		delete(s.talk, desk.TicketID(d.ID))
	}
}

func (s *State) keepMessage(d desk.Doc) {
	id := desk.TicketID(d.ID)
	s.talk[id] = append(s.talk[id], d)
}

func (s *State) keepJSON(kind desk.DocKind, id string, version uint64, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	s.keep(desk.Doc{Kind: kind, ID: id, Version: version, Body: body})
	return nil
}

func (s *State) remove(kind desk.DocKind, id string) { s.keep(desk.Doc{Kind: kind, ID: id}) }

// doc reads a doc, the newest there is.
func (s *State) doc(kind desk.DocKind, id string) (desk.Doc, bool, error) {
	if d, ok := s.overlay[docKey{kind, id}]; ok {
		return d, d.Body != nil, nil
	}
	return s.shelf.Doc(kind, id)
}

// ticket reads a whole ticket. Views need less of it and hold that themselves.
func (s *State) ticket(id desk.TicketID) (desk.Ticket, bool, error) {
	var t desk.Ticket
	d, ok, err := s.doc(desk.TicketDoc, string(id))
	if err != nil || !ok {
		return t, false, err
	}
	return t, true, desk.ParseTicket(d.Body, &t)
}

// messages reads a ticket's conversation, in its order.
func (s *State) messages(id desk.TicketID) ([]desk.Doc, error) {
	if s.wiped[id] { // deleted since the last Flush, perhaps begun anew
		return s.talk[id], nil
	}
	docs, err := s.shelf.Messages(id)
	if err != nil {
		return nil, err
	}
	return append(docs, s.talk[id]...), nil
}

func (s *State) clearOverlay() {
	s.overlay = map[docKey]desk.Doc{}
	s.talk = map[desk.TicketID][]desk.Doc{}
	s.wiped = map[desk.TicketID]bool{}
	s.kept = map[string]desk.Kept{}
}
