// Package live carries topics to browsers, and session documents and commands
// back, over WebSocket as PROTOCOL.md has it.
//
// What it promises:
//
//  1. A connection is a cursor. Nothing is queued for it: one that cannot take
//     what there is remembers its place only, and is told the sum later.
//  2. A connection that stalls slows no other and nothing that writes.
//  3. A session and its connection end together, once, whatever the cause.
//  4. Every end is told with a code, what to do and when.
//
// An idle connection costs one parked goroutine and no buffer.
package live

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/pass"
	"github.com/deskwire/deskwire/internal/topic"
	"github.com/deskwire/deskwire/internal/wire"
)

// A Poster takes events to an account.
type Poster interface {
	Post(ctx context.Context, account desk.AccountID, p desk.Post) (desk.Outcome, error)
}

// Boards finds the board of an account, waking it if need be.
type Boards interface {
	Board(ctx context.Context, account desk.AccountID) (*topic.Board, error)
}

// Doors says who may come in: whose token it is, and from which pages.
type Doors interface {
	Check(ctx context.Context, account desk.AccountID, token string, now time.Time) (pass.Pass, error)
	Origins(ctx context.Context, account desk.AccountID) ([]string, error)
}

// Options are what a Server stands on.
type Options struct {
	Poster Poster
	Boards Boards
	Doors  Doors
	Logger *slog.Logger
	Build  string // told to clients
}

// The times of a connection.
const (
	HelloTime  = 5 * time.Second  // until the hello must be there
	BeatPeriod = 15 * time.Second // between two heartbeats
	MissedMax  = 2                // heartbeats unanswered before the end
	StallMax   = 30 * time.Second // a full socket may stay full
	PostMax    = 30 * time.Second // an account may take for a command
	RenewAhead = time.Minute      // a fresh token is asked for before the old one ends
	closeWait  = time.Second      // for the client to close its side
)

// MaxConnections is how many connections one server takes, by default.
const MaxConnections = 100_000

// Server serves the line. Its methods may be called from any goroutine.
type Server struct {
	opts   Options
	log    *slog.Logger
	stats  stats
	upward ws.HTTPUpgrader

	mu     sync.Mutex // guards the following
	rooms  map[desk.AccountID]*room
	conns  map[*conn]struct{}
	closed bool
	posts  sync.WaitGroup // connections whose goodbye has not reached its account
}

// New makes a server; Close ends it.
func New(o Options) *Server {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Server{opts: o, log: o.Logger, rooms: map[desk.AccountID]*room{}, conns: map[*conn]struct{}{},
		upward: ws.HTTPUpgrader{Timeout: HelloTime, Protocol: func(p string) bool { return p == wire.Subprotocol }}}
}

// ServeHTTP takes a WebSocket handshake. After it the connection is the
// server's own: nothing of net/http stays behind.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.full() {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "too many connections; come back later", http.StatusServiceUnavailable)
		return
	}
	origin, host := r.Header.Get("Origin"), r.Host
	nc, rw, _, err := s.upward.Upgrade(r, w)
	if err != nil {
		s.stats.refused.Add(1)
		return
	}
	if rw.Reader.Buffered() > 0 { // a frame before the answer to the handshake
		nc.Close()
		return
	}
	c := &conn{server: s, origin: origin + " " + host}
	c.line.init(nc)
	if !s.enter(c) {
		nc.Close()
		return
	}
	c.deadline.Store(time.AfterFunc(HelloTime, func() { c.end(wire.Silent, "no hello came within 5 seconds") }))
	go c.park()
}

func (s *Server) full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed || len(s.conns) >= MaxConnections
}

func (s *Server) enter(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.conns[c] = struct{}{}
	s.posts.Add(1) // here, where closed is known: never beside Close's Wait
	s.stats.opened.Add(1)
	return true
}

// newSession makes the id of a session.
func newSession() desk.SessionID { return desk.SessionID("s" + rand.Text()) }

// Close ends every connection, telling each to come back, and returns when
// their sessions have been ended too.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	all := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		all = append(all, c)
	}
	s.mu.Unlock()
	for _, c := range all {
		c.end(wire.NotNow, "the server is restarting")
	}
	done := make(chan struct{})
	go func() { s.posts.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Kick ends the sessions of an agent, all of them.
func (s *Server) Kick(account desk.AccountID, agent desk.AgentID, code wire.Code, reason string) {
	s.mu.Lock()
	var out []*conn
	for c := range s.conns {
		if p := c.who.Load(); p != nil && p.Account == account && p.Agent == agent {
			out = append(out, c)
		}
	}
	s.mu.Unlock()
	for _, c := range out {
		c.end(code, reason)
	}
}

// stats are counted beside what they count.
type stats struct {
	opened, ended, refused, sessions, frames, bytes, stalls, commands atomic.Int64
}

// Stats is a copy of the counters.
type Stats struct {
	Connections int64 // open now
	Sessions    int64 // that said hello; never more than connections
	Opened      int64
	Refused     int64 // handshakes
	Frames      int64 // sent
	Bytes       int64 // sent
	Stalls      int64 // a socket was full
	Commands    int64
}

// Stats gives the counters as they are now.
func (s *Server) Stats() Stats {
	st := &s.stats
	return Stats{Connections: st.opened.Load() - st.ended.Load(), Sessions: st.sessions.Load(), Opened: st.opened.Load(), Refused: st.refused.Load(),
		Frames: st.frames.Load(), Bytes: st.bytes.Load(), Stalls: st.stalls.Load(), Commands: st.commands.Load()}
}
