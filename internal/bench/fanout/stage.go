package fanout

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/live"
	"github.com/deskwire/deskwire/internal/pass"
	"github.com/deskwire/deskwire/internal/topic"
	"github.com/deskwire/deskwire/internal/wire"
)

// counts is the one topic that everybody follows.
const counts = topic.Name("counts:all")

// A stage is a live server on a board that the bench writes itself: no account
// and no disk are measured.
type stage struct {
	board *topic.Board
	line  *live.Server
	http  *http.Server
	addr  string
	steps chan topic.Step // written by one goroutine, as an account does
	seq   topic.Seq
}

func newStage() (*stage, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &stage{board: topic.NewBoard("bench"), addr: l.Addr().String(), steps: make(chan topic.Step, 1024)}
	s.line = live.New(live.Options{Poster: s, Boards: s, Doors: s, Logger: slog.New(slog.DiscardHandler)})
	s.http = &http.Server{Handler: s.line}
	go func() { _ = s.http.Serve(l) }() // ends with close
	go s.write()
	s.steps <- step(0)
	return s, nil
}

func (s *stage) write() {
	for st := range s.steps {
		s.seq++
		st.Seq, st.At = s.seq, time.Now().UnixMilli()
		s.board.Write(st)
	}
}

func value(n int) []byte { return fmt.Appendf(nil, `{"n":%d,"exact":true,"scope":"all"}`, 100_000+n) }

// step changes one count.
func step(n int) topic.Step {
	return topic.Step{Changes: []topic.Change{{Topic: counts, Key: "all-open", Value: value(n)}}}
}

// frame is what the line sends for the step, as bytes.
func frame(n int) []byte {
	return live.AppendFrame(nil, wire.AppendPatch(nil, string(counts), 10_000, 10_001, time.Now().UnixMilli(), []wire.Entry{{Key: "all-open", Value: value(n)}}, nil))
}

// Post leads each session to the topic.
func (s *stage) Post(_ context.Context, _ desk.AccountID, p desk.Post) (desk.Outcome, error) {
	if e, ok := p.Event.(desk.SessionStated); ok {
		s.steps <- topic.Step{Changes: []topic.Change{{Topic: topic.Name("session:" + string(e.Session.ID)), Key: "counts",
			Value: []byte(`{"topics":["counts:all"]}`), Leads: []topic.Name{counts}}}}
	}
	return desk.Outcome{Changed: true}, nil
}

// Board is the one there is.
func (s *stage) Board(context.Context, desk.AccountID) (*topic.Board, error) { return s.board, nil }

// Check lets everybody in.
func (s *stage) Check(_ context.Context, account desk.AccountID, _ string, now time.Time) (pass.Pass, error) {
	return pass.Pass{Account: account, Agent: "ann", Expires: now.Add(time.Hour)}, nil
}

// Origins allows the server's own only.
func (s *stage) Origins(context.Context, desk.AccountID) ([]string, error) { return nil, nil }

func (s *stage) close(ctx context.Context) {
	_ = s.http.Close()
	_ = s.line.Close(ctx)
	close(s.steps)
}
