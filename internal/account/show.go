package account

import (
	"encoding/json"
	"slices"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/topic"
)

// show puts an entry of a topic into the next step.
func (s *State) show(name topic.Name, key string, value []byte) {
	s.out.Step.Changes = append(s.out.Step.Changes, topic.Change{Topic: name, Key: key, Value: value})
}

func (s *State) showJSON(name topic.Name, key string, v any) {
	b, _ := json.Marshal(v) // entries are plain data
	s.show(name, key, b)
}

// hide takes an entry out of a topic.
func (s *State) hide(name topic.Name, key string) { s.show(name, key, nil) }

// drop ends a topic. What the step has put into it until now is forgotten; what
// it puts there later begins it anew.
func (s *State) drop(name topic.Name) {
	s.out.Step.Changes = slices.DeleteFunc(s.out.Step.Changes, func(c topic.Change) bool { return c.Topic == name })
	s.out.Step.Drop = append(s.out.Step.Drop, name)
}

func ticketTopic(id desk.TicketID) topic.Name { return topic.Name("ticket:" + string(id)) }
func guideTopic(id desk.SessionID) topic.Name { return topic.Name("session:" + string(id)) }
func viewsTopic(id desk.AgentID) topic.Name   { return topic.Name("views:" + string(id)) }
func meTopic(id desk.AgentID) topic.Name      { return topic.Name("me:" + string(id)) }

// agentEntry is what every agent may know of another.
type agentEntry struct {
	ID       desk.AgentID `json:"id"`
	Name     string       `json:"name"`
	Role     desk.Role    `json:"role"`
	Disabled bool         `json:"disabled,omitempty"`
}

func (s *State) showAgent(id desk.AgentID) {
	a := s.agents[id]
	s.showJSON("agents", string(id), agentEntry{a.ID, a.Name, a.Role, a.Disabled})
	if s.viewers[id] != nil {
		s.showJSON(meTopic(id), "agent", a)
	}
}

func (s *State) showTeam(id desk.TeamID) {
	t := s.teams[id]
	s.showJSON("teams", string(id), struct {
		ID      desk.TeamID    `json:"id"`
		Name    string         `json:"name"`
		Members []desk.AgentID `json:"members"`
	}{t.ID, t.Name, t.Members})
}

// accountEntry is what an agent's screen needs of the account.
type accountEntry struct {
	ID        desk.AccountID `json:"id"`
	Name      string         `json:"name"`
	Zone      string         `json:"zone,omitempty"`
	WeekStart *int           `json:"week_start,omitempty"`
}

func (s *State) accountEntry() accountEntry {
	return accountEntry{s.account.ID, s.account.Name, s.account.Zone, s.account.WeekStart}
}

// fieldEntry is a field as a condition builder offers it.
type fieldEntry struct {
	Key       string          `json:"key"`
	Name      string          `json:"name"`
	Type      desk.FieldType  `json:"type"`
	Options   []string        `json:"options,omitempty"`
	Operators []desk.Operator `json:"operators"`
}

func (s *State) showAccount() {
	for _, f := range s.schema.Fields() {
		s.showJSON("schema", f.Key, fieldEntry{f.Key, f.Name, f.Type, f.Options, f.Operators})
	}
	for id := range s.viewers {
		s.showJSON(meTopic(id), "account", s.accountEntry())
	}
}
