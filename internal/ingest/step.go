package ingest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"strconv"

	"github.com/deskwire/deskwire/internal/desk"
)

// MaxStep is the most bytes of lines in one step, which bounds the memory of a
// bulk: a step is posted, one waits and one is read.
const MaxStep = 4 << 20

// A step is a part of a bulk that is done whole or not at all.
type step struct {
	slots  []slot // one for each line that is not blank, in order
	events []desk.Event
	print  [16]byte // of its lines, when the bulk has a key
	bytes  int
	// broken is why the lines ended before their end. Such a step is not
	// complete and is not posted: sent again, it has to be the same.
	broken error
}

// A slot is a line's place in a step.
type slot struct {
	line    int
	under   string   // where the account's pointers lead into
	problem *problem // it is no event
}

// single says that the step is one event that cannot be part of a bulk.
func (s *step) single() bool {
	if len(s.events) != 1 || len(s.slots) != 1 {
		return false
	}
	_, ok := s.events[0].(desk.SetClock)
	return ok
}

// event is what the step posts.
func (s *step) event() desk.Event {
	if s.single() {
		return s.events[0]
	}
	return desk.Bulk{Events: s.events}
}

// steps gathers lines into steps. Where a step ends follows from the lines and
// the size alone, so a bulk that is sent again has the same steps.
type steps struct {
	lines *lines
	parse line
	size  int
	sum   hash.Hash // nil: without prints
	held  *gathered // a clock.set, which ended the step before it
}

type gathered struct {
	slot  slot
	event desk.Event
	bytes []byte
}

func newSteps(r io.Reader, size int, keyed bool) *steps {
	s := &steps{lines: newLines(r), size: size}
	if keyed {
		s.sum = sha256.New()
	}
	return s
}

// next gives the next step; last says that none follows.
func (g *steps) next() (s *step, last bool) {
	s = &step{slots: make([]slot, 0, g.size), events: make([]desk.Event, 0, g.size)}
	if g.sum != nil {
		g.sum.Reset()
	}
	for len(s.slots) < g.size && s.bytes < MaxStep && !last {
		l, err := g.gather()
		if err != nil {
			last = true
			if err != io.EOF {
				s.broken = err
			}
			break
		}
		if _, clock := l.event.(desk.SetClock); clock {
			if len(s.slots) > 0 {
				g.held = l
				break
			}
			g.add(s, l)
			break
		}
		g.add(s, l)
	}
	if g.sum != nil {
		copy(s.print[:], g.sum.Sum(nil))
	}
	return s, last
}

// gather reads one line, well or badly written.
func (g *steps) gather() (*gathered, error) {
	if l := g.held; l != nil {
		g.held = nil
		return l, nil
	}
	b, err := g.lines.next()
	l := &gathered{slot: slot{line: g.lines.n}, bytes: b}
	switch {
	case errors.Is(err, errLongLine):
		l.slot.problem = problemOf(errLongLine)
		return l, nil
	case err != nil:
		return nil, err
	}
	l.event, l.slot.under, err = g.parse.parse(b)
	if err != nil {
		l.event, l.slot.problem = nil, problemOf(err)
	}
	return l, nil
}

func (g *steps) add(s *step, l *gathered) {
	s.slots = append(s.slots, l.slot)
	s.bytes += len(l.bytes)
	if l.event != nil {
		s.events = append(s.events, l.event)
	}
	if g.sum != nil {
		g.sum.Write(binary.AppendUvarint(nil, uint64(len(l.bytes))))
		g.sum.Write(l.bytes)
	}
}

// result answers one line of a bulk.
type result struct {
	Line    int      `json:"line" doc:"The line's number, from 1" example:"1"`
	ID      string   `json:"id,omitempty" doc:"Of what was written" example:"1001"`
	Version uint64   `json:"version,omitempty" doc:"Of what was written" example:"7"`
	Changed bool     `json:"changed" doc:"false: it was so already"`
	Seq     uint64   `json:"seq,omitempty" doc:"The account's seq after the line's step" example:"4711"`
	Again   bool     `json:"again,omitempty" doc:"true: an earlier bulk with this key did it"`
	Problem *problem `json:"problem,omitempty" doc:"Why the line was refused; the others go on"`
}

// bulkEnd is the last line of the answer.
type bulkEnd struct {
	Done    bool     `json:"done" doc:"true: every line was taken up; false: problem says what broke the bulk off"`
	Lines   int      `json:"lines" doc:"Lines answered, blank ones not counted" example:"5000"`
	Failed  int      `json:"failed" doc:"Lines that were refused" example:"0"`
	Problem *problem `json:"problem,omitempty"`
}

// answer appends the answers to the step's lines and counts the refused ones.
func (s *step) answer(b []byte, out desk.Outcome, err error) (_ []byte, failed int) {
	next := 0
	for _, slot := range s.slots {
		r := result{Line: slot.line, Seq: out.Seq, Again: out.Again, Problem: slot.problem}
		if slot.problem == nil {
			r.take(s.outcome(next, out, err), slot.under)
			next++
		}
		if r.Problem != nil {
			failed++
		}
		b = r.append(b)
	}
	return b, failed
}

// outcome is what came of the step's event i.
func (s *step) outcome(i int, out desk.Outcome, err error) desk.Result {
	var p *desk.Problem
	switch {
	case s.single() && errors.As(err, &p):
		return desk.Result{Problem: p}
	case s.single():
		return desk.Result{Outcome: out}
	case i < len(out.Results):
		return out.Results[i]
	}
	return desk.Result{Problem: desk.Problemf(desk.Unavailable, "no answer to this line; send it again")}
}

func (r *result) take(o desk.Result, prefix string) {
	r.ID, r.Version, r.Changed = o.ID, o.Version, o.Changed
	if o.Problem != nil {
		r.Problem = problemOf(under(prefix, o.Problem))
	}
}

// append writes the line; what is plain goes without encoding/json.
func (r *result) append(b []byte) []byte {
	if r.Problem != nil || r.ID != "" && !desk.ValidID(r.ID) {
		r.Seq, r.Changed = 0, false
		text, err := json.Marshal(r)
		if err != nil { // only by what Current is: the rest can be written
			r.Problem.Current = nil
			text, _ = json.Marshal(r)
		}
		return append(append(b, text...), '\n')
	}
	b = strconv.AppendInt(append(b, `{"line":`...), int64(r.Line), 10)
	if r.ID != "" {
		b = append(append(append(b, `,"id":"`...), r.ID...), '"')
	}
	if r.Version > 0 {
		b = strconv.AppendUint(append(b, `,"version":`...), r.Version, 10)
	}
	b = strconv.AppendBool(append(b, `,"changed":`...), r.Changed)
	b = strconv.AppendUint(append(b, `,"seq":`...), r.Seq, 10)
	if r.Again {
		b = append(b, `,"again":true`...)
	}
	return append(b, "}\n"...)
}
