package desk

import "encoding/json"

// ViewKind says whose a view is.
type ViewKind string

const (
	SystemView  ViewKind = "system"  // comes with every account; cannot be changed
	PublicView  ViewKind = "public"  // every agent sees it
	SharedView  ViewKind = "shared"  // the agents and teams of SharedWith
	PrivateView ViewKind = "private" // its owner only
)

// A View is a saved question: which tickets, in which order.
type View struct {
	ID         ViewID          `json:"id"`
	Name       string          `json:"name"`
	Kind       ViewKind        `json:"kind"`
	Owner      AgentID         `json:"owner,omitempty"` // of a private view
	SharedWith Share           `json:"shared_with,omitzero"`
	Filter     json.RawMessage `json:"filter"` // the condition as written, see ParseCondition
	Sort       Sort            `json:"sort,omitzero"`
	Columns    []string        `json:"columns,omitempty"` // at most MaxColumns
	Position   int             `json:"position,omitempty"`
	Version    uint64          `json:"version"`
}

// A Share names who sees a shared view: at most [MaxShares] of each.
type Share struct {
	Agents []AgentID `json:"agents,omitempty"`
	Teams  []TeamID  `json:"teams,omitempty"`
}

// A Sort orders a list: by the field, then by ticket id. Tickets without the
// field come last in both directions (VC-13).
type Sort struct {
	Field string `json:"field,omitempty"` // a time, number, status or priority field; empty: updated_at
	Asc   bool   `json:"asc,omitempty"`
}

// Limits on views.
const (
	MaxViews        = 500 // public and shared ones of an account
	MaxPrivateViews = 20  // of one agent
	MaxShares       = 100 // agents, and teams, of one shared view
	MaxColumns      = 10  // of one view
)
