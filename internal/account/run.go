package account

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/topic"
)

// A Store makes batches durable and reads them back.
type Store interface {
	// Commit returns when the batch is on stable storage, or not at all there.
	Commit(ctx context.Context, account desk.AccountID, b desk.Batch) error
	Load(ctx context.Context, account desk.AccountID, kind desk.DocKind, yield func(desk.Doc) error) error
	Get(ctx context.Context, account desk.AccountID, kind desk.DocKind, id string) (desk.Doc, bool, error)
	Messages(ctx context.Context, account desk.AccountID, ticket string) ([]desk.Doc, error)
	Outcome(ctx context.Context, account desk.AccountID, key string) (desk.Kept, bool, error)
	Page(ctx context.Context, account desk.AccountID, kind desk.DocKind, after string, limit int) ([]desk.Doc, error)
}

// Account is an account that is awake: its state, and the one goroutine that
// steps it.
type Account struct {
	id    desk.AccountID
	board *topic.Board
	store Store
	log   *slog.Logger
	posts chan post
	asks  chan ask
	stop  chan struct{}
	ended chan struct{} // closed when the goroutine is gone
	why   error         // owned by the goroutine until ended is closed
	state *State        // owned by the goroutine
	heard time.Time     // when the audit last looked; owned by the goroutine
	vital vitals
}

// vitals are what the directory must know of an account to decide who sleeps.
type vitals struct {
	sessions atomic.Int64
	bytes    atomic.Int64 // held for views
}

type post struct {
	desk.Post
	done chan<- answer
}

type answer struct {
	outcome desk.Outcome
	err     error
}

type ask struct {
	query desk.Query
	done  func(any, error)
}

// maxBatch is how many posts one commit gathers at most.
const maxBatch = 512

// errAsleep tells a caller that the account went to sleep before it took the
// post: wake it and post again.
var errAsleep = errors.New("account: asleep")

// run is the account's goroutine: gather, step, commit, show, answer.
func (a *Account) run() {
	defer close(a.ended)
	defer a.board.End()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		var batch []post
		select {
		case p := <-a.posts:
			batch = a.gather(p)
		case q := <-a.asks:
			a.state.Ask(q.query, q.done)
		case <-timer.C:
		case <-a.stop:
			a.why = errAsleep
			return
		}
		if err := a.turn(batch); err != nil {
			a.fail(err)
			return
		}
		a.wait(timer)
	}
}

// gather takes what else waits at the door, so that one commit serves many.
func (a *Account) gather(first post) []post {
	batch := []post{first}
	for len(batch) < maxBatch {
		select {
		case p := <-a.posts:
			batch = append(batch, p)
		default:
			return batch
		}
	}
	return batch
}

// turn steps the posts, makes what they changed durable, shows it, and answers.
func (a *Account) turn(batch []post) error {
	answers := make([]answer, len(batch))
	for i, p := range batch {
		out, err := a.state.Step(a.clock(), p.Post)
		if problem := (*desk.Problem)(nil); err != nil && !errors.As(err, &problem) {
			refuse(batch, err)
			return err
		}
		answers[i] = answer{out, err}
	}
	if len(batch) == 0 {
		a.state.Tick(a.clock())
	}
	a.audit()
	changes, err := a.state.Flush()
	if err == nil {
		err = a.settle(&changes)
	}
	if err != nil {
		refuse(batch, err)
		return err
	}
	// Before the answers: who has one must not find the account asleep for want
	// of sessions.
	a.vital.sessions.Store(int64(len(a.state.sessions)))
	for i, p := range batch {
		p.done <- answers[i]
	}
	a.state.Answer()
	return nil
}

// audit recounts a slice now and then, under load as well.
func (a *Account) audit() {
	if now := time.Now(); now.Sub(a.heard) >= auditPace {
		a.heard = now
		a.state.Audit()
		a.vital.bytes.Store(a.state.engine.Bytes())
	}
}

// settle is durable before visible.
func (a *Account) settle(c *Changes) error {
	if len(c.Batch.Docs)+len(c.Batch.Kept) > 0 {
		if err := a.store.Commit(context.Background(), a.id, c.Batch); err != nil {
			return err
		}
	}
	a.state.Durable()
	if len(c.Step.Changes)+len(c.Step.Drop) > 0 {
		a.board.Write(c.Step)
	}
	return nil
}

func refuse(batch []post, err error) {
	for _, p := range batch {
		p.done <- answer{err: unavailable(err)}
	}
}

// unavailable is what a caller is told of a fault that is not his.
func unavailable(err error) error {
	problem := (*desk.Problem)(nil)
	if errors.As(err, &problem) {
		return problem
	}
	return &desk.Problem{Kind: desk.Unavailable, Detail: "the account is being reloaded after a fault; send again with the same key", RetryAfter: 1000}
}

// fail ends the account: its state is not the disk's any more. Whoever comes
// next wakes it anew from the disk.
func (a *Account) fail(err error) {
	a.why = err
	a.log.Error("account given up, to be loaded again", "account", a.id, "err", err)
}

// auditPace is how long the audit rests between two slices: with a slice of
// about 100 µs, 200 awake accounts spend 8 % of one core on it.
const auditPace = 250 * time.Millisecond

// wait sets the timer to when there is something to do without a post.
func (a *Account) wait(timer *time.Timer) {
	pause := auditPace
	if a.state.Busy() {
		pause = 0
	} else if due := a.state.Due(); due != desk.Never {
		pause = min(pause, max(0, time.Until(time.UnixMilli(int64(due)))))
	}
	timer.Reset(pause)
}

func (a *Account) clock() desk.Time { return desk.TimeOf(time.Now()) }

// post hands the post to the goroutine and waits for its answer. When ctx ends
// first, the post may still have happened.
func (a *Account) post(ctx context.Context, p desk.Post) (desk.Outcome, error) {
	done := make(chan answer, 1)
	select {
	case a.posts <- post{p, done}:
	case <-a.ended:
		return desk.Outcome{}, errAsleep
	case <-ctx.Done():
		return desk.Outcome{}, context.Cause(ctx)
	}
	select {
	case r := <-done:
		return r.outcome, r.err
	case <-ctx.Done():
		return desk.Outcome{}, context.Cause(ctx)
	case <-a.ended:
		select {
		case r := <-done:
			return r.outcome, r.err
		default:
			return desk.Outcome{}, errAsleep // it was still at the door
		}
	}
}

func (a *Account) ask(ctx context.Context, q desk.Query) (any, error) {
	type reply struct {
		value any
		err   error
	}
	done := make(chan reply, 1)
	select {
	case a.asks <- ask{q, func(v any, err error) { done <- reply{v, err} }}:
	case <-a.ended:
		return nil, errAsleep
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-a.ended:
		return nil, errAsleep
	}
}
