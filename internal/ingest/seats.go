package ingest

import (
	"strconv"
	"sync"

	"github.com/deskwire/deskwire/internal/desk"
)

// How many bulks run at once; a further one is told to come back (F38).
const (
	MaxBulks        = 16 // of all accounts
	MaxAccountBulks = 4  // of one
)

// seats says whose bulks run now. It may be used from any goroutine.
type seats struct {
	mu    sync.Mutex // guards what follows
	taken int
	of    map[desk.AccountID]int
}

// take takes a seat for the account, or says why there is none.
func (s *seats) take(account desk.AccountID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[account] == MaxAccountBulks {
		return full(strconv.Itoa(MaxAccountBulks) + " bulks of this account run already")
	}
	if s.taken == MaxBulks {
		return full(strconv.Itoa(MaxBulks) + " bulks run already")
	}
	if s.of == nil {
		s.of = map[desk.AccountID]int{}
	}
	s.taken++
	s.of[account]++
	return nil
}

func full(detail string) error {
	return &desk.Problem{Kind: desk.Unavailable, RetryAfter: 2000, Detail: detail + "; send yours when one has ended"}
}

// leave gives the seat back.
func (s *seats) leave(account desk.AccountID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
	if s.of[account]--; s.of[account] == 0 {
		delete(s.of, account)
	}
}
