package desk

// Status is where a ticket stands, in the order Zendesk gives it (new < closed).
type Status string

const (
	StatusNew     Status = "new"
	StatusOpen    Status = "open"
	StatusPending Status = "pending"
	StatusOnHold  Status = "on_hold"
	StatusSolved  Status = "solved"
	StatusClosed  Status = "closed"
)

// Statuses lists every status in its order.
var Statuses = []Status{StatusNew, StatusOpen, StatusPending, StatusOnHold, StatusSolved, StatusClosed}

// Priority is how urgent a ticket is; the order is low < urgent. Empty is none.
type Priority string

const (
	PriorityLow    Priority = "low"
	PriorityNormal Priority = "normal"
	PriorityHigh   Priority = "high"
	PriorityUrgent Priority = "urgent"
)

// Priorities lists every priority in its order.
var Priorities = []Priority{PriorityLow, PriorityNormal, PriorityHigh, PriorityUrgent}

// A Ticket is one customer's matter. Sets (Tags, Skills, Followers,
// Participants, ReadBy) are sorted and without repeats, see [Ticket.Normalize].
type Ticket struct {
	ID      TicketID `json:"id"`
	Version uint64   `json:"version"` // rises by each accepted change

	Subject     string   `json:"subject"`
	Status      Status   `json:"status"`
	Priority    Priority `json:"priority,omitempty"`
	Channel     string   `json:"channel,omitempty"` // email, chat, sms, voice, ...
	Language    string   `json:"language,omitempty"`
	Via         string   `json:"via,omitempty"`
	Brand       string   `json:"brand,omitempty"`
	Integration string   `json:"integration,omitempty"`

	AssigneeAgent AgentID    `json:"assignee_agent,omitempty"`
	AssigneeTeam  TeamID     `json:"assignee_team,omitempty"`
	Customer      CustomerID `json:"customer,omitempty"`
	// RequesterName is what lists show for the customer; views do not ask for it.
	RequesterName string `json:"requester_name,omitempty"`
	// RequesterOrg is the customer's organization; derived, never written.
	RequesterOrg string `json:"requester_org,omitempty"`

	Tags         []string  `json:"tags,omitempty"`
	Skills       []string  `json:"skills,omitempty"`
	Followers    []AgentID `json:"followers,omitempty"`
	Participants []AgentID `json:"participants,omitempty"`
	// ReadBy are the agents who have read the ticket up to its last message;
	// everybody else has it unread. A new message resets it to its author.
	ReadBy []AgentID `json:"read_by,omitempty"`

	Custom map[string]Value `json:"custom,omitempty"` // by field key, see Account.Fields

	Spam       bool     `json:"spam,omitempty"`
	FromAgent  bool     `json:"from_agent,omitempty"` // the last public message is an agent's
	MergedInto TicketID `json:"merged_into,omitempty"`

	MessageCount int      `json:"message_count"`
	Satisfaction *float64 `json:"satisfaction,omitempty"`

	CreatedAt             Time `json:"created_at,omitzero"`
	UpdatedAt             Time `json:"updated_at,omitzero"`
	OpenedAt              Time `json:"opened_at,omitzero"`
	ClosedAt              Time `json:"closed_at,omitzero"`
	LastMessageAt         Time `json:"last_message_at,omitzero"`
	LastCustomerMessageAt Time `json:"last_customer_message_at,omitzero"`
	LastAgentMessageAt    Time `json:"last_agent_message_at,omitzero"`
	FirstResponseAt       Time `json:"first_response_at,omitzero"`
	AssignedAt            Time `json:"assigned_at,omitzero"`
	WaitingSince          Time `json:"waiting_since,omitzero"`
	SLADueAt              Time `json:"sla_due_at,omitzero"`
	SnoozedUntil          Time `json:"snoozed_until,omitzero"`
	TrashedAt             Time `json:"trashed_at,omitzero"`
}

// A Value is a custom field's value: exactly one of its members is meant, the
// one of the field's type (see [FieldType]).
type Value struct {
	Text   string   `json:"text,omitempty"` // for enum and text
	Number float64  `json:"number,omitempty"`
	Bool   bool     `json:"bool,omitempty"`
	Time   Time     `json:"time,omitzero"`
	Set    []string `json:"set,omitempty"`
}

// MessageKind says who may see a message.
type MessageKind string

const (
	Public MessageKind = "public" // the customer sees it
	Note   MessageKind = "note"   // agents only
	System MessageKind = "system" // what happened, told by the helpdesk
)

// A Message is one entry of a ticket's conversation.
type Message struct {
	ID     MessageID   `json:"id"`
	Ticket TicketID    `json:"ticket"`
	Kind   MessageKind `json:"kind"`
	From   Author      `json:"from"`
	Body   string      `json:"body"`
	At     Time        `json:"at,omitzero"`
	Seq    uint64      `json:"seq"` // its place in the ticket's conversation, from 1
}

// An Author is who wrote a message.
type Author struct {
	Kind AuthorKind `json:"kind"`
	ID   string     `json:"id,omitempty"`
	Name string     `json:"name,omitempty"`
}

// AuthorKind says what sort of author wrote a message.
type AuthorKind string

const (
	FromAgent    AuthorKind = "agent"
	FromCustomer AuthorKind = "customer"
	FromBot      AuthorKind = "bot"
	FromRule     AuthorKind = "rule"
)
