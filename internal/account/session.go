package account

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/topic"
)

// session is one browser connection: what it wants, and what it is led to.
type session struct {
	desk.Session
	leads map[string]string // by logical topic: the entry of its guide topic
	holds map[string]hold   // by logical topic: what it keeps alive
}

// A hold keeps a list or a ticket on the board while somebody follows it, or
// remembers a ticket that somebody would follow if they might read it.
type hold struct {
	list   *list
	ticket desk.TicketID
	wanted desk.TicketID
}

// lead is what a logical topic stands for: concrete topics, or a refusal.
type lead struct {
	Topics  []topic.Name `json:"topics,omitempty"`
	Refused desk.Kind    `json:"refused,omitempty"`
}

func (s *State) stateSession(doc desk.Session) (desk.Outcome, error) {
	if len(doc.Follow) > desk.MaxFollows {
		return desk.Outcome{}, tooMany("/follow", desk.MaxFollows, "topics a session follows")
	}
	if a := s.agents[doc.Agent]; a == nil || a.Disabled {
		return desk.Outcome{}, desk.Problemf(desk.Forbidden, "agent %s is not active in this account", doc.Agent)
	}
	ss := s.sessions[doc.ID]
	if ss == nil {
		ss = &session{leads: map[string]string{}, holds: map[string]hold{}}
		s.sessions[doc.ID] = ss
		s.welcome(doc.Agent)
	} else if ss.Agent != doc.Agent {
		return desk.Outcome{}, desk.Problemf(desk.Conflict, "this session is another agent's")
	}
	ss.Session = doc
	s.dirty.sessions[doc.ID] = true
	return desk.Outcome{Changed: true}, nil
}

func (s *State) endSession(e desk.SessionEnded) (desk.Outcome, error) {
	ss := s.sessions[e.ID]
	if ss == nil {
		return desk.Outcome{}, nil
	}
	for _, logical := range sorted(ss.holds) {
		s.letGo(ss, logical)
	}
	delete(s.sessions, e.ID)
	s.farewell(ss.Agent)
	s.drop(guideTopic(e.ID))
	return desk.Outcome{Changed: true}, nil
}

// guide makes the session's guide topic say what it may read now.
func (s *State) guide(ss *session) error {
	want := map[string]bool{}
	for _, logical := range ss.Follow {
		want[logical] = true
	}
	for _, logical := range sorted(ss.leads) {
		if !want[logical] {
			s.letGo(ss, logical)
			delete(ss.leads, logical)
			s.hide(guideTopic(ss.ID), logical)
		}
	}
	for _, logical := range sorted(want) {
		l, err := s.leadTo(ss, logical)
		if err != nil {
			return err
		}
		s.showLead(ss, logical, l)
	}
	return s.showGuide(ss)
}

func (s *State) showLead(ss *session, logical string, l lead) {
	b, _ := json.Marshal(l) // names and a word
	if ss.leads[logical] == string(b) {
		return
	}
	ss.leads[logical] = string(b)
	s.out.Step.Changes = append(s.out.Step.Changes, topic.Change{Topic: guideTopic(ss.ID), Key: logical, Value: b, Leads: l.Topics})
}

// showGuide makes sure that the guide topic is there even when it leads
// nowhere.
func (s *State) showGuide(ss *session) error {
	if ss.leads[""] == "" {
		ss.leads[""] = "agent"
		s.showJSON(guideTopic(ss.ID), "", map[string]desk.AgentID{"agent": ss.Agent})
	}
	return nil
}

// leadTo decides what the logical topic stands for, for this session's agent,
// now.
func (s *State) leadTo(ss *session, logical string) (lead, error) {
	kind, rest, _ := strings.Cut(logical, ":")
	v := s.viewers[ss.Agent]
	if a := s.agents[ss.Agent]; a == nil || a.Disabled {
		s.letGo(ss, logical)
		return lead{Refused: desk.Forbidden}, nil
	}
	switch kind {
	case "agents", "teams", "schema":
		return lead{Topics: []topic.Name{topic.Name(kind)}}, nil
	case "me":
		return lead{Topics: []topic.Name{meTopic(ss.Agent)}}, nil
	case "views":
		return lead{Topics: []topic.Name{viewsTopic(ss.Agent)}}, nil
	case "counts":
		return lead{Topics: v.countTopics(rest)}, nil
	case "list":
		return s.leadToList(ss, logical, desk.ViewID(rest))
	case "ticket":
		return s.leadToTicket(ss, logical, desk.TicketID(rest))
	}
	return lead{Refused: desk.NotFound}, nil
}

// countTopics are the topics of the viewer's counts, all of them or those of
// one section of the sidebar (VC-16).
func (v *viewer) countTopics(of string) (names []topic.Name) {
	for _, sc := range v.sights {
		if of == "" || strings.HasPrefix(string(sc.key.topic), "counts:"+of+":") {
			names = append(names, sc.key.topic)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (s *State) leadToTicket(ss *session, logical string, id desk.TicketID) (lead, error) {
	t, ok, err := s.ticket(id)
	if err != nil {
		return lead{}, err
	}
	if !ok || !s.reads(s.agents[ss.Agent], &t) {
		s.want(ss, logical, id)
		return lead{Refused: desk.NotFound}, nil
	}
	if ss.holds[logical].wanted != "" {
		s.letGo(ss, logical)
	}
	if ss.holds[logical].ticket == "" {
		if err := s.follow(&t); err != nil {
			return lead{}, err
		}
		ss.holds[logical] = hold{ticket: id}
	}
	return lead{Topics: []topic.Name{ticketTopic(id)}}, nil
}

// want remembers that the session waits for the ticket: to be made, or to become
// its agent's to read.
func (s *State) want(ss *session, logical string, id desk.TicketID) {
	if ss.holds[logical].wanted == id {
		return
	}
	s.letGo(ss, logical)
	s.wanted[id]++
	ss.holds[logical] = hold{wanted: id}
}

// follow puts a ticket with its conversation on the board for its first
// follower.
func (s *State) follow(t *desk.Ticket) error {
	if s.tickets[t.ID]++; s.tickets[t.ID] > 1 {
		return nil
	}
	talk, err := s.messages(t.ID)
	if err != nil {
		return err
	}
	s.show(ticketTopic(t.ID), "ticket", t.AppendJSON(nil))
	for _, d := range talk {
		s.show(ticketTopic(t.ID), messageKey(d.Sub), d.Body)
	}
	return nil
}

// letGo gives up what the session keeps alive for the logical topic.
func (s *State) letGo(ss *session, logical string) {
	h, ok := ss.holds[logical]
	if !ok {
		return
	}
	delete(ss.holds, logical)
	if h.list != nil {
		s.leaveList(h.list)
	}
	if h.wanted != "" {
		if s.wanted[h.wanted]--; s.wanted[h.wanted] == 0 {
			delete(s.wanted, h.wanted)
		}
	}
	if h.ticket == "" {
		return
	}
	if s.tickets[h.ticket]--; s.tickets[h.ticket] == 0 {
		delete(s.tickets, h.ticket)
		s.drop(ticketTopic(h.ticket))
	}
}
