package sim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
)

// Shop draws the simulated helpdesk's tickets and what happens to them. It is
// used by one goroutine.
type Shop struct {
	r    *rand.Rand
	now  desk.Time
	next int
	open []desk.TicketID // in no order
	of   map[desk.TicketID]*matter
}

// matter is what the shop remembers of a ticket that is open.
type matter struct {
	story    *story
	customer desk.Customer
	step     int // messages written
	assignee desk.AgentID
}

// New makes a shop; equal seeds and times make equal shops.
func New(seed uint64, now time.Time) *Shop {
	return &Shop{r: rand.New(rand.NewPCG(seed, 7)), now: desk.TimeOf(now), next: 1001, of: map[desk.TicketID]*matter{}}
}

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

func (s *Shop) customer() desk.Customer {
	n := s.r.IntN(400)
	name := firstNames[n%len(firstNames)] + " " + lastNames[n/len(firstNames)%len(lastNames)]
	c := desk.Customer{ID: desk.CustomerID(fmt.Sprintf("c%d", n)), Name: name}
	if n%9 == 0 {
		c.Organization = lastNames[n%len(lastNames)] + " Ltd"
	}
	return c
}

// ago is a time before now, drawn so that most are near.
func (s *Shop) ago(most time.Duration) desk.Time {
	x := s.r.Float64()
	return s.now - desk.Time(x*x*float64(most.Milliseconds()))
}

// Seed gives the events that furnish an empty account: people, views, and
// tickets with their conversations, most of them done.
func (s *Shop) Seed(tickets, open int) []desk.Event {
	var out []desk.Event
	for _, a := range Agents {
		out = append(out, desk.PutAgent{Agent: a})
	}
	for _, t := range Teams {
		out = append(out, desk.PutTeam{Team: t})
	}
	for _, v := range Views() {
		out = append(out, desk.PutView{View: v})
	}
	for i := range tickets {
		out = append(out, s.past(i < open)...)
	}
	return out
}

// past is a ticket from before, with its conversation.
func (s *Shop) past(open bool) []desk.Event {
	m := &matter{story: &stories[s.r.IntN(len(stories))], customer: s.customer()}
	created := s.ago(45 * 24 * time.Hour)
	if open {
		created = s.ago(20 * time.Hour)
	}
	t := s.ticket(m, created)
	if s.r.IntN(10) > 0 || !open {
		m.assignee = s.member(m.story.team)
		t.AssigneeAgent = m.assignee
	}
	out := []desk.Event{desk.PutCustomer{Customer: m.customer}, desk.PutTicket{Ticket: t}}
	at := created
	turns := 1 + s.r.IntN(2)
	if !open {
		turns = 3
	}
	for range turns {
		out = append(out, s.turn(t.ID, m, at))
		at = min(s.now-1, at+desk.Time(s.r.IntN(5400_000)))
	}
	if !open {
		return append(out, desk.PatchTicket{ID: t.ID, Patch: []byte(fmt.Sprintf(`{"status":%q,"closed_at":%s,"updated_at":%s}`, pick(s.r, []string{"solved", "closed"}), quoted(at), quoted(at)))})
	}
	s.keep(t.ID, m)
	return out
}

func quoted(t desk.Time) string {
	b, _ := t.MarshalJSON()
	return string(b)
}

func (s *Shop) keep(id desk.TicketID, m *matter) {
	s.of[id] = m
	s.open = append(s.open, id)
}

func (s *Shop) member(team desk.TeamID) desk.AgentID {
	for _, t := range Teams {
		if t.ID == team {
			return pick(s.r, t.Members)
		}
	}
	return ""
}

func (s *Shop) ticket(m *matter, created desk.Time) desk.Ticket {
	id := desk.TicketID(fmt.Sprint(s.next))
	s.next++
	t := desk.Ticket{ID: id, Subject: m.story.subject, Status: desk.StatusNew, Customer: m.customer.ID, RequesterName: m.customer.Name, AssigneeTeam: m.story.team,
		Channel: pick(s.r, []string{"email", "email", "email", "chat", "chat", "social"}), Language: pick(s.r, []string{"en", "en", "it", "de"}),
		Priority: pick(s.r, []desk.Priority{"normal", "normal", "normal", "low", "high", "urgent"}),
		Tags:     []string{m.story.tag}, CreatedAt: created, UpdatedAt: created}
	if s.r.IntN(3) == 0 {
		t.Subject += fmt.Sprintf(" (order %d)", 40000+s.r.IntN(9999))
	}
	if s.r.IntN(8) == 0 {
		t.Tags = append(t.Tags, "vip")
	}
	t.SLADueAt = created + desk.Time(time.Duration(2+s.r.IntN(20))*time.Hour/time.Millisecond)
	return t
}

// turn is the next message of the ticket's story.
func (s *Shop) turn(id desk.TicketID, m *matter, at desk.Time) desk.Event {
	customer := desk.Author{Kind: desk.FromCustomer, ID: string(m.customer.ID), Name: m.customer.Name}
	msg := desk.Message{Ticket: id, Kind: desk.Public, From: customer, Body: m.story.opening, At: at}
	switch m.step {
	case 1:
		if m.assignee == "" {
			m.assignee = s.member(m.story.team)
		}
		msg.From, msg.Body = desk.Author{Kind: desk.FromAgent, ID: string(m.assignee)}, m.story.answer
	case 2:
		msg.Body = m.story.thanks
	}
	m.step++
	return desk.AddMessage{Message: msg}
}
