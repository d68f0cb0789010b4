package replay

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
)

// Options say how to replay.
type Options struct {
	URL     string // of the server, http://host:port
	Key     string // the operator's
	Account desk.AccountID
	Secret  string // HS256, with which Sign signs
	Sign    Signer
	// Speed is how many times faster than the log the replay goes; 0 is as fast
	// as it can.
	Speed float64
	// Checkpoints is at how many instants to verify; 0 does not verify.
	Checkpoints int
	Seed        uint64         // of the instants
	Progress    func(Progress) // called about every two seconds; may be nil
	now         func() time.Time
}

// Progress is how far a replay is.
type Progress struct {
	Events, All int
	At          desk.Time     // of the log
	Took        time.Duration // so far
	Speed       float64       // times the log's
	Checkpoints int
	Differences int
}

// A Report is what a replay came to.
type Report struct {
	OK       bool     `json:"ok"`
	Events   int      `json:"events"`
	Tickets  int      `json:"tickets"`
	Seconds  float64  `json:"seconds"`
	Rate     float64  `json:"events_per_second"`
	Speed    float64  `json:"speed"`           // times the log's own
	Slowest  float64  `json:"slowest_seconds"` // that followers took to be right at a checkpoint
	Verified *Verdict `json:"verify,omitempty"`
}

// maxLines is how many lines a bulk has at most: small enough that followers
// see the log move.
const maxLines = 500

// player plays one log.
type player struct {
	opts    Options
	log     *Log
	server  *Server
	reader  *reader
	mirror  *Mirror
	judge   *judge // nil: does not verify
	batch   batch
	next    int       // event
	clock   desk.Time // where the account's stands, the batch included
	seq     uint64
	began   time.Time
	told    time.Time // of the last progress
	instant []desk.Time
}

// Play makes an account, plays the log into it, and verifies as it goes. An
// error is a fault of the log, the server or the line between; differences
// are in the report.
func Play(ctx context.Context, l *Log, m *Mapping, o Options) (*Report, error) {
	if len(l.Events) == 0 {
		return nil, fmt.Errorf("the log has no events")
	}
	if o.now == nil {
		o.now = time.Now
	}
	cast, err := m.Cast(l, o.Account)
	if err != nil {
		return nil, err
	}
	cast.Account.Keys = []desk.Key{{ID: "replay", Secret: o.Secret}}
	p := &player{opts: o, log: l, reader: newReader(l, m), mirror: NewMirror(),
		server: &Server{url: o.URL, key: o.Key, account: o.Account, http: &http.Client{}, run: fmt.Sprintf("replay-%s-%d", o.Account, o.now().UnixNano())}}
	if err := p.furnish(ctx, cast); err != nil {
		return nil, fmt.Errorf("furnish account %s: %w", o.Account, err)
	}
	if o.Checkpoints > 0 {
		if err := p.seat(ctx, cast); err != nil {
			return nil, err
		}
		defer p.judge.leave()
	}
	p.began, p.told = o.now(), o.now()
	if err := p.play(ctx); err != nil {
		return nil, err
	}
	return p.report(), nil
}

// furnish makes the account with its people and views, at the log's first
// instant.
func (p *player) furnish(ctx context.Context, c *Cast) error {
	if err := p.server.create(ctx, c.Account); err != nil {
		return err
	}
	from, _ := p.log.Span()
	lines := []map[string]any{{"op": "clock.set", "now": from}}
	for _, a := range c.Agents {
		lines = append(lines, map[string]any{"op": "agent.put", "agent": a})
	}
	for _, t := range c.Teams {
		lines = append(lines, map[string]any{"op": "team.put", "team": t})
	}
	for _, k := range c.Customers {
		lines = append(lines, map[string]any{"op": "customer.put", "customer": k})
	}
	for _, v := range c.Views {
		lines = append(lines, map[string]any{"op": "view.put", "view": v})
	}
	for _, line := range lines {
		if err := p.add(ctx, line); err != nil {
			return err
		}
	}
	p.clock = from
	return p.flush(ctx)
}

// seat brings the followers in and draws the instants at which to look.
func (p *player) seat(ctx context.Context, c *Cast) (err error) {
	if len(c.Followers) == 0 {
		return fmt.Errorf("the mapping names nobody in follow, so there is nobody to look; name some actors")
	}
	if p.judge, err = newJudge(c, p.server, p.opts.Sign); err != nil {
		return err
	}
	p.instant = instants(p.log, p.opts.Checkpoints, p.opts.Seed)
	return p.judge.sit(ctx)
}

// after is how long behind the last event the last checkpoint lies: what time
// alone does to the tickets is seen as well.
const after = 8 * 24 * time.Hour

// instants draws where to look: half of them at an event, half somewhere
// between two events, where only time has done something; and one long after
// the last.
func instants(l *Log, n int, seed uint64) []desk.Time {
	r := rand.New(rand.NewPCG(seed, 3))
	_, end := l.Span()
	all := []desk.Time{end.Add(after)}
	for len(all) < n {
		i := r.IntN(len(l.Events))
		at := l.Events[i].At
		if i+1 < len(l.Events) && r.IntN(2) == 0 {
			at += desk.Time(r.Float64() * float64(l.Events[i+1].At-at))
		}
		all = append(all, at)
	}
	slices.Sort(all)
	return all
}

// play alternates between events and checkpoints, in the order of time.
func (p *player) play(ctx context.Context) error {
	for _, at := range p.instant {
		if err := p.until(ctx, at); err != nil {
			return err
		}
		if err := p.judge.check(ctx, p.mirror, at, p.seq); err != nil {
			return err
		}
		p.tell()
	}
	if _, end := p.log.Span(); p.clock <= end {
		if err := p.until(ctx, end); err != nil {
			return err
		}
	}
	if p.judge == nil {
		return nil
	}
	return p.judge.finish(ctx)
}

// until plays all events up to the instant, and lets the account's clock stand
// there.
func (p *player) until(ctx context.Context, at desk.Time) error {
	for {
		now, err := p.pace(ctx, at)
		if err != nil {
			return err
		}
		if err := p.due(ctx, now); err != nil {
			return err
		}
		if err := p.set(ctx, now); err != nil {
			return err
		}
		if err := p.flush(ctx); err != nil {
			return err
		}
		p.tell()
		if now >= at {
			return nil
		}
	}
}

// frame is how often a paced replay moves the clock.
const frame = 50 * time.Millisecond

// pace gives the instant of the log that is now, at most the one given. Paced,
// it rests a frame first.
func (p *player) pace(ctx context.Context, most desk.Time) (desk.Time, error) {
	if p.opts.Speed <= 0 {
		return most, ctx.Err()
	}
	select {
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	case <-time.After(frame):
	}
	from, _ := p.log.Span()
	return min(most, max(p.clock, from+p.logTime(p.opts.now().Sub(p.began)))), nil
}

// logTime is how much of the log goes by in real time d.
func (p *player) logTime(d time.Duration) desk.Time {
	return desk.Time(float64(d.Milliseconds()) * p.opts.Speed)
}

// due plays the events up to now.
func (p *player) due(ctx context.Context, now desk.Time) error {
	for ; p.next < len(p.log.Events) && p.log.Events[p.next].At <= now; p.next++ {
		e := &p.log.Events[p.next]
		if err := p.set(ctx, e.At); err != nil {
			return err
		}
		deeds, err := p.reader.deeds(e)
		if err != nil {
			return err
		}
		for i := range deeds {
			if err := p.do(ctx, &deeds[i]); err != nil {
				return fmt.Errorf("line %d: %w", e.Line, err)
			}
		}
	}
	return nil
}

func (p *player) do(ctx context.Context, d *deed) error {
	if err := p.mirror.do(d); err != nil {
		return err
	}
	return p.add(ctx, d.line())
}

// set moves the account's clock.
func (p *player) set(ctx context.Context, at desk.Time) error {
	if at <= p.clock {
		return nil
	}
	p.clock = at
	return p.add(ctx, map[string]any{"op": "clock.set", "now": at})
}

func (p *player) add(ctx context.Context, line map[string]any) error {
	if err := p.batch.add(line); err != nil {
		return err
	}
	if p.batch.lines >= maxLines {
		return p.flush(ctx)
	}
	return nil
}

func (p *player) flush(ctx context.Context) error {
	seq, err := p.server.post(ctx, &p.batch)
	p.seq = max(p.seq, seq)
	return err
}

// tellEvery is how often progress is told.
const tellEvery = 2 * time.Second

func (p *player) tell() {
	now := p.opts.now()
	if p.opts.Progress == nil || now.Sub(p.told) < tellEvery {
		return
	}
	p.told = now
	g := Progress{Events: p.next, All: len(p.log.Events), At: p.clock, Took: now.Sub(p.began), Speed: p.speed(now)}
	if p.judge != nil {
		g.Checkpoints, g.Differences = p.judge.verdict.Checkpoints, p.judge.verdict.Differences
	}
	p.opts.Progress(g)
}

// speed is how many times faster than the log the replay was until now.
func (p *player) speed(now time.Time) float64 {
	from, _ := p.log.Span()
	return float64(p.clock-from) / 1000 / max(0.001, now.Sub(p.began).Seconds())
}

func (p *player) report() *Report {
	now := p.opts.now()
	took := max(0.001, now.Sub(p.began).Seconds())
	from, to := p.log.Span()
	r := &Report{OK: true, Events: p.next, Tickets: len(p.mirror.tickets), Seconds: took, Rate: float64(p.next) / took, Speed: float64(to-from) / 1000 / took}
	if p.judge != nil {
		r.Verified, r.Slowest = &p.judge.verdict, p.judge.slowest.Seconds()
		r.OK = p.judge.verdict.Differences == 0
	}
	return r
}
