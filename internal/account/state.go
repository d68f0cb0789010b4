package account

import (
	"encoding/json"

	"github.com/deskwire/deskwire/internal/account/views"
	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/topic"
)

// A Shelf reads what was made durable earlier. The state reads through it what
// it does not hold in memory: whole tickets, messages, customers, outcomes.
type Shelf interface {
	Doc(kind desk.DocKind, id string) (desk.Doc, bool, error)
	Messages(ticket desk.TicketID) ([]desk.Doc, error)
	Outcome(key string) (desk.Kept, bool, error)
	// Docs gives up to limit docs of the kind with ids after the one given.
	Docs(kind desk.DocKind, after string, limit int) ([]desk.Doc, error)
}

// Changes is what some steps did: Batch first has to be durable, then Step may
// be written to the board.
type Changes struct {
	Batch desk.Batch
	Step  topic.Step
}

// State is one account's live state. It has no clock, goroutine or lock; it is
// used by one goroutine. A step that fails for an error other than a
// *desk.Problem leaves it undefined: load it anew.
type State struct {
	account desk.Account
	schema  *desk.Schema
	env     *desk.Env
	now     desk.Time
	seq     uint64
	shelf   Shelf

	agents map[desk.AgentID]*desk.Agent
	teams  map[desk.TeamID]*desk.Team
	orgs   map[desk.CustomerID]string // of the customers that have one
	views  map[desk.ViewID]*view
	engine *views.Engine

	viewers  map[desk.AgentID]*viewer
	scoped   map[scopedKey]*scoped
	counted  map[views.CounterID][]*scoped
	lists    map[topic.Name]*list
	tickets  map[desk.TicketID]int // followed, by how many sessions
	wanted   map[desk.TicketID]int // by how many sessions that may not read them, or for which they are not there
	sessions map[desk.SessionID]*session
	asked    []*question

	dirty   dirty
	overlay map[docKey]desk.Doc          // written since the last Flush, or not yet durable
	talk    map[desk.TicketID][]desk.Doc // messages added since the last Flush
	wiped   map[desk.TicketID]bool       // tickets deleted since the last Flush
	kept    map[string]desk.Kept
	out     Changes
}

// dirty is what the steps since the last Flush make due.
type dirty struct {
	people   bool // agents, teams, views or the account: sights and leads
	sessions map[desk.SessionID]bool
	tickets  map[desk.TicketID]bool // the followed and the wanted ones that changed
}

type docKey struct {
	kind desk.DocKind
	id   string
}

// NewState is the state of an account that has nothing yet but its settings.
func NewState(a desk.Account, shelf Shelf) (*State, error) {
	s := &State{shelf: shelf, agents: map[desk.AgentID]*desk.Agent{}, teams: map[desk.TeamID]*desk.Team{},
		orgs: map[desk.CustomerID]string{}, views: map[desk.ViewID]*view{}, viewers: map[desk.AgentID]*viewer{},
		scoped: map[scopedKey]*scoped{}, counted: map[views.CounterID][]*scoped{}, lists: map[topic.Name]*list{},
		tickets: map[desk.TicketID]int{}, wanted: map[desk.TicketID]int{}, sessions: map[desk.SessionID]*session{}}
	s.clearOverlay()
	s.dirty.clear()
	if err := s.settle(a); err != nil {
		return nil, err
	}
	for _, v := range desk.SystemViews() {
		s.views[v.ID] = s.compile(v)
	}
	s.showAccount()
	return s, nil
}

func (d *dirty) clear() {
	*d = dirty{sessions: map[desk.SessionID]bool{}, tickets: map[desk.TicketID]bool{}}
}

// settle takes the account's settings: schema, zone and calendars follow.
func (s *State) settle(a desk.Account) error {
	schema, err := desk.NewSchema(a)
	if err != nil {
		return err
	}
	env, err := desk.NewEnv(a)
	if err != nil {
		return err
	}
	s.account, s.schema, s.env = a, schema, env
	if s.engine == nil {
		s.engine = views.New(env)
	} else {
		s.engine.SetEnv(env)
	}
	return nil
}

// Load takes one durable doc into a state that is being built: the account's
// first, then agents, teams, customers, tickets and views, in that order.
func (s *State) Load(d desk.Doc) error {
	switch d.Kind {
	case desk.AccountDoc:
		if d.ID == clockDoc {
			return load(d, func(t *desk.Time) { s.advance(*t) })
		}
	case desk.AgentDoc:
		return load(d, func(a *desk.Agent) { s.agents[a.ID] = a; s.showAgent(a.ID) })
	case desk.TeamDoc:
		return load(d, func(t *desk.Team) { s.teams[t.ID] = t; s.showTeam(t.ID) })
	case desk.CustomerDoc:
		return load(d, s.noteCustomer)
	case desk.ViewDoc:
		return load(d, func(v *desk.View) { s.views[v.ID] = s.compile(*v) })
	case desk.TicketDoc:
		var t desk.Ticket
		if err := desk.ParseTicket(d.Body, &t); err != nil {
			return err
		}
		s.engine.Put(&t)
	}
	return nil
}

func load[T any](d desk.Doc, take func(*T)) error {
	v := new(T)
	if err := json.Unmarshal(d.Body, v); err != nil {
		return err
	}
	take(v)
	return nil
}

// Step does what the post asks for, at the instant now. An error that is a
// *desk.Problem refuses it and changes nothing. The changes are in the next
// Flush.
func (s *State) Step(now desk.Time, p desk.Post) (desk.Outcome, error) {
	s.Tick(now)
	if p.Key != "" {
		if out, again, err := s.remembered(p); again || err != nil {
			return out, err
		}
	}
	out, err := s.apply(p.Actor, p.Event)
	if err != nil {
		return desk.Outcome{}, err
	}
	if out.Changed {
		s.seq++
	}
	out.Seq = s.seq
	if p.Key != "" {
		return out, s.remember(p, out)
	}
	return out, nil
}

// Tick moves time on. The account's clock never goes back.
func (s *State) Tick(now desk.Time) {
	if s.account.ManualClock {
		return
	}
	s.advance(now)
}

func (s *State) advance(now desk.Time) {
	s.now = max(s.now, now)
	s.engine.Tick(s.now)
	s.retire()
}

// Due is when Tick has something to do next.
func (s *State) Due() desk.Time {
	if s.account.ManualClock {
		return desk.Never
	}
	return min(s.engine.Due(), s.retireDue())
}

// remembered answers a post whose key was answered before.
func (s *State) remembered(p desk.Post) (desk.Outcome, bool, error) {
	k, ok := s.kept[p.Key]
	if !ok {
		var err error
		if k, ok, err = s.shelf.Outcome(p.Key); err != nil || !ok {
			return desk.Outcome{}, false, err
		}
	}
	if err := k.Answers(p.Print); err != nil {
		return desk.Outcome{}, false, err
	}
	var out desk.Outcome
	if err := json.Unmarshal(k.Body, &out); err != nil {
		return out, false, err
	}
	out.Again = true
	return out, true, nil
}

func (s *State) remember(p desk.Post, out desk.Outcome) error {
	body, err := json.Marshal(out)
	if err != nil {
		return err
	}
	k := desk.Kept{Key: p.Key, Print: p.Print, At: s.now, Body: body}
	s.kept[p.Key] = k
	s.out.Batch.Kept = append(s.out.Batch.Kept, k)
	return nil
}

// apply sorts the event to its rule.
func (s *State) apply(by desk.Actor, e desk.Event) (desk.Outcome, error) {
	if err := s.allowed(by, e); err != nil {
		return desk.Outcome{}, err
	}
	switch e := e.(type) {
	case desk.Bulk:
		return s.bulk(by, e)
	case desk.PutTicket:
		return s.putTicket(e.Ticket)
	case desk.PatchTicket:
		return s.patchTicket(e)
	case desk.DeleteTicket:
		return s.deleteTicket(e.ID)
	case desk.MergeTickets:
		return s.mergeTickets(e)
	case desk.AddMessage:
		return s.addMessage(e.Message)
	case desk.MarkRead:
		return s.markRead(e)
	case desk.SessionStated:
		return s.stateSession(e.Session)
	case desk.SessionEnded:
		return s.endSession(e)
	case desk.SetClock:
		return s.setClock(e)
	}
	return s.applyPeople(e)
}

func (s *State) applyPeople(e desk.Event) (desk.Outcome, error) {
	switch e := e.(type) {
	case desk.PutAccount:
		return s.putAccount(e.Account)
	case desk.PutAgent:
		return s.putAgent(e.Agent)
	case desk.DeleteAgent:
		return s.deleteAgent(e.ID)
	case desk.PutTeam:
		return s.putTeam(e.Team)
	case desk.DeleteTeam:
		return s.deleteTeam(e.ID)
	case desk.PutCustomer:
		return s.putCustomer(e.Customer)
	case desk.MergeCustomers:
		return s.mergeCustomers(e)
	case desk.DeleteCustomer:
		return s.deleteCustomer(e.ID)
	case desk.PutView:
		return s.putView(e.View)
	case desk.ShareView:
		return s.shareView(e)
	case desk.DeleteView:
		return s.deleteView(e.ID)
	}
	return desk.Outcome{}, desk.Problemf(desk.Invalid, "this account knows no event of that kind")
}

// bulk does each event; one that is refused does not stop the others. The
// whole is one step: nothing is shown before the last.
func (s *State) bulk(by desk.Actor, b desk.Bulk) (desk.Outcome, error) {
	if len(b.Events) > desk.MaxBulk {
		return desk.Outcome{}, desk.Problemf(desk.TooLarge, "one step takes at most %d events; send several", desk.MaxBulk)
	}
	out := desk.Outcome{Results: make([]desk.Result, len(b.Events))}
	for i, e := range b.Events {
		r, err := s.apply(by, e)
		if err != nil {
			problem, ok := err.(*desk.Problem)
			if !ok {
				return out, err
			}
			out.Results[i].Problem = problem
			continue
		}
		r.Seq = s.seq + 1
		out.Results[i].Outcome = r
		out.Changed = out.Changed || r.Changed
	}
	return out, nil
}

// clockDoc keeps where a manual clock stands; no account can have this id.
const clockDoc = "~clock"

func (s *State) setClock(e desk.SetClock) (desk.Outcome, error) {
	if !s.account.ManualClock {
		return desk.Outcome{}, desk.Problemf(desk.Conflict, "this account goes by the server's clock; only an account made with manual_clock can be set")
	}
	if e.Now < s.now {
		return desk.Outcome{}, desk.Problemf(desk.Stale, "the account's clock stands at %s and does not go back", s.now)
	}
	s.advance(e.Now)
	return desk.Outcome{Changed: true}, s.keepJSON(desk.AccountDoc, clockDoc, 0, s.now)
}
