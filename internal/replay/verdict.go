package replay

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
)

// A Verdict is what verification found.
type Verdict struct {
	Checkpoints int      `json:"checkpoints"`
	Compared    int      `json:"compared"`    // numbers and lists, held against brute force
	Differences int      `json:"differences"` // of them
	Examples    []string `json:"examples,omitempty"`
}

// String is the last line of a verified replay.
func (v *Verdict) String() string {
	return fmt.Sprintf("verify: %d checkpoints, %d counts compared, %d differences", v.Checkpoints, v.Compared, v.Differences)
}

// maxExamples is how many differences are told in words.
const maxExamples = 20

func (v *Verdict) differ(what ...string) {
	v.Differences += len(what)
	v.Examples = append(v.Examples, what[:min(len(what), maxExamples-min(maxExamples, len(v.Examples)))]...)
}

// Grace is how long the followers may take, from a checkpoint on, to show what
// is right. It is far more
// than a count may take (VC-3): a number that is late but right is seen by the
// delay measured beside it.
const Grace = 5 * time.Second

// listEvery is at how many checkpoints lists are compared once.
const listEvery = 10

// judge verifies. It is used by one goroutine.
type judge struct {
	server  *Server
	seats   []*seat
	env     *desk.Env
	sign    Signer
	verdict Verdict
	slowest time.Duration // that a follower took to be right
}

func newJudge(c *Cast, server *Server, sign Signer) (*judge, error) {
	schema, err := desk.NewSchema(c.Account)
	if err != nil {
		return nil, err
	}
	j := &judge{server: server, sign: sign}
	if j.env, err = desk.NewEnv(c.Account); err != nil {
		return nil, err
	}
	for _, id := range c.Followers {
		i := slices.IndexFunc(c.Agents, func(a desk.Agent) bool { return a.ID == id })
		s, err := seatOf(c.Agents[i], c, schema)
		if err != nil {
			return nil, err
		}
		j.seats = append(j.seats, s)
	}
	return j, nil
}

// sit connects every follower that is not.
func (j *judge) sit(ctx context.Context) error {
	for _, s := range j.seats {
		if err := s.sit(ctx, j.server, j.sign); err != nil {
			return err
		}
	}
	return nil
}

func (j *judge) leave() {
	for _, s := range j.seats {
		s.leave()
	}
}

// check compares what every follower shows with the mirror at the instant;
// seq is the account's after all that was sent.
func (j *judge) check(ctx context.Context, m *Mirror, at desk.Time, seq uint64) error {
	j.verdict.Checkpoints++
	if err := j.sit(ctx); err != nil {
		return err
	}
	began := time.Now()
	oracle := m.oracle(j.env, at)
	wants := make([]map[string]int64, len(j.seats))
	for i, s := range j.seats {
		wants[i] = map[string]int64{}
		for view, q := range s.questions {
			wants[i][string(view)] = int64(oracle.count(q))
		}
	}
	graced, cancel := context.WithTimeout(ctx, Grace)
	defer cancel()
	for i, s := range j.seats {
		if err := j.compare(graced, s, wants[i], seq); err != nil {
			return err
		}
	}
	j.slowest = max(j.slowest, time.Since(began))
	if j.verdict.Checkpoints%listEvery != 0 {
		return nil
	}
	return j.lists(ctx, oracle)
}

func (j *judge) compare(ctx context.Context, s *seat, want map[string]int64, seq uint64) error {
	wrong, err := s.await(ctx, want)
	if err != nil {
		return fmt.Errorf("agent %s: %w", s.agent.ID, err)
	}
	j.verdict.Compared += len(want)
	j.verdict.differ(wrong...)
	j.verdict.differ(s.takeLate()...)
	s.settle(seq, want)
	return nil
}

// lists compares the lists of all views, of each agent in turn, with brute
// force: their totals, and who is in them as far as one page goes (I10, VC-15).
func (j *judge) lists(ctx context.Context, o *Oracle) error {
	s := j.seats[j.verdict.Checkpoints/listEvery%len(j.seats)]
	for view, q := range s.questions {
		page, err := j.server.page(ctx, view, s.agent.ID)
		if err != nil {
			return fmt.Errorf("list view %s: %w", view, err)
		}
		j.verdict.Compared++
		if wrong := differs(page, o.list(q)); wrong != "" {
			j.verdict.differ(fmt.Sprintf("list %s for %s: %s", view, s.agent.ID, wrong))
		}
	}
	return nil
}

// differs compares a page with all that must be listed, sorted.
func differs(page desk.TicketPage, want []string) string {
	if int(page.Total) != len(want) {
		return fmt.Sprintf("%d in all, brute force says %d", page.Total, len(want))
	}
	var got []string
	for _, t := range page.Tickets {
		got = append(got, string(t.ID))
	}
	slices.Sort(got)
	if len(want) <= desk.MaxPage && !slices.Equal(got, want) {
		return fmt.Sprintf("holds %v, brute force says %v", got, want)
	}
	for _, id := range got {
		if _, there := slices.BinarySearch(want, id); !there {
			return fmt.Sprintf("holds %s, which brute force does not", id)
		}
	}
	return ""
}

// finish asks the server's own audit as well.
func (j *judge) finish(ctx context.Context) error {
	for _, s := range j.seats {
		j.verdict.differ(s.takeLate()...)
	}
	h, err := j.server.health(ctx)
	if err != nil {
		return err
	}
	if h.Drift > 0 {
		j.verdict.differ(fmt.Sprintf("the server's audit found a drift of %d", h.Drift))
	}
	return nil
}
