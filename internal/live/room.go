package live

import (
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/topic"
	"github.com/deskwire/deskwire/internal/wire"
)

// room is the connections of one account, read from one board by one pump.
type room struct {
	server  *Server
	account desk.AccountID
	board   *topic.Board
	fan     *topic.Fan
	wake    chan struct{}
	stop    chan struct{}

	mu      sync.Mutex // guards the following
	conns   map[*conn]struct{}
	resumed []*conn // whose stall is over

	// owned by the pump
	sent  map[topic.Name]time.Time // when a topic last went out
	batch []byte
}

// join puts the connection into its account's room, and opens one for a new
// board.
func (s *Server) join(c *conn, account desk.AccountID, board *topic.Board, have map[topic.Name]topic.Seq) {
	s.mu.Lock()
	r := s.rooms[account]
	if r == nil || r.board != board {
		r = &room{server: s, account: account, board: board, wake: make(chan struct{}, 1), stop: make(chan struct{}),
			conns: map[*conn]struct{}{}, sent: map[topic.Name]time.Time{}}
		r.fan = board.Fan(r.poke)
		s.rooms[account] = r
		go r.pump()
	}
	r.mu.Lock()
	r.conns[c] = struct{}{}
	c.nextBeat = time.Now().Add(time.Duration(rand.Int64N(int64(BeatPeriod))))
	c.room.Store(r)
	c.cursor = r.fan.Read(topic.Name("session:"+string(c.id)), have, c)
	r.mu.Unlock()
	s.mu.Unlock()
	if c.ended.Load() {
		s.part(c)
	}
}

// part takes the connection out of its room; the last one closes it.
func (s *Server) part(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := c.room.Load()
	if r == nil {
		return
	}
	r.mu.Lock()
	_, there := r.conns[c]
	delete(r.conns, c)
	empty := len(r.conns) == 0
	r.mu.Unlock()
	if !there {
		return
	}
	if c.cursor != nil {
		c.cursor.Close()
	}
	if empty {
		close(r.stop)
		r.fan.Close()
		if s.rooms[r.account] == r {
			delete(s.rooms, r.account)
		}
	}
}

func (r *room) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// again tells the pump that the connection's stall is over.
func (r *room) again(c *conn) {
	r.mu.Lock()
	r.resumed = append(r.resumed, c)
	r.mu.Unlock()
	r.poke()
}

// Pace is how often a topic goes out at most while it is busy: its first
// change after quiet goes at once, and its newest state always goes.
func Pace(name topic.Name) time.Duration {
	kind, _, _ := strings.Cut(string(name), ":")
	switch kind {
	case "counts", "list", "agents", "teams", "views":
		return 250 * time.Millisecond
	}
	return 50 * time.Millisecond
}

// pump carries the board to the room's connections until the last has left.
func (r *room) pump() {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	heart := time.NewTicker(time.Second)
	defer heart.Stop()
	for {
		select {
		case <-r.wake:
		case <-timer.C:
		case now := <-heart.C:
			r.beat(now)
			continue
		case <-r.stop:
			return
		}
		if next, later := r.pass(time.Now()); later {
			timer.Reset(time.Until(next))
		}
	}
}

// pass gives every connection what is due. It says whether topics were left
// for later, and when the first of them is due.
func (r *room) pass(now time.Time) (next time.Time, later bool) {
	judged := map[topic.Name]bool{}
	due := func(name topic.Name) bool {
		yes, known := judged[name]
		if known {
			return yes
		}
		at := r.sent[name].Add(Pace(name))
		yes = !now.Before(at)
		judged[name] = yes
		if !yes && (!later || at.Before(next)) {
			next, later = at, true
		}
		return yes
	}
	for _, c := range r.fan.Moved(due) {
		r.carry(c.Owner.(*conn), c, due)
	}
	for _, c := range r.takeResumed() {
		if c.behind {
			r.carry(c, c.cursor, nil)
		}
	}
	for name, yes := range judged {
		if yes {
			r.sent[name] = now
		}
	}
	return next, later
}

func (r *room) takeResumed() []*conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.resumed
	r.resumed = nil
	return out
}

// carry takes what is new for the connection and sends it as one write. A busy
// line is left alone: the cursor keeps the place.
func (r *room) carry(c *conn, cursor *topic.Cursor, due func(topic.Name) bool) {
	if c.line.isBusy() {
		c.behind = true
		return
	}
	c.behind = false
	patches, err := cursor.Take(due)
	if err != nil {
		if !c.ended.Load() {
			go c.end(wire.GoingAway, "the account was reloaded")
		}
		return
	}
	switch len(patches) {
	case 0:
	case 1:
		c.write(patches[0].Encoded(encode))
	default:
		r.batch = r.batch[:0]
		for _, p := range patches {
			r.batch = append(r.batch, p.Encoded(encode)...)
		}
		c.write(r.batch)
	}
}

// encode is a patch as a WebSocket frame: made once for all readers at one
// place.
func encode(p *topic.Patch) []byte {
	if p.Gone {
		return AppendFrame(nil, wire.AppendGone(nil, string(p.Topic), "not followed, or not yours to read"))
	}
	set := make([]wire.Entry, len(p.Set))
	for i, e := range p.Set {
		set[i] = wire.Entry(e)
	}
	return AppendFrame(nil, wire.AppendPatch(nil, string(p.Topic), uint64(p.From), uint64(p.To), p.At, set, p.Del))
}

// beat sends heartbeats that are due, ends connections that do not answer
// theirs, and looks after tokens.
func (r *room) beat(now time.Time) {
	frame := AppendFrame(nil, wire.AppendBeat(nil, uint64(now.Unix()), now.UnixMilli()))
	for _, c := range r.all() {
		r.checkToken(c, now)
		if now.Before(c.nextBeat) {
			continue
		}
		c.nextBeat = now.Add(BeatPeriod)
		if c.missed.Add(1) > MissedMax {
			go c.end(wire.Silent, "two heartbeats were not answered")
			continue
		}
		c.write(frame)
	}
	for name, at := range r.sent {
		if now.Sub(at) > time.Minute {
			delete(r.sent, name)
		}
	}
}

func (r *room) all() []*conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]*conn, 0, len(r.conns))
	for c := range r.conns {
		out = append(out, c)
	}
	return out
}

// checkToken asks for a fresh token in time, and ends the session with its
// token. The wish is spread so that tokens made together are not renewed so.
func (r *room) checkToken(c *conn, now time.Time) {
	p := c.who.Load()
	left := p.Expires.Sub(now)
	switch {
	case left <= 0:
		go c.end(wire.SignIn, "the token has expired")
	case left > RenewAhead:
		c.renewed = false
	case !c.renewed && rand.IntN(10) == 0 || !c.renewed && left < RenewAhead/2:
		c.renewed = true
		c.write(AppendFrame(nil, wire.AppendRenew(nil, left.Milliseconds())))
	}
}
