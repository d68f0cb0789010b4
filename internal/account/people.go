package account

import (
	"cmp"
	"maps"
	"slices"

	"github.com/deskwire/deskwire/internal/desk"
)

// sorted gives the keys of a map in order: what is told in an order must not
// follow the map's.
func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// newer checks a version that is put against the one held: 0 takes the next.
func newer(version *uint64, held uint64) error {
	if *version == 0 {
		*version = held + 1
	}
	if *version <= held {
		return &desk.Problem{Kind: desk.Stale, Pointer: "/version", Current: map[string]uint64{"version": held},
			Detail: "version " + itoa(held) + " is held and is not older; send a higher version, or none"}
	}
	return nil
}

func validID(id string) error {
	if desk.ValidID(id) {
		return nil
	}
	return desk.Invalidf("/id", "an id is 1 to %d letters, digits or -_.:@+/", desk.MaxIDLength)
}

func (s *State) putAccount(a desk.Account) (desk.Outcome, error) {
	if a.ID != s.account.ID {
		return desk.Outcome{}, desk.Invalidf("/id", "the id of an account does not change")
	}
	if a.ManualClock != s.account.ManualClock {
		return desk.Outcome{}, desk.Invalidf("/manual_clock", "manual_clock is chosen when an account is made")
	}
	if err := newer(&a.Version, s.account.Version); err != nil {
		return desk.Outcome{}, err
	}
	if err := s.settle(a); err != nil {
		return desk.Outcome{}, err
	}
	s.recompile()
	s.showAccount()
	return changed(string(a.ID), a.Version, false), s.keepJSON(desk.AccountDoc, string(a.ID), a.Version, a)
}

func changed(id string, version uint64, created bool) desk.Outcome {
	return desk.Outcome{ID: id, Version: version, Changed: true, Created: created}
}

var (
	roles     = []desk.Role{desk.Admin, desk.Lead, desk.Regular, desk.Light, desk.Observer}
	readRules = []desk.ReadRule{desk.ReadAll, desk.ReadMine, desk.ReadMyTeams, desk.ReadTeamsUnassigned, desk.ReadUnassigned}
)

func checkAgent(a *desk.Agent) error {
	if err := validID(string(a.ID)); err != nil {
		return err
	}
	if a.Role == "" {
		a.Role = desk.Regular
	}
	if !slices.Contains(roles, a.Role) {
		return desk.Invalidf("/role", "a role is admin, lead, agent, light or observer")
	}
	for i, r := range a.Reads {
		if !slices.Contains(readRules, r) {
			return desk.Invalidf("/reads/"+itoa(uint64(i)), "a read rule is all, assigned_to_me, my_teams, my_teams_unassigned or unassigned_no_team")
		}
	}
	_, err := desk.NewEnv(desk.Account{ID: "check", Zone: a.Zone})
	return err
}

func (s *State) putAgent(a desk.Agent) (desk.Outcome, error) {
	if err := checkAgent(&a); err != nil {
		return desk.Outcome{}, err
	}
	old, known := s.agents[a.ID]
	held := uint64(0)
	if known {
		held = old.Version
	}
	if err := newer(&a.Version, held); err != nil {
		return desk.Outcome{}, err
	}
	s.agents[a.ID] = &a
	s.showAgent(a.ID)
	s.dirty.people = true
	if !known {
		s.recompile()
	}
	return changed(string(a.ID), a.Version, !known), s.keepJSON(desk.AgentDoc, string(a.ID), a.Version, a)
}

// deleteAgent takes the agent out; his tickets become unassigned, his private
// views go with him.
func (s *State) deleteAgent(id desk.AgentID) (desk.Outcome, error) {
	if s.agents[id] == nil {
		return desk.Outcome{ID: string(id)}, nil
	}
	delete(s.agents, id)
	s.remove(desk.AgentDoc, string(id))
	s.hide("agents", string(id))
	err := s.sweepTickets(s.engine.AssignedTo(id), func(t *desk.Ticket) { t.AssigneeAgent = "" })
	if err != nil {
		return desk.Outcome{}, err
	}
	for _, team := range sorted(s.teams) {
		if err := s.leaveTeam(s.teams[team], id); err != nil {
			return desk.Outcome{}, err
		}
	}
	for _, v := range sorted(s.views) {
		if s.views[v].Kind == desk.PrivateView && s.views[v].Owner == id {
			s.dropView(v)
		}
	}
	s.recompile()
	return desk.Outcome{ID: string(id), Changed: true}, nil
}

func (s *State) leaveTeam(t *desk.Team, id desk.AgentID) error {
	if !slices.Contains(t.Members, id) {
		return nil
	}
	left := *t
	left.Members = slices.DeleteFunc(slices.Clone(t.Members), func(m desk.AgentID) bool { return m == id })
	left.Version++
	s.teams[t.ID] = &left
	s.showTeam(t.ID)
	return s.keepJSON(desk.TeamDoc, string(t.ID), left.Version, left)
}

// sweepTickets changes many tickets in one step.
func (s *State) sweepTickets(ids []desk.TicketID, change func(*desk.Ticket)) error {
	for _, id := range ids {
		old, ok, err := s.ticket(id)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		t := old
		change(&t)
		t.Version++
		s.derive(&old, &t)
		s.saved(&t, false)
	}
	return nil
}

func (s *State) putTeam(t desk.Team) (desk.Outcome, error) {
	if err := validID(string(t.ID)); err != nil {
		return desk.Outcome{}, err
	}
	slices.Sort(t.Members)
	t.Members = slices.Compact(t.Members)
	old, known := s.teams[t.ID]
	held := uint64(0)
	if known {
		held = old.Version
	}
	if err := newer(&t.Version, held); err != nil {
		return desk.Outcome{}, err
	}
	s.teams[t.ID] = &t
	s.showTeam(t.ID)
	s.dirty.people = true
	if !known {
		s.recompile()
	}
	return changed(string(t.ID), t.Version, !known), s.keepJSON(desk.TeamDoc, string(t.ID), t.Version, t)
}

func (s *State) deleteTeam(id desk.TeamID) (desk.Outcome, error) {
	if s.teams[id] == nil {
		return desk.Outcome{ID: string(id)}, nil
	}
	delete(s.teams, id)
	s.remove(desk.TeamDoc, string(id))
	s.hide("teams", string(id))
	err := s.sweepTickets(s.engine.GivenTo(id), func(t *desk.Ticket) { t.AssigneeTeam = "" })
	s.recompile()
	return desk.Outcome{ID: string(id), Changed: true}, err
}

// teamsOf lists the teams of an agent, in order.
func (s *State) teamsOf(id desk.AgentID) (teams []desk.TeamID) {
	for t, team := range s.teams {
		if slices.Contains(team.Members, id) {
			teams = append(teams, t)
		}
	}
	slices.Sort(teams)
	return teams
}

func (s *State) noteCustomer(c *desk.Customer) {
	if c.Organization == "" {
		delete(s.orgs, c.ID)
		return
	}
	s.orgs[c.ID] = c.Organization
}

func (s *State) customer(id desk.CustomerID) (desk.Customer, bool, error) {
	var c desk.Customer
	d, ok, err := s.doc(desk.CustomerDoc, string(id))
	if err != nil || !ok {
		return c, false, err
	}
	return c, true, load(d, func(v *desk.Customer) { c = *v })
}

func (s *State) putCustomer(c desk.Customer) (desk.Outcome, error) {
	if err := validID(string(c.ID)); err != nil {
		return desk.Outcome{}, err
	}
	old, known, err := s.customer(c.ID)
	if err != nil {
		return desk.Outcome{}, err
	}
	if err := newer(&c.Version, old.Version); err != nil {
		return desk.Outcome{}, err
	}
	s.noteCustomer(&c)
	if known && old.Organization != c.Organization {
		err = s.reorganize(c.ID)
	}
	if err != nil {
		return desk.Outcome{}, err
	}
	return changed(string(c.ID), c.Version, !known), s.keepJSON(desk.CustomerDoc, string(c.ID), c.Version, c)
}

// reorganize evaluates all tickets of a customer anew: their organization is
// the customer's (VC-8).
func (s *State) reorganize(id desk.CustomerID) error {
	return s.sweepTickets(s.engine.WrittenBy(id), func(*desk.Ticket) {})
}

func (s *State) mergeCustomers(e desk.MergeCustomers) (desk.Outcome, error) {
	if e.From == e.Into {
		return desk.Outcome{}, desk.Invalidf("/into", "a customer cannot be merged into himself")
	}
	if _, ok, err := s.customer(e.Into); err != nil || !ok {
		return desk.Outcome{}, missing(err, "/into", "there is no customer "+string(e.Into))
	}
	if _, ok, err := s.customer(e.From); err != nil || !ok {
		return desk.Outcome{}, missing(err, "/from", "there is no customer "+string(e.From))
	}
	s.remove(desk.CustomerDoc, string(e.From))
	delete(s.orgs, e.From)
	err := s.sweepTickets(s.engine.WrittenBy(e.From), func(t *desk.Ticket) { t.Customer = e.Into })
	return desk.Outcome{ID: string(e.Into), Changed: true}, err
}

func missing(err error, pointer, detail string) error {
	if err != nil {
		return err
	}
	return &desk.Problem{Kind: desk.NotFound, Pointer: pointer, Detail: detail}
}

func (s *State) deleteCustomer(id desk.CustomerID) (desk.Outcome, error) {
	_, ok, err := s.customer(id)
	if err != nil || !ok {
		return desk.Outcome{ID: string(id)}, err
	}
	s.remove(desk.CustomerDoc, string(id))
	delete(s.orgs, id)
	err = s.sweepTickets(s.engine.WrittenBy(id), func(t *desk.Ticket) { t.Customer = "" })
	return desk.Outcome{ID: string(id), Changed: true}, err
}
