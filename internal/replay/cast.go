package replay

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/deskwire/deskwire/internal/desk"
)

// A Cast is who and what a log is about.
type Cast struct {
	Account   desk.Account
	Agents    []desk.Agent // by id
	Teams     []desk.Team
	Customers []desk.Customer
	Views     []desk.View
	Followers []desk.AgentID // as whom to look
}

// Cast finds the agents, teams and customers in the log. Two values that give
// one id are an error.
func (m *Mapping) Cast(l *Log, account desk.AccountID) (*Cast, error) {
	c := &Cast{Account: m.Account, Views: m.Views}
	c.Account.ID, c.Account.ManualClock = account, true
	if c.Account.Name == "" {
		c.Account.Name = cmp.Or(m.Name, "Replay")
	}
	c.Account.Fields = m.customFields(m.options(l))
	ids := ids{}
	if err := c.addPeople(m, l, ids); err != nil {
		return nil, err
	}
	for _, value := range m.Follow {
		id := desk.AgentID(ID(value))
		if !slices.ContainsFunc(c.Agents, func(a desk.Agent) bool { return a.ID == id }) {
			return nil, desk.Invalidf("/follow", "nobody in the log is %q", value)
		}
		c.Followers = append(c.Followers, id)
	}
	return c, nil
}

// ids remembers which value gave which id.
type ids map[string]string

func (i ids) of(kind, value string) (string, error) {
	id := ID(value)
	was, known := i[kind+id]
	if known && was != value {
		return "", fmt.Errorf("the %ss %q and %q would both have the id %s; rename one in the log", kind, was, value, id)
	}
	i[kind+id] = value
	return id, nil
}

func (c *Cast) addPeople(m *Mapping, l *Log, ids ids) error {
	acts := map[string]map[string]int{} // of each actor, by team
	teams, customers := map[string]bool{}, map[string]bool{}
	team, customer := m.field("assignee_team"), m.field("customer")
	for i := range l.Events {
		e := &l.Events[i]
		if v := team.value(l, e); v != "" {
			teams[v] = true
		}
		if v := customer.value(l, e); v != "" {
			customers[v] = true
		}
		if e.Actor != "" {
			if acts[e.Actor] == nil {
				acts[e.Actor] = map[string]int{}
			}
			acts[e.Actor][team.value(l, e)]++
		}
		if _, err := ids.of("case", e.Case); err != nil {
			return err
		}
	}
	for _, v := range slices.Sorted(maps.Keys(customers)) {
		id, err := ids.of("customer", v)
		if err != nil {
			return err
		}
		c.Customers = append(c.Customers, desk.Customer{ID: desk.CustomerID(id), Name: v})
	}
	if err := c.addAgents(m, acts, ids); err != nil {
		return err
	}
	return c.addTeams(m, slices.Sorted(maps.Keys(teams)), acts, ids)
}

func (c *Cast) addAgents(m *Mapping, acts map[string]map[string]int, ids ids) error {
	for _, v := range slices.Sorted(maps.Keys(acts)) {
		id, err := ids.of("agent", v)
		if err != nil {
			return err
		}
		a := m.Agents[v]
		a.ID, a.Name, a.Role = desk.AgentID(id), cmp.Or(a.Name, v), cmp.Or(a.Role, desk.Regular)
		c.Agents = append(c.Agents, a)
	}
	return nil
}

// addTeams makes each agent a member of the teams that had a good share of
// what he did.
func (c *Cast) addTeams(m *Mapping, teams []string, acts map[string]map[string]int, ids ids) error {
	share := cmp.Or(m.MemberShare, DefaultMemberShare)
	for _, v := range teams {
		id, err := ids.of("team", v)
		if err != nil {
			return err
		}
		t := desk.Team{ID: desk.TeamID(id), Name: v, Members: []desk.AgentID{}}
		for _, actor := range slices.Sorted(maps.Keys(acts)) {
			all := 0
			for _, n := range acts[actor] {
				all += n
			}
			if float64(acts[actor][v]) >= share*float64(all) && acts[actor][v] > 0 {
				t.Members = append(t.Members, desk.AgentID(ID(actor)))
			}
		}
		c.Teams = append(c.Teams, t)
	}
	return nil
}

// field finds the map that fills a ticket field; one that is not there fills
// nothing.
func (m *Mapping) field(key string) FieldMap {
	for _, f := range m.Fields {
		if f.Field == key {
			return f
		}
	}
	return FieldMap{}
}

// value is what the row has for the field, translated.
func (f FieldMap) value(l *Log, e *Event) string {
	v := l.Value(e, f.Column)
	if to, ok := f.Values[v]; ok {
		return to
	}
	return v
}

// maxOptions is how many values a column may have to be offered as a choice.
const maxOptions = 100

// options lists what the enum fields' columns hold.
func (m *Mapping) options(l *Log) map[string][]string {
	out := map[string][]string{}
	for _, def := range m.customFields(nil) {
		f := m.field("custom." + def.Key)
		if def.Type != desk.EnumField {
			continue
		}
		seen := map[string]bool{}
		for i := range l.Events {
			if v := f.value(l, &l.Events[i]); v != "" {
				seen[v] = true
			}
		}
		if len(seen) <= maxOptions {
			out[def.Key] = slices.Sorted(maps.Keys(seen))
		}
	}
	return out
}
