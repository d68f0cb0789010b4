package desk

// A DocKind is what sort of thing a Doc keeps.
type DocKind uint8

const (
	AccountDoc  DocKind = 1 + iota // ID: the account's
	AgentDoc                       // an Agent
	TeamDoc                        // a Team
	CustomerDoc                    // a Customer
	ViewDoc                        // a View
	TicketDoc                      // a Ticket
	MessageDoc                     // a Message; ID: its ticket's, Sub: its Seq
	APIKeyDoc                      // an APIKey; ID: the hex SHA-256 of the secret
)

// A Doc is one thing as the store keeps it: JSON under a kind and an id.
type Doc struct {
	Kind    DocKind
	ID      string
	Sub     uint64 // a message's place in its ticket; otherwise 0
	Version uint64
	Body    []byte // JSON; nil removes the doc (a ticket's messages go with it)
}

// A Batch is what one step of an account makes durable, all or nothing.
type Batch struct {
	Docs []Doc
	Kept []Kept
}

// Kept is the memory of a keyed post: its outcome, for the next post with the
// same key.
type Kept struct {
	Key   string
	Print [16]byte
	At    Time
	Body  []byte // JSON of the Outcome
}

// Answers refuses a request with the key of another: its print is not the kept
// one's.
func (k *Kept) Answers(print [16]byte) error {
	if k.Print == print {
		return nil
	}
	return Problemf(Conflict, "the idempotency key was used for another request; make a new key")
}

// An APIKey lets a backend in.
type APIKey struct {
	Name      string `json:"name"`
	CreatedAt Time   `json:"created_at,omitzero"`
}
