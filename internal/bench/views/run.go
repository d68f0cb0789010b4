package views

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	engine "github.com/deskwire/deskwire/internal/account/views"
	"github.com/deskwire/deskwire/internal/desk"
)

// Options say how big the bench is.
type Options struct {
	Tickets int    // held by both
	Views   int    // recounted by SQL
	Many    int    // views for the matcher against the plain evaluator
	Seed    uint64 // of all that is drawn
	Dir     string // for SQL's file
	Tell    func(format string, args ...any)
}

// Promises, held by Report.OK.
const (
	MaxShare        = 1e-6 // of a recount in SQL, one change
	MinMatcher      = 5    // times cheaper than the plain evaluator
	MaxTicketBytes  = 150  // for what views need
	MaxFirstCount   = 2 * time.Second
	MinTickets      = 1000    // below, there is too little to change
	changes         = 200_000 // measured
	matcherTickets  = 20_000
	matcherChanges  = 2_000 // measured for each matcher, in turns
	matcherTurns    = 5
	sweepAtOnce     = 4000
	maxExamplesTold = 5
)

// A Report is what came of it. Times are in nanoseconds where they say so.
type Report struct {
	OK            bool    `json:"ok"`
	Tickets       int     `json:"tickets"`
	Views         int     `json:"views"`
	ChangeNS      float64 `json:"change_ns"`        // one ticket changed, all views right again
	RecountNS     float64 `json:"sql_recount_ns"`   // all views asked in SQL once
	Share         float64 `json:"change_share"`     // of the two; promised MaxShare
	TicketBytes   float64 `json:"bytes_per_ticket"` // promised MaxTicketBytes
	FirstCountNS  float64 `json:"first_count_ns"`   // a new view over all tickets; promised MaxFirstCount
	Many          int     `json:"many_views"`
	PlainNS       float64 `json:"plain_change_ns"` // at Many views
	BitsNS        float64 `json:"bits_change_ns"`
	Matcher       float64 `json:"matcher_times_cheaper"` // promised MinMatcher
	Compared      int     `json:"counts_compared"`
	Differences   int     `json:"differences"` // between the engine and SQL; promised 0
	BrokenPromise string  `json:"broken_promise,omitempty"`
}

// Run measures.
func Run(ctx context.Context, o Options) (*Report, error) {
	r := rand.New(rand.NewPCG(o.Seed, 1))
	rep := &Report{Tickets: o.Tickets, Views: o.Views, Many: o.Many}
	views, err := drawViews(r, o.Views+1)
	if err != nil {
		return nil, err
	}
	tickets := make([]desk.Ticket, o.Tickets)
	for i := range tickets {
		tickets[i] = draw(r, i)
	}
	if err := rep.againstSQL(ctx, o, r, tickets, views); err != nil {
		return nil, err
	}
	if err := rep.matchers(o, r, tickets[:min(matcherTickets, len(tickets))]); err != nil {
		return nil, err
	}
	rep.judge()
	return rep, ctx.Err()
}

// againstSQL fills both sides, changes tickets in one and recounts in the other.
func (rep *Report) againstSQL(ctx context.Context, o Options, r *rand.Rand, tickets []desk.Ticket, views []view) error {
	e, ids, err := newEngine(engine.Bits, views[:o.Views])
	if err != nil {
		return err
	}
	fill(e, tickets, o.Tell)
	rep.change(e, r, tickets)
	rep.TicketBytes = float64(e.Bytes()) / float64(len(tickets))
	rep.firstCount(e, views[o.Views])
	b, err := openBase(o.Dir)
	if err != nil {
		return err
	}
	defer b.db.Close()
	if err := b.fill(ctx, tickets, every(o.Tell, "SQL holds %d tickets")); err != nil {
		return err
	}
	o.Tell("SQL counts %d views", o.Views)
	counts, took, err := b.recount(ctx, views[:o.Views])
	rep.RecountNS = float64(took)
	for i, n := range counts {
		rep.Compared++
		if got, exact := e.Count(ids[i]); got != n || !exact {
			if rep.Differences++; rep.Differences <= maxExamplesTold {
				o.Tell("differs: %d here, %d in SQL: %s", got, n, views[i].where)
			}
		}
	}
	return err
}

func newEngine(m engine.Maker, views []view) (*engine.Engine, []engine.CounterID, error) {
	env, err := desk.NewEnv(desk.Account{ID: "bench"})
	if err != nil {
		return nil, nil, err
	}
	e := engine.New(env)
	e.Make = m
	e.Tick(now)
	ids := make([]engine.CounterID, len(views))
	for i, v := range views {
		ids[i] = e.Watch(v.condition.Bind(desk.Viewer{}))
	}
	for e.Sweep(sweepAtOnce) {
	}
	return e, ids, nil
}

func fill(e *engine.Engine, tickets []desk.Ticket, tell func(string, ...any)) {
	told := every(tell, "the engine holds %d tickets")
	for i := range tickets {
		e.Put(&tickets[i])
		told(i)
	}
	settle(e)
}

// settle takes what the engine would tell the account.
func settle(e *engine.Engine) {
	e.Changed()
	e.Touched()
}

// every tells about every two seconds.
func every(tell func(string, ...any), format string) func(int) {
	last := time.Now()
	return func(i int) {
		if i%1000 == 0 && time.Since(last) > 2*time.Second {
			last = time.Now()
			tell(format, i)
		}
	}
}

// change changes tickets anywhere and keeps them as they are then.
func (rep *Report) change(e *engine.Engine, r *rand.Rand, tickets []desk.Ticket) {
	at := make([]int, changes)
	for i := range at {
		at[i] = r.IntN(len(tickets))
		redraw(r, &tickets[at[i]])
	}
	began := time.Now()
	for _, i := range at {
		e.Put(&tickets[i])
		settle(e)
	}
	rep.ChangeNS = float64(time.Since(began)) / changes
}

func (rep *Report) firstCount(e *engine.Engine, v view) {
	began := time.Now()
	id := e.Watch(v.condition.Bind(desk.Viewer{}))
	for e.Sweep(sweepAtOnce) {
	}
	rep.FirstCountNS = float64(time.Since(began))
	e.Release(id)
}

// matchers measures both matchers at many views, in turns, so that what else
// the machine does meets both alike.
func (rep *Report) matchers(o Options, r *rand.Rand, tickets []desk.Ticket) error {
	views, err := drawViews(r, o.Many)
	if err != nil {
		return err
	}
	var took [2]time.Duration
	var engines [2]*engine.Engine
	for i, m := range []engine.Maker{engine.Plain, engine.Bits} {
		if engines[i], _, err = newEngine(m, views); err != nil {
			return err
		}
		o.Tell("%d views, matcher %d of 2 takes %d tickets", o.Many, i+1, len(tickets)/10)
		fill(engines[i], tickets[:len(tickets)/10], o.Tell)
	}
	for range matcherTurns {
		for i, e := range engines {
			began := time.Now()
			for n := range matcherChanges / matcherTurns {
				e.Put(&tickets[len(tickets)/2+n])
				settle(e)
			}
			took[i] += time.Since(began)
		}
	}
	rep.PlainNS, rep.BitsNS = float64(took[0])/matcherChanges, float64(took[1])/matcherChanges
	return nil
}

// judge holds the promises.
func (rep *Report) judge() {
	rep.Share, rep.Matcher = rep.ChangeNS/rep.RecountNS, rep.PlainNS/rep.BitsNS
	for _, p := range []struct {
		kept bool
		what string
	}{
		{rep.Differences == 0 && rep.Compared > 0, "the counts are not SQL's"},
		{rep.Share <= MaxShare, fmt.Sprintf("a change costs %.1e of a recount, promised %.0e", rep.Share, MaxShare)},
		{rep.Matcher >= MinMatcher, fmt.Sprintf("the matcher is %.1f times cheaper, promised %d", rep.Matcher, MinMatcher)},
		{rep.TicketBytes <= MaxTicketBytes, fmt.Sprintf("%.0f bytes a ticket, promised %d", rep.TicketBytes, MaxTicketBytes)},
		{rep.FirstCountNS <= float64(MaxFirstCount), fmt.Sprintf("a first count takes %.1f s, promised %s", rep.FirstCountNS/1e9, MaxFirstCount)},
	} {
		if !p.kept && rep.BrokenPromise == "" {
			rep.BrokenPromise = p.what
		}
	}
	rep.OK = rep.BrokenPromise == ""
}
