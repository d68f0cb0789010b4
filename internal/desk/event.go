package desk

import "encoding/json"

// An Event is what happens to an account: told by the backend, asked for by an
// agent, or stated by a browser. All enter by the same door, as a [Post].
type Event interface{ event() }

// A Post is an event at the account's door.
type Post struct {
	Actor Actor
	// Key, when set, makes the post idempotent for at least 24 h: a second post
	// with the same key gets the first one's outcome and changes nothing.
	Key string
	// Print tells posts of one key apart: a key that comes back with another
	// print is a Conflict. It is a digest of the request.
	Print [16]byte
	Event Event
}

// An Actor is who caused an event.
type Actor struct {
	Kind ActorKind `json:"kind"`
	ID   string    `json:"id,omitempty"`
}

// ActorKind says what sort of actor caused an event.
type ActorKind string

const (
	ByBackend ActorKind = "backend" // the helpdesk's server, with an API key
	ByAgent   ActorKind = "agent"   // a person; ID is the agent's
	BySystem  ActorKind = "system"  // Deskwire itself
)

// An Outcome is what came of a post that was accepted and is durable.
type Outcome struct {
	Seq     uint64   `json:"seq"`               // the account's seq after it
	ID      string   `json:"id,omitempty"`      // of what was written
	Version uint64   `json:"version,omitempty"` // of what was written
	Changed bool     `json:"changed"`           // false: it already was so
	Created bool     `json:"created,omitempty"`
	Again   bool     `json:"again,omitempty"`   // an earlier post with this key did it
	Results []Result `json:"results,omitempty"` // of a Bulk, one a line
}

// A Result is one line's part of a Bulk.
type Result struct {
	Outcome
	Problem *Problem
}

type (
	// PutAccount replaces the account's settings.
	PutAccount struct{ Account Account }

	// PutAgent creates or replaces an agent.
	PutAgent struct{ Agent Agent }
	// DeleteAgent removes an agent: his tickets become unassigned.
	DeleteAgent struct{ ID AgentID }

	// PutTeam creates or replaces a team with its members.
	PutTeam struct{ Team Team }
	// DeleteTeam removes a team: its tickets lose it.
	DeleteTeam struct{ ID TeamID }

	// PutCustomer creates or replaces a customer.
	PutCustomer struct{ Customer Customer }
	// MergeCustomers moves From's tickets to Into and removes From.
	MergeCustomers struct{ From, Into CustomerID }
	// DeleteCustomer removes a customer; the tickets stay, without one.
	DeleteCustomer struct{ ID CustomerID }

	// PutTicket creates or replaces a ticket. A Version of 0 takes the next one;
	// a Version at or below the one held is Stale unless nothing differs.
	PutTicket struct{ Ticket Ticket }
	// PatchTicket changes the fields named in Patch, a JSON merge patch
	// (RFC 7396) over the ticket, beside tags_add and tags_remove.
	PatchTicket struct {
		ID        TicketID
		IfVersion uint64 // 0: whatever it is
		Patch     json.RawMessage
	}
	// DeleteTicket removes a ticket and its messages without trace.
	DeleteTicket struct{ ID TicketID }
	// MergeTickets closes From as merged into Into; Into gets its messages, the
	// union of tags and followers (VC-9).
	MergeTickets struct{ From, Into TicketID }
	// AddMessage adds to a ticket's conversation and sets what follows from it:
	// times, counts, read marks, and reopens a solved ticket a customer writes to.
	AddMessage struct{ Message Message }
	// MarkRead notes that the agent has read the ticket up to its last message.
	MarkRead struct {
		Agent  AgentID
		Ticket TicketID
	}

	// PutView creates or replaces a view.
	PutView struct{ View View }
	// ShareView says with whom a shared view is shared; a public one becomes shared.
	ShareView struct {
		ID   ViewID
		With Share
	}
	// DeleteView removes a view.
	DeleteView struct{ ID ViewID }

	// Bulk applies events as one step, at most MaxBulk: no reader sees half of
	// it. A refused line does not stop the others.
	Bulk struct{ Events []Event }

	// SetClock moves a ManualClock account to the instant, never back.
	SetClock struct{ Now Time }

	// SessionStated is a browser's document about itself, whole (see Session).
	SessionStated struct{ Session Session }
	// SessionEnded removes a session: Goodbye at once, otherwise a lost line.
	SessionEnded struct {
		ID      SessionID
		Goodbye bool
	}
)

// MaxBulk is the most events one step takes; longer bulks are several steps.
const MaxBulk = 5000

func (PutAccount) event()     {}
func (PutAgent) event()       {}
func (DeleteAgent) event()    {}
func (PutTeam) event()        {}
func (DeleteTeam) event()     {}
func (PutCustomer) event()    {}
func (MergeCustomers) event() {}
func (DeleteCustomer) event() {}
func (PutTicket) event()      {}
func (PatchTicket) event()    {}
func (DeleteTicket) event()   {}
func (MergeTickets) event()   {}
func (AddMessage) event()     {}
func (MarkRead) event()       {}
func (PutView) event()        {}
func (ShareView) event()      {}
func (DeleteView) event()     {}
func (Bulk) event()           {}
func (SetClock) event()       {}
func (SessionStated) event()  {}
func (SessionEnded) event()   {}

// A Session is what one browser connection says about itself, restated whole
// on every connect and change.
type Session struct {
	ID    SessionID
	Agent AgentID
	// Follow are the logical topics wanted: "me", "agents", "teams", "schema",
	// "views", "counts", "list:VIEW", "ticket:ID". What of it the agent may
	// read is decided by the account, now and again whenever rights change.
	Follow []string
}

// MaxFollows is the most logical topics one session may follow.
const MaxFollows = 64
