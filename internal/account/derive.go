package account

import (
	"strconv"

	"github.com/deskwire/deskwire/internal/desk"
)

// open says whether work on the ticket is still to be done.
func open(s desk.Status) bool { return s != desk.StatusSolved && s != desk.StatusClosed }

// inherit gives a ticket that is put anew what its writer cannot know or left
// out: what Deskwire keeps of it, and the times that have not moved.
func (s *State) inherit(old, t *desk.Ticket) {
	if t.CreatedAt == 0 {
		t.CreatedAt = old.CreatedAt
	}
	if t.ReadBy == nil {
		t.ReadBy = old.ReadBy
	}
	if t.MessageCount == 0 {
		t.MessageCount = old.MessageCount
	}
	for _, p := range [...][2]*desk.Time{{&t.OpenedAt, &old.OpenedAt}, {&t.AssignedAt, &old.AssignedAt},
		{&t.LastMessageAt, &old.LastMessageAt}, {&t.LastCustomerMessageAt, &old.LastCustomerMessageAt},
		{&t.LastAgentMessageAt, &old.LastAgentMessageAt}, {&t.FirstResponseAt, &old.FirstResponseAt}} {
		if *p[0] == 0 {
			*p[0] = *p[1]
		}
	}
	if t.ClosedAt == 0 && !open(t.Status) {
		t.ClosedAt = old.ClosedAt
	}
	t.RequesterOrg = s.orgs[t.Customer]
}

// derive fills in what follows from the change of a ticket from old, which is
// nil at its creation. A time that the writer set himself stays.
func (s *State) derive(old, t *desk.Ticket) {
	t.RequesterOrg = s.orgs[t.Customer]
	if old == nil {
		s.deriveNew(t)
		return
	}
	if t.UpdatedAt <= old.UpdatedAt {
		t.UpdatedAt = max(s.now, old.UpdatedAt)
	}
	if t.AssigneeAgent != old.AssigneeAgent && t.AssignedAt == old.AssignedAt {
		t.AssignedAt = s.now
		if t.AssigneeAgent == "" {
			t.AssignedAt = 0
		}
	}
	switch {
	case open(old.Status) && !open(t.Status) && t.ClosedAt == old.ClosedAt:
		t.ClosedAt = s.now
	case !open(old.Status) && open(t.Status):
		if t.ClosedAt == old.ClosedAt {
			t.ClosedAt = 0
		}
		if t.OpenedAt == old.OpenedAt {
			t.OpenedAt = s.now
		}
	}
}

func (s *State) deriveNew(t *desk.Ticket) {
	for _, p := range [...]*desk.Time{&t.CreatedAt, &t.UpdatedAt} {
		if *p == 0 {
			*p = s.now
		}
	}
	if t.OpenedAt == 0 {
		t.OpenedAt = t.CreatedAt
	}
	if t.AssigneeAgent != "" && t.AssignedAt == 0 {
		t.AssignedAt = t.UpdatedAt
	}
	if !open(t.Status) && t.ClosedAt == 0 {
		t.ClosedAt = t.UpdatedAt
	}
}

func itoa(n uint64) string { return strconv.FormatUint(n, 10) }
