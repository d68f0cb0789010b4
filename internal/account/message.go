package account

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/deskwire/deskwire/internal/desk"
)

// MaxMessage is the longest message body, in bytes.
const MaxMessage = 128 << 10

func (s *State) addMessage(m desk.Message) (desk.Outcome, error) {
	if err := checkMessage(&m); err != nil {
		return desk.Outcome{}, err
	}
	t, err := s.held(m.Ticket, "/ticket")
	if err != nil {
		return desk.Outcome{}, err
	}
	talk, err := s.messages(m.Ticket)
	if err != nil {
		return desk.Outcome{}, err
	}
	if out, ok, err := sameMessage(talk, &m, &t); ok || err != nil {
		return out, err
	}
	m.Seq = lastSeq(talk) + 1
	if m.ID == "" {
		m.ID = desk.MessageID(string(t.ID) + "." + itoa(m.Seq))
	}
	if m.At == 0 {
		m.At = s.now
	}
	if err := s.writeMessage(m); err != nil {
		return desk.Outcome{}, err
	}
	old := t
	heard(&t, &m)
	t.Normalize()
	t.Version++
	s.derive(&old, &t)
	out := s.saved(&t, false)
	out.ID = string(m.ID)
	return out, nil
}

func checkMessage(m *desk.Message) error {
	switch {
	case !slices.Contains([]desk.MessageKind{desk.Public, desk.Note, desk.System}, m.Kind):
		return desk.Invalidf("/kind", "a message is public, note or system")
	case !slices.Contains([]desk.AuthorKind{desk.FromAgent, desk.FromCustomer, desk.FromBot, desk.FromRule}, m.From.Kind):
		return desk.Invalidf("/from/kind", "a message is from an agent, customer, bot or rule")
	case m.ID != "" && !desk.ValidID(string(m.ID)):
		return desk.Invalidf("/id", "an id is 1 to %d letters, digits or -_.:@+/", desk.MaxIDLength)
	case m.Body == "":
		return desk.Invalidf("/body", "a message has a body")
	case len(m.Body) > MaxMessage:
		return &desk.Problem{Kind: desk.TooLarge, Pointer: "/body", Detail: "a message is at most " + strconv.Itoa(MaxMessage) + " bytes; attach the rest"}
	}
	return nil
}

// sameMessage answers a message whose id is there already.
func sameMessage(talk []desk.Doc, m *desk.Message, t *desk.Ticket) (desk.Outcome, bool, error) {
	if m.ID == "" {
		return desk.Outcome{}, false, nil
	}
	for _, d := range talk {
		was, err := parseMessage(d)
		if err != nil {
			return desk.Outcome{}, false, err
		}
		if was.ID != m.ID {
			continue
		}
		if was.Body == m.Body && was.Kind == m.Kind {
			return desk.Outcome{ID: string(m.ID), Version: t.Version}, true, nil
		}
		return desk.Outcome{}, false, &desk.Problem{Kind: desk.Conflict, Pointer: "/id", Detail: "another message of this ticket has this id"}
	}
	return desk.Outcome{}, false, nil
}

// heard sets what follows for the ticket from a message in it.
func heard(t *desk.Ticket, m *desk.Message) {
	t.UpdatedAt = max(t.UpdatedAt, m.At)
	if m.Kind == desk.System {
		return
	}
	t.MessageCount++
	t.LastMessageAt = max(t.LastMessageAt, m.At)
	t.ReadBy = nil
	if m.From.Kind == desk.FromAgent && m.From.ID != "" {
		t.ReadBy = []desk.AgentID{desk.AgentID(m.From.ID)}
		t.Participants = append(slices.Clone(t.Participants), desk.AgentID(m.From.ID))
	}
	if m.Kind == desk.Public {
		heardPublic(t, m)
	}
}

func heardPublic(t *desk.Ticket, m *desk.Message) {
	t.FromAgent = m.From.Kind != desk.FromCustomer
	if m.From.Kind == desk.FromCustomer {
		t.LastCustomerMessageAt = max(t.LastCustomerMessageAt, m.At)
		if t.WaitingSince == 0 {
			t.WaitingSince = m.At
		}
		if t.Status != desk.StatusNew {
			t.Status = desk.StatusOpen
		}
		t.SnoozedUntil = 0 // a customer who writes wakes his ticket
		return
	}
	if m.From.Kind != desk.FromAgent {
		return
	}
	t.LastAgentMessageAt = max(t.LastAgentMessageAt, m.At)
	if t.FirstResponseAt == 0 {
		t.FirstResponseAt = m.At
	}
	t.WaitingSince = 0
	if t.Status == desk.StatusNew {
		t.Status = desk.StatusOpen
	}
}

func (s *State) writeMessage(m desk.Message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	s.keep(desk.Doc{Kind: desk.MessageDoc, ID: string(m.Ticket), Sub: m.Seq, Version: 1, Body: body})
	if s.tickets[m.Ticket] > 0 {
		s.show(ticketTopic(m.Ticket), messageKey(m.Seq), body)
	}
	return nil
}

func messageKey(seq uint64) string { return "message:" + itoa(seq) }

func parseMessage(d desk.Doc) (m desk.Message, err error) {
	return m, json.Unmarshal(d.Body, &m)
}

func lastSeq(talk []desk.Doc) (seq uint64) {
	for _, d := range talk {
		seq = max(seq, d.Sub)
	}
	return seq
}

// markRead notes that the agent has read the ticket. It is not a change of the
// ticket that others could collide with, so its version stays.
func (s *State) markRead(e desk.MarkRead) (desk.Outcome, error) {
	t, err := s.held(e.Ticket, "/ticket")
	if err != nil {
		return desk.Outcome{}, err
	}
	if slices.Contains(t.ReadBy, e.Agent) {
		return desk.Outcome{ID: string(t.ID), Version: t.Version}, nil
	}
	t.ReadBy = append(slices.Clone(t.ReadBy), e.Agent)
	t.Normalize()
	return s.saved(&t, false), nil
}
