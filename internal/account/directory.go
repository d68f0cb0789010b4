package account

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/topic"
)

// Options says how a Directory works.
type Options struct {
	Store  Store
	Logger *slog.Logger
	// Budget is how much memory the views of awake accounts may take, in bytes.
	// Over it, accounts without sessions fall asleep, the longest quiet first.
	// An operator lowers it on a small machine; 0 is DefaultBudget.
	Budget int64
	// Quiet is how long an account without sessions and posts stays awake; 0 is
	// DefaultQuiet.
	Quiet time.Duration
}

// Defaults of Options.
const (
	DefaultBudget = 4 << 30
	DefaultQuiet  = 10 * time.Minute
)

// Directory keeps the accounts that are awake. It wakes one when somebody comes
// to its door. Its methods may be called from any goroutine.
type Directory struct {
	opts Options
	log  *slog.Logger

	mu     sync.Mutex // guards awake
	awake  map[desk.AccountID]*bed
	closed bool
	stop   chan struct{}
	nurse  sync.WaitGroup
}

// A bed is one account's place in the directory: one waking serves all who wait.
type bed struct {
	ready   chan struct{} // closed when account or err is set
	account *Account
	err     error
	used    time.Time // guarded by Directory.mu
}

// NewDirectory starts a directory; Close stops it.
func NewDirectory(o Options) *Directory {
	if o.Budget == 0 {
		o.Budget = DefaultBudget
	}
	if o.Quiet == 0 {
		o.Quiet = DefaultQuiet
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	d := &Directory{opts: o, log: o.Logger, awake: map[desk.AccountID]*bed{}, stop: make(chan struct{})}
	d.nurse.Go(d.tend)
	return d
}

// Post hands a post to the account, waking it if need be, and answers when the
// post is durable. An error that is not a *desk.Problem means that the caller
// gave up waiting.
func (d *Directory) Post(ctx context.Context, id desk.AccountID, p desk.Post) (desk.Outcome, error) {
	return visit(ctx, d, id, func(a *Account) (desk.Outcome, error) { return a.post(ctx, p) })
}

// Ask asks the account; the answer belongs to one seq and is durable.
func (d *Directory) Ask(ctx context.Context, id desk.AccountID, q desk.Query) (any, error) {
	return visit(ctx, d, id, func(a *Account) (any, error) { return a.ask(ctx, q) })
}

// Board gives the account's board, waking it if need be. The account stays
// awake while sessions are stated to it.
func (d *Directory) Board(ctx context.Context, id desk.AccountID) (*topic.Board, error) {
	return visit(ctx, d, id, func(a *Account) (*topic.Board, error) { return a.board, nil })
}

// visit finds the account awake and does something with it; if it fell asleep
// just then, once more.
func visit[T any](ctx context.Context, d *Directory, id desk.AccountID, do func(*Account) (T, error)) (T, error) {
	for range 3 {
		a, err := d.wake(ctx, id)
		if err != nil {
			var none T
			return none, err
		}
		v, err := do(a)
		if !errors.Is(err, errAsleep) {
			return v, err
		}
		d.leave(id, a)
	}
	var none T
	return none, &desk.Problem{Kind: desk.Unavailable, Detail: "the account does not stay awake; try again later", RetryAfter: 5000}
}

// wake gives the account, loading it if it sleeps.
func (d *Directory) wake(ctx context.Context, id desk.AccountID) (*Account, error) {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return nil, desk.Problemf(desk.Unavailable, "the server is stopping; try again in a moment")
	}
	b := d.awake[id]
	if b == nil {
		b = &bed{ready: make(chan struct{})}
		d.awake[id] = b
		d.nurse.Go(func() { d.rouse(id, b) })
	}
	b.used = time.Now()
	d.mu.Unlock()
	select {
	case <-b.ready:
		return b.account, b.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (d *Directory) rouse(id desk.AccountID, b *bed) {
	b.account, b.err = openAccount(d.opts.Store, id, d.log)
	if b.err != nil {
		d.mu.Lock()
		delete(d.awake, id)
		d.mu.Unlock()
	} else {
		d.settleIn(b.account)
	}
	close(b.ready)
}

// settleIn starts the account's goroutine; while the directory is closing, only
// to stop at once.
func (d *Directory) settleIn(a *Account) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		close(a.stop)
	}
	d.nurse.Go(a.run)
}

// leave takes an account that ended out of the directory.
func (d *Directory) leave(id desk.AccountID, a *Account) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if b := d.awake[id]; b != nil && b.account == a {
		delete(d.awake, id)
	}
}

// openAccount loads an account from the store. Its epoch is new: whoever held
// something of an earlier life starts over.
func openAccount(store Store, id desk.AccountID, log *slog.Logger) (*Account, error) {
	began := time.Now()
	state, err := loadState(store, id)
	if err != nil {
		return nil, err
	}
	a := &Account{id: id, board: topic.NewBoard(rand.Text()), store: store, log: log, state: state,
		posts: make(chan post, maxBatch), asks: make(chan ask), stop: make(chan struct{}), ended: make(chan struct{})}
	log.Info("account awake", "account", id, "tickets", state.engine.Tickets(), "took", time.Since(began))
	return a, nil
}

// loadOrder puts first what later docs refer to.
var loadOrder = []desk.DocKind{desk.AgentDoc, desk.TeamDoc, desk.CustomerDoc, desk.TicketDoc, desk.ViewDoc}

func loadState(store Store, id desk.AccountID) (*State, error) {
	ctx := context.Background()
	d, ok, err := store.Get(ctx, id, desk.AccountDoc, string(id))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, desk.Problemf(desk.NotFound, "there is no account %s; create it first", id)
	}
	var settings desk.Account
	if err := load(d, func(a *desk.Account) { settings = *a }); err != nil {
		return nil, err
	}
	s, err := NewState(settings, &shelf{id: id, store: store})
	if err != nil {
		return nil, err
	}
	if clock, ok, err := store.Get(ctx, id, desk.AccountDoc, clockDoc); err != nil {
		return nil, err
	} else if ok {
		if err := s.Load(clock); err != nil {
			return nil, err
		}
	}
	s.Tick(desk.TimeOf(time.Now()))
	for _, kind := range loadOrder {
		if err := store.Load(ctx, id, kind, s.Load); err != nil {
			return nil, err
		}
	}
	s.engine.Touched()
	return s, nil
}
