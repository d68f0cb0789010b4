package views

import "github.com/deskwire/deskwire/internal/desk"

// AssignedTo lists the tickets assigned to the agent. It looks at every row.
func (e *Engine) AssignedTo(id desk.AgentID) []desk.TicketID {
	return e.withWord(agentWord, string(id))
}

// GivenTo lists the tickets given to the team. It looks at every row.
func (e *Engine) GivenTo(id desk.TeamID) []desk.TicketID { return e.withWord(teamWord, string(id)) }

// WrittenBy lists the customer's tickets. It looks at every row: a customer
// changes seldom, and an index would cost every ticket memory.
func (e *Engine) WrittenBy(id desk.CustomerID) []desk.TicketID {
	return e.find(func(r *row) bool { return string(r.customer) == string(id) })
}

// The places of words in wordKeys.
const (
	agentWord = 6
	teamWord  = 7
)

func (e *Engine) withWord(at int, text string) []desk.TicketID {
	code, known := e.table.words.codes[text]
	if !known {
		return nil
	}
	return e.find(func(r *row) bool { return r.words[at] == code })
}

func (e *Engine) find(wanted func(*row) bool) (ids []desk.TicketID) {
	for o := range e.stands {
		if !e.table.there(ord(o)) {
			continue
		}
		e.row.unpack(e.table.packed(ord(o)))
		if wanted(&e.row) {
			ids = append(ids, desk.TicketID(e.row.id))
		}
	}
	return ids
}
