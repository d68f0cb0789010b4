package live

import (
	"context"
	"crypto/sha256"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/pass"
	"github.com/deskwire/deskwire/internal/topic"
	"github.com/deskwire/deskwire/internal/wire"
)

// conn is one connection and its session.
type conn struct {
	server *Server
	line   line

	// owned by the goroutine that reads
	origin string  // and host, until the hello is judged
	part   []byte  // of a frame
	whole  []byte  // of a message in several frames; nil when there is none
	tokens float64 // of the rate limit
	filled time.Time

	// set by the hello, before the room sees the connection
	id     desk.SessionID
	room   atomic.Pointer[room]
	cursor *topic.Cursor // guarded by room.mu until the pump has seen it

	who      atomic.Pointer[pass.Pass]
	goodbye  atomic.Bool // the client said so
	ended    atomic.Bool
	deadline atomic.Pointer[time.Timer] // of the hello; nil once it is there
	counted  atomic.Bool                // in the figure of sessions
	missed   atomic.Int32               // heartbeats unanswered

	// owned by the room's pump
	nextBeat time.Time
	renewed  bool
	behind   bool // its line was busy when there was something to take
}

// Limits on how often a client sends.
const (
	frameRate  = 20 // frames a second
	frameBurst = 60 // frames at once
)

// message handles one message from the client.
func (c *conn) message(b []byte) error {
	if !c.within(time.Now()) {
		return &frameError{wire.TooMany, "more than 20 frames a second"}
	}
	f, err := wire.ReadClient(b)
	if err != nil {
		return &frameError{wire.NotProtocol, err.Error()}
	}
	if c.id == "" {
		return c.hello(&f)
	}
	switch f.T {
	case wire.Session:
		return c.state(f.Follow)
	case wire.Cmd:
		c.command(&f)
	case wire.Beat:
		c.missed.Store(0)
	case wire.Token:
		return c.renew(f.Token)
	case wire.Hello:
		return &frameError{wire.NotProtocol, "a second hello"}
	case wire.Bye:
		c.goodbye.Store(true)
		return errClosed
	}
	return nil // shown, and types this server does not know
}

// within keeps the rate: a bucket that fills by frameRate a second.
func (c *conn) within(now time.Time) bool {
	if c.filled.IsZero() {
		c.tokens = frameBurst
	}
	c.tokens = min(frameBurst, c.tokens+now.Sub(c.filled).Seconds()*frameRate)
	c.filled = now
	c.tokens--
	return c.tokens >= 0
}

func (c *conn) hello(f *wire.ClientFrame) error {
	if f.T != wire.Hello {
		return &frameError{wire.NotProtocol, "the first frame is a hello"}
	}
	if f.V != wire.Version {
		return &frameError{wire.Outdated, "this server speaks version 1 of the protocol"}
	}
	ctx, cancel := context.WithTimeout(context.Background(), PostMax)
	defer cancel()
	p, err := c.identify(ctx, f)
	if err != nil {
		return err
	}
	c.punctual()
	c.id = newSession() // before who, by which other goroutines know that there is a session
	c.who.Store(&p)
	c.counted.Store(true)
	c.server.stats.sessions.Add(1)
	if err := c.state(f.Follow); err != nil {
		return err
	}
	if c.ended.Load() { // its end may have come before its beginning
		c.uncount()
		c.farewell(&p)
		return errClosed
	}
	return c.join(ctx, f, p)
}

// punctual lets go of the hello's deadline.
func (c *conn) punctual() {
	if t := c.deadline.Swap(nil); t != nil {
		t.Stop()
	}
}

// identify judges the page and the token.
func (c *conn) identify(ctx context.Context, f *wire.ClientFrame) (pass.Pass, error) {
	doors := c.server.opts.Doors
	p, err := doors.Check(ctx, f.Account, f.Token, time.Now())
	if err != nil {
		return p, refusal(err, wire.SignIn)
	}
	allowed, err := doors.Origins(ctx, f.Account)
	if err != nil {
		return p, refusal(err, wire.SignIn)
	}
	origin, host, _ := strings.Cut(c.origin, " ")
	if !pass.AllowedOrigin(origin, host, allowed) {
		return p, &frameError{wire.Forbidden, "pages of this origin may not connect; add it to the account's origins"}
	}
	c.origin = ""
	return p, nil
}

// refusal is the end that an error means: a wrong client is refused with the
// code, a fault of ours asks it to come back.
func refusal(err error, code wire.Code) error {
	problem := (*desk.Problem)(nil)
	if !errors.As(err, &problem) || problem.Kind == desk.Unavailable {
		return &frameError{wire.NotNow, "the account cannot be reached just now"}
	}
	if problem.Kind == desk.Forbidden && code == wire.SignIn {
		return &frameError{wire.SignIn, problem.Detail}
	}
	return &frameError{code, problem.Detail}
}

// join begins to read the account's board.
func (c *conn) join(ctx context.Context, f *wire.ClientFrame, p pass.Pass) error {
	board, err := c.server.opts.Boards.Board(ctx, p.Account)
	if err != nil {
		return refusal(err, wire.Forbidden)
	}
	c.write(AppendFrame(nil, wire.AppendWelcome(nil, wire.WelcomeFrame{Session: c.id, Epoch: board.Epoch(), Seq: uint64(board.Seq()),
		BeatMS: BeatPeriod.Milliseconds(), Now: time.Now().UnixMilli(), Agent: p.Agent, Account: p.Account, Build: c.server.opts.Build})))
	var have map[topic.Name]topic.Seq
	if f.Epoch == board.Epoch() && len(f.Have) > 0 {
		have = make(map[topic.Name]topic.Seq, len(f.Have))
		for name, seq := range f.Have {
			have[topic.Name(name)] = topic.Seq(seq)
		}
	}
	c.server.join(c, p.Account, board, have)
	return nil
}

// state posts the session document.
func (c *conn) state(follow []string) error {
	p := c.who.Load()
	doc := desk.Session{ID: c.id, Agent: p.Agent, Follow: follow}
	_, err := c.post(p, desk.Post{Actor: agent(p), Event: desk.SessionStated{Session: doc}})
	if err != nil {
		return refusal(err, wire.Forbidden)
	}
	return nil
}

func agent(p *pass.Pass) desk.Actor { return desk.Actor{Kind: desk.ByAgent, ID: string(p.Agent)} }

func (c *conn) post(p *pass.Pass, post desk.Post) (desk.Outcome, error) {
	ctx, cancel := context.WithTimeout(context.Background(), PostMax)
	defer cancel()
	return c.server.opts.Poster.Post(ctx, p.Account, post)
}

// command does a command and answers it. Commands of one connection are done
// in their order.
func (c *conn) command(f *wire.ClientFrame) {
	c.server.stats.commands.Add(1)
	p := c.who.Load()
	out, err := desk.Outcome{}, error(nil)
	event, err := wire.DecodeCommand(p.Agent, f.Kind, f.Body)
	if err == nil {
		sum := sha256.Sum256(append([]byte(f.Kind+"\x00"), f.Body...))
		post := desk.Post{Actor: agent(p), Key: "c:" + string(p.Agent) + ":" + f.Key, Event: event}
		copy(post.Print[:], sum[:])
		out, err = c.post(p, post)
	}
	c.write(AppendFrame(nil, wire.AppendDone(nil, f.Key, out, problemOf(err))))
}

// problemOf is what the client is told of an error.
func problemOf(err error) *desk.Problem {
	problem := (*desk.Problem)(nil)
	if err == nil || errors.As(err, &problem) {
		return problem
	}
	return &desk.Problem{Kind: desk.Unavailable, Detail: "no answer came in time; send it again with the same key", RetryAfter: 1000}
}

// renew takes a fresh token of the same agent.
func (c *conn) renew(token string) error {
	old := c.who.Load()
	ctx, cancel := context.WithTimeout(context.Background(), PostMax)
	defer cancel()
	p, err := c.server.opts.Doors.Check(ctx, old.Account, token, time.Now())
	if err != nil || p.Agent != old.Agent {
		return &frameError{wire.SignIn, "the fresh token is not valid for this agent"}
	}
	c.who.Store(&p)
	return nil
}

// write sends frames; what the socket does not take at once follows later.
func (c *conn) write(b []byte) {
	if c.line.send(b, c.resume) {
		c.server.stats.frames.Add(1)
		c.server.stats.bytes.Add(int64(len(b)))
	}
}

// resume is called when a stall is over.
func (c *conn) resume(err error) {
	c.server.stats.stalls.Add(1)
	if err != nil {
		c.lost()
		return
	}
	if r := c.room.Load(); r != nil {
		r.again(c)
	}
}

// end tells the client why and ends the connection.
func (c *conn) end(code wire.Code, reason string) {
	if !c.ended.CompareAndSwap(false, true) {
		return
	}
	retry := int64(0)
	if code.Action() == wire.Wait {
		retry = 5000
	}
	b := AppendFrame(nil, wire.AppendBye(nil, code, reason, retry))
	close := ws.NewCloseFrameBody(ws.StatusCode(code), clip(reason))
	b = append(appendHeader(b, ws.OpClose, len(close)), close...)
	c.write(b)
	c.leave()
	if tcp, ok := c.line.net.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	time.AfterFunc(closeWait, func() { c.line.net.Close() })
}

// clip cuts a reason to what a close frame holds, on a whole character.
func clip(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), 120)], "")
}

// lost ends a connection whose other side is gone.
func (c *conn) lost() {
	if c.ended.CompareAndSwap(false, true) {
		c.leave()
	}
	c.line.net.Close()
}

// leave ends the session: it happens once, for one of end and lost wins.
func (c *conn) leave() {
	s := c.server
	c.punctual()
	c.line.shut()
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	s.stats.ended.Add(1)
	p := c.who.Load()
	if p == nil {
		s.posts.Done()
		return
	}
	c.uncount()
	s.part(c)
	go func() {
		defer s.posts.Done()
		c.farewell(p)
	}()
}

// uncount takes the session out of the figures, once.
func (c *conn) uncount() {
	if c.counted.CompareAndSwap(true, false) {
		c.server.stats.sessions.Add(-1)
	}
}

// farewell tells the account that the session has ended.
func (c *conn) farewell(p *pass.Pass) {
	_, err := c.post(p, desk.Post{Actor: agent(p), Event: desk.SessionEnded{ID: c.id, Goodbye: c.goodbye.Load()}})
	if err != nil {
		c.server.log.Warn("end session: the account did not take it", "session", c.id, "err", err)
	}
}
