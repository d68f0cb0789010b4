package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
)

// MaxSilence is how long a client may send nothing of a bulk, or take nothing of
// the answer when all is done.
const MaxSilence = 2 * time.Minute

// A bulk is one run through the lines of a request. Three go on at once: one
// reads and parses the next step, one posts the last, one sends answers.
type bulk struct {
	api     *api
	account desk.AccountID
	by      desk.Actor
	key     string
	size    int
	body    io.Reader // out of patient
	patient *patientReader
	w       http.ResponseWriter
	rc      *http.ResponseController
	spool   *spool
	end     bulkEnd
	refused *problem    // in place of any answer; set before spool is closed
	done    atomic.Bool // nothing more is read: the client should take its answers
}

// bulk answers POST /bulk.
func (a *api) bulk(w http.ResponseWriter, r *http.Request) {
	b, err := a.admit(w, r)
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	defer a.seats.leave(b.account)
	b.run(r.Context())
}

// run does the whole bulk and returns when nothing of it is left running.
func (b *bulk) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b.spool = newSpool(b.api.spoolDir)
	defer b.spool.free()
	b.w.Header().Set("Content-Type", ndjsonType)
	read := make(chan *step, 1)
	var others sync.WaitGroup
	others.Go(func() { b.read(ctx, read) })
	// Answers go out while the body still comes in. Where that cannot be, they
	// wait in the spool for the body's end.
	duplex := b.rc.EnableFullDuplex() == nil
	if duplex {
		others.Go(func() { b.send(cancel) })
	}
	whole := b.post(ctx, read)
	b.done.Store(true)
	b.finish()
	if !whole {
		cancel()
		b.patient.stop()
	}
	_ = b.rc.SetWriteDeadline(time.Now().Add(b.api.silence))
	if !duplex {
		b.send(cancel)
	}
	others.Wait()
	_ = b.rc.SetWriteDeadline(time.Time{})
	if !whole && b.refused == nil && !b.patient.intact() {
		panic(http.ErrAbortHandler) // everything is sent; ends the connection
	}
}

// read parses ahead while the step before is posted.
func (b *bulk) read(ctx context.Context, out chan<- *step) {
	defer close(out)
	g := newSteps(b.body, b.size, b.key != "")
	for {
		s, last := g.next()
		if !pass(ctx, out, s) || last {
			return
		}
	}
}

// pass hands on the step. What ends the reading ends ctx as well, so a step
// that can be taken at once goes first: it says why.
func pass(ctx context.Context, out chan<- *step, s *step) bool {
	select {
	case out <- s:
		return true
	default:
	}
	select {
	case out <- s:
		return true
	case <-ctx.Done():
		return false
	}
}

// post takes the steps to the account in their order and says whether it came
// to the end of them.
func (b *bulk) post(ctx context.Context, in <-chan *step) (whole bool) {
	var text []byte
	for s := range in {
		if s.broken != nil {
			b.end.Problem = b.broke(s)
			return false
		}
		out, err := b.do(ctx, s)
		if err != nil && !(s.single() && isProblem(err)) {
			b.end.Problem = problemOf(err)
			return false
		}
		var failed int
		text, failed = s.answer(text[:0], out, err)
		b.end.Lines, b.end.Failed = b.end.Lines+len(s.slots), b.end.Failed+failed
		if _, err := b.spool.Write(text); err != nil {
			b.end.Problem = problemOf(&desk.Problem{Kind: desk.Unavailable, Detail: "the answers could not be kept until you read them; read while you send, and send the bulk again with the same Idempotency-Key"})
			return false
		}
	}
	if err := ctx.Err(); err != nil {
		b.end.Problem = problemOf(err)
		return false
	}
	b.end.Done = true
	return true
}

func isProblem(err error) bool {
	var p *desk.Problem
	return errors.As(err, &p)
}

// broke tells where the lines ended before their end.
func (b *bulk) broke(s *step) *problem {
	if errors.Is(s.broken, os.ErrDeadlineExceeded) {
		return &problem{Type: "/docs#problem-malformed", Title: "Request Timeout", Status: http.StatusRequestTimeout,
			Detail: "nothing came for " + b.api.silence.String() + "; send the bulk again with the same Idempotency-Key"}
	}
	first := b.end.Lines
	if len(s.slots) > 0 {
		first = s.slots[0].line - 1
	}
	return malformed("the body broke off; what stands behind line " + strconv.Itoa(first) + " was not done: send the bulk again with the same Idempotency-Key")
}

// do posts a step; one that has only refused lines needs no post.
func (b *bulk) do(ctx context.Context, s *step) (desk.Outcome, error) {
	if len(s.events) == 0 {
		return desk.Outcome{}, nil
	}
	p := desk.Post{Actor: b.by, Event: s.event()}
	if b.key != "" {
		p.Key, p.Print = bulkKey+b.key+"#"+strconv.Itoa(s.slots[0].line), s.print
	}
	return b.api.Poster.Post(ctx, b.account, p)
}

// finish writes the last line. A bulk of which nothing could be done is refused
// as any request is.
func (b *bulk) finish() {
	if b.end.Problem != nil && b.end.Lines == 0 {
		b.refused = b.end.Problem
		b.spool.Close(nil)
		return
	}
	text, _ := json.Marshal(b.end) // plain data
	_, err := b.spool.Write(append(text, '\n'))
	b.spool.Close(err)
}

// send carries answers to the client until the last. A client that has gone
// ends the bulk.
func (b *bulk) send(cancel context.CancelFunc) {
	buf := make([]byte, 0, 64<<10)
	for {
		text, err := b.spool.next(buf)
		if err == io.EOF && b.refused != nil {
			b.w.Header().Set("Connection", "close") // rather than read the rest of its body
			writeProblem(b.w, b.refused)
		}
		if err != nil {
			return
		}
		if b.done.Load() {
			_ = b.rc.SetWriteDeadline(time.Now().Add(b.api.silence))
		}
		if _, err = io.Copy(b.w, bytes.NewReader(text)); err == nil {
			err = b.rc.Flush()
		}
		if err != nil {
			b.spool.Close(err)
			cancel()
			b.patient.stop()
			return
		}
		buf = text[:0]
	}
}
