// Package follow is a browser written in Go: it follows topics over the line
// and applies patches as strictly as a browser must. Replays, benches and tests
// see through it what an agent would see.
package follow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/deskwire/deskwire/internal/wire"
)

// Options say how a Follower comes in.
type Options struct {
	URL     string // ws://host/live
	Account string
	Token   string
	Follow  []string
	Epoch   string            // with Have: what an earlier connection left
	Have    map[string]uint64 // concrete topics and their seqs
	OnPatch func(wire.ServerFrame, time.Time)
	Quiet   bool // do not answer heartbeats
}

// Follower is one connection. Its methods may be called from any goroutine.
type Follower struct {
	conn net.Conn
	opts Options

	mu      sync.Mutex // guards the following
	write   sync.Mutex // held while a frame is written
	topics  map[string]map[string]json.RawMessage
	seqs    map[string]uint64
	welcome wire.ServerFrame
	done    map[string]chan wire.ServerFrame
	err     error
	bye     *wire.ServerFrame
	moved   chan struct{} // closed and replaced whenever something changes
	keys    int
}

// Dial connects, says hello and waits for the welcome.
func Dial(ctx context.Context, o Options) (*Follower, error) {
	dialer := ws.Dialer{Protocols: []string{wire.Subprotocol}, Timeout: 10 * time.Second}
	conn, br, _, err := dialer.Dial(ctx, o.URL)
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", o.URL, err)
	}
	var r io.Reader = conn
	if br != nil {
		r = br
	}
	f := &Follower{conn: conn, opts: o, topics: map[string]map[string]json.RawMessage{}, seqs: map[string]uint64{},
		done: map[string]chan wire.ServerFrame{}, moved: make(chan struct{})}
	go f.read(r)
	err = f.Send(map[string]any{"t": "hello", "v": wire.Version, "build": "follow", "account": o.Account, "token": o.Token,
		"epoch": o.Epoch, "have": o.Have, "follow": o.Follow})
	if err == nil {
		err = f.Wait(ctx, func() bool { return f.welcome.T != "" })
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Send writes any frame.
func (f *Follower) Send(frame any) error {
	b, err := json.Marshal(frame)
	if err != nil {
		return err
	}
	f.write.Lock()
	defer f.write.Unlock()
	return wsutil.WriteClientText(f.conn, b)
}

func (f *Follower) read(r io.Reader) {
	rw := struct {
		io.Reader
		io.Writer
	}{r, f.conn}
	for {
		b, err := wsutil.ReadServerText(rw)
		if err == nil {
			err = f.frame(b)
		}
		if err != nil {
			f.fail(err)
			return
		}
	}
}

func (f *Follower) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
		if f.bye != nil {
			f.err = fmt.Errorf("follow: ended with %d: %s", f.bye.Code, f.bye.Reason)
		}
	}
	f.notify()
	f.conn.Close()
}

// notify wakes who waits. The caller holds f.mu.
func (f *Follower) notify() {
	close(f.moved)
	f.moved = make(chan struct{})
}

func (f *Follower) frame(b []byte) error {
	s, err := wire.ReadServer(b)
	if err != nil {
		return err
	}
	if s.T == "beat" && !f.opts.Quiet {
		return f.Send(map[string]any{"t": "beat", "n": s.N})
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch s.T {
	case "welcome":
		f.welcome = s
		if s.Epoch == f.opts.Epoch {
			for topic, seq := range f.opts.Have {
				f.seqs[topic], f.topics[topic] = seq, map[string]json.RawMessage{}
			}
		}
	case "patch":
		err = f.apply(s)
	case "gone":
		delete(f.topics, s.Topic)
		delete(f.seqs, s.Topic)
	case "done":
		if c := f.done[s.Key]; c != nil {
			delete(f.done, s.Key)
			c <- s
		}
	case "bye":
		f.bye = &s
	}
	f.notify()
	return err
}

// apply takes a patch, strictly.
func (f *Follower) apply(s wire.ServerFrame) error {
	if s.From == 0 {
		f.topics[s.Topic] = map[string]json.RawMessage{}
	} else if s.From != f.seqs[s.Topic] {
		return fmt.Errorf("follow: a patch of %s from %d came at %d", s.Topic, s.From, f.seqs[s.Topic])
	}
	for k, v := range s.Set {
		f.topics[s.Topic][k] = v
	}
	for _, k := range s.Del {
		delete(f.topics[s.Topic], k)
	}
	f.seqs[s.Topic] = s.To
	if f.opts.OnPatch != nil {
		f.opts.OnPatch(s, time.Now())
	}
	return nil
}

// Wait waits until cond holds; it is asked with the follower locked, after
// every frame, and must use no method of it.
func (f *Follower) Wait(ctx context.Context, cond func() bool) error {
	for {
		f.mu.Lock()
		ok, err, moved := cond(), f.err, f.moved
		f.mu.Unlock()
		if ok {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// settled is how long Next waits for a frame before it lets its caller look
// again: a frame may have come between the look and the call.
const settled = 50 * time.Millisecond

// Next returns after the next frame, or a moment later if there is none.
func (f *Follower) Next(ctx context.Context) error {
	f.mu.Lock()
	moved, err := f.moved, f.err
	f.mu.Unlock()
	if err != nil {
		return err
	}
	select {
	case <-moved:
	case <-time.After(settled):
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// lead is an entry of the session's guide.
type lead struct {
	Topics  []string `json:"topics"`
	Refused string   `json:"refused"`
}

// union is the entries of a logical topic, and whether all its concrete topics
// have come. The caller holds f.mu.
func (f *Follower) union(logical string) (map[string]json.RawMessage, bool) {
	raw, ok := f.topics["session:"+f.welcome.Session][logical]
	var l lead
	if !ok || json.Unmarshal(raw, &l) != nil || l.Refused != "" {
		return nil, false
	}
	out := map[string]json.RawMessage{}
	for _, name := range l.Topics {
		entries, there := f.topics[name]
		if !there {
			return nil, false
		}
		for k, v := range entries {
			out[k] = v
		}
	}
	return out, true
}

// Topic gives the entries of a logical topic, and whether they are all there.
func (f *Follower) Topic(logical string) (map[string]json.RawMessage, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.union(logical)
}

// Refused gives why the logical topic may not be followed, or "".
func (f *Follower) Refused(logical string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var l lead
	_ = json.Unmarshal(f.topics["session:"+f.welcome.Session][logical], &l)
	return l.Refused
}

// A Count is an entry of the topic counts.
type Count struct {
	N     int64  `json:"n"`
	Exact bool   `json:"exact"`
	Scope string `json:"scope"`
}

// Counts gives the counts as the agent sees them now.
func (f *Follower) Counts() map[string]Count {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts()
}

func (f *Follower) counts() map[string]Count {
	entries, _ := f.union("counts")
	out := make(map[string]Count, len(entries))
	for k, v := range entries {
		var c Count
		if json.Unmarshal(v, &c) == nil {
			out[k] = c
		}
	}
	return out
}

// WaitCounts waits until the counts are as cond wants them.
func (f *Follower) WaitCounts(ctx context.Context, cond func(map[string]Count) bool) error {
	return f.Wait(ctx, func() bool { return cond(f.counts()) })
}

// Held gives what a later connection says in its hello.
func (f *Follower) Held() (epoch string, have map[string]uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	have = map[string]uint64{}
	for k, v := range f.seqs {
		have[k] = v
	}
	return f.welcome.Epoch, have
}

// Command sends a command and waits for its done frame. A refusal is an error.
func (f *Follower) Command(ctx context.Context, key, kind string, body any) (wire.ServerFrame, error) {
	c := make(chan wire.ServerFrame, 1)
	f.mu.Lock()
	if key == "" {
		f.keys++
		key = fmt.Sprintf("k%d-%s", f.keys, f.welcome.Session)
	}
	f.done[key] = c
	f.mu.Unlock()
	if err := f.Send(map[string]any{"t": "cmd", "key": key, "kind": kind, "body": body}); err != nil {
		return wire.ServerFrame{}, err
	}
	select {
	case s := <-c:
		if s.Problem != nil {
			return s, errors.New("follow: " + s.Problem.Detail)
		}
		return s, nil
	case <-ctx.Done():
		return wire.ServerFrame{}, context.Cause(ctx)
	}
}

// Err is why the connection ended, or nil.
func (f *Follower) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// Bye is the server's last frame, or nil.
func (f *Follower) Bye() *wire.ServerFrame {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bye
}

// Close says goodbye and ends the connection.
func (f *Follower) Close() {
	_ = f.Send(map[string]any{"t": "bye"})
	f.conn.Close()
}
