// Package app builds every part, starts them, and stops them in reverse.
package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/deskwire/deskwire/internal/account"
	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/ingest"
	"github.com/deskwire/deskwire/internal/live"
	"github.com/deskwire/deskwire/internal/pass"
	"github.com/deskwire/deskwire/internal/store/sqlite"
	"github.com/deskwire/deskwire/web"
)

// Version is the product's.
const Version = "0.1.0"

// Config says how to run.
type Config struct {
	Listen string // address; ":0" picks a free port
	Data   string // folder of the database
	// OperatorKey lets an operator manage accounts. It has at least 16 bytes.
	OperatorKey string
	Logger      *slog.Logger
	// Budget is how much memory awake accounts' views may take, in bytes; 0 is
	// account.DefaultBudget.
	Budget int64
	// Extra are routes beside the product's own: the demo's sign-in.
	Extra map[string]http.Handler
}

// MinOperatorKey is the shortest operator key, in bytes.
const MinOperatorKey = 16

// App is everything that runs.
type App struct {
	Directory *account.Directory
	Line      *live.Server
	Registry  *Registry
	URL       string // http://host:port

	log   *slog.Logger
	http  *http.Server
	undo  []func() error // in the order in which things were started
	ended chan error
}

// Start builds and starts everything. Stop ends it.
func Start(c Config) (*App, error) {
	if len(c.OperatorKey) < MinOperatorKey {
		return nil, errors.New("the operator key has at least 16 bytes; make one with: openssl rand -hex 24")
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	a := &App{log: c.Logger, ended: make(chan error, 1)}
	if err := a.start(c); err != nil {
		return nil, errors.Join(err, a.unwind())
	}
	return a, nil
}

func (a *App) start(c Config) error {
	store, err := sqlite.Open(filepath.Join(c.Data, "deskwire.db"))
	if err != nil {
		return err
	}
	a.undo = append(a.undo, store.Close)
	a.Directory = account.NewDirectory(account.Options{Store: store, Logger: c.Logger, Budget: c.Budget})
	a.undo = append(a.undo, func() error { a.Directory.Close(); return nil })
	a.Registry = &Registry{store: store, directory: a.Directory, operator: c.OperatorKey}
	doors := &doors{store: store, operator: c.OperatorKey}
	doors.verifier = pass.New(doors.keys)
	a.Line = live.New(live.Options{Poster: a.Directory, Boards: a.Directory, Doors: doors, Logger: c.Logger, Build: Version})
	a.undo = append(a.undo, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return a.Line.Close(ctx)
	})
	stop := make(chan struct{})
	go tidy(store, stop)
	a.undo = append(a.undo, func() error { close(stop); return nil })
	return a.listen(c, a.routes(c, doors))
}

func (a *App) routes(c Config, doors *doors) http.Handler {
	api := ingest.New(ingest.Options{Poster: a.Directory, Asker: a.Directory, Registry: a.Registry, Doorman: doors, Version: Version})
	mux := http.NewServeMux()
	for _, path := range []string{"/v1/", "/openapi.json", "/openapi.yaml", "/docs", "/docs/"} {
		mux.Handle(path, api)
	}
	mux.Handle("/live", a.Line)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	for path, h := range c.Extra {
		mux.Handle(path, h)
	}
	mux.Handle("/", web.Handler())
	return mux
}

// listen serves until Stop.
func (a *App) listen(c Config, h http.Handler) error {
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	a.URL = "http://" + hostOf(l.Addr())
	a.http = &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 32 << 10, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(c.Logger.Handler(), slog.LevelDebug)}
	go func() { a.ended <- a.http.Serve(l) }()
	a.undo = append(a.undo, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return a.http.Shutdown(ctx)
	})
	return nil
}

// hostOf is the address as a browser on this machine writes it.
func hostOf(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("localhost", itoa(tcp.Port))
	}
	return addr.String()
}

// Wait returns when the context ends or the server fails.
func (a *App) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-a.ended:
		return err
	}
}

// Stop ends everything in reverse and returns when nothing runs.
func (a *App) Stop() error { return a.unwind() }

func (a *App) unwind() error {
	var errs []error
	for i := len(a.undo) - 1; i >= 0; i-- {
		errs = append(errs, a.undo[i]())
	}
	a.undo = nil
	return errors.Join(errs...)
}

// keptFor is how long an idempotency key is remembered (G8).
const keptFor = 25 * time.Hour

// tidy forgets old idempotency keys, now and every hour.
func tidy(store *sqlite.Store, stop <-chan struct{}) {
	for {
		_, _ = store.Forget(context.Background(), desk.TimeOf(time.Now().Add(-keptFor)))
		select {
		case <-time.After(time.Hour):
		case <-stop:
			return
		}
	}
}
