package desk

import "encoding/json"

// A Query asks an account something and changes nothing. It is answered by the
// account's own loop, so the answer belongs to one seq.
type Query interface{ query() }

type (
	// ListTickets asks for a page of a view's tickets as the agent sees it, or
	// of a filter that is not saved. It is answered with a TicketPage.
	ListTickets struct {
		Agent  AgentID         // who looks; empty: the backend, which reads all
		View   ViewID          // or Filter
		Filter json.RawMessage // a condition
		And    json.RawMessage // a further condition, to narrow View down
		Sort   Sort            // zero: the view's
		After  string          // a TicketPage.Next; empty: the first page
		Limit  int             // 1 to MaxPage; 0: DefaultPage
	}
	// CountFilter asks how many tickets a condition holds for the agent, and
	// what the checker says of it. It is answered with a Preview.
	CountFilter struct {
		Agent  AgentID
		Filter json.RawMessage
	}
	// GetTicket asks for a ticket with its conversation: a TicketPage of one is
	// not it; it is answered with a Dossier.
	GetTicket struct {
		Agent AgentID
		ID    TicketID
	}
	// ListCounts asks for the counts of every view the agent sees: []ViewCount.
	ListCounts struct{ Agent AgentID }
	// GetThings asks for everything of one kind: "agents", "teams", "views",
	// "customers"; answered with a slice of it. ID narrows it to one.
	GetThings struct {
		Kind string
		ID   string
		// After and Limit page through customers, by id.
		After string
		Limit int
	}
	// GetAccount asks for the account's settings: an Account.
	GetAccount struct{}
	// GetHealth asks how the account is: a Health.
	GetHealth struct{}
)

func (ListTickets) query() {}
func (CountFilter) query() {}
func (GetTicket) query()   {}
func (ListCounts) query()  {}
func (GetThings) query()   {}
func (GetAccount) query()  {}
func (GetHealth) query()   {}

// Page sizes, in tickets.
const (
	DefaultPage = 50
	MaxPage     = 200
)

// A TicketPage is one page of a list, at one seq.
type TicketPage struct {
	Seq     uint64   `json:"seq"`
	Total   int64    `json:"total"` // the view's whole count at this seq
	Tickets []Ticket `json:"tickets"`
	Next    string   `json:"next,omitempty"` // for After; empty: that was the last
}

// A Preview is what a condition would hold.
type Preview struct {
	Seq      uint64    `json:"seq"`
	Count    int64     `json:"count"`
	Warnings []Warning `json:"warnings,omitempty"`
	Sample   []Ticket  `json:"sample,omitempty"` // the first few by updated_at
}

// A Warning says that a condition that is right is perhaps not meant.
type Warning struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// A Dossier is a ticket with its conversation.
type Dossier struct {
	Seq      uint64    `json:"seq"`
	Ticket   Ticket    `json:"ticket"`
	Messages []Message `json:"messages"`
}

// A ViewCount is one view's count for one agent (VC-2).
type ViewCount struct {
	View  ViewID `json:"view"`
	Scope string `json:"scope"` // who shares it
	Count int64  `json:"count"`
	Exact bool   `json:"exact"` // false: still counting
	AsOf  Time   `json:"as_of"`
	Seq   uint64 `json:"as_of_seq"`
}

// Health is one account's vital signs.
type Health struct {
	Seq      uint64 `json:"seq"`
	Epoch    string `json:"epoch"`
	Tickets  int    `json:"tickets"`
	Counters int    `json:"counters"` // (view, scope) pairs counted now
	Sessions int    `json:"sessions"`
	Timers   int    `json:"timers"`
	Audited  uint64 `json:"audited"` // tickets the audit has recounted since waking
	Drift    uint64 `json:"drift"`   // differences it found; must be 0
	Bytes    int64  `json:"bytes"`   // memory that views need
	Now      Time   `json:"now"`
}
