package ingest

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/deskwire/deskwire/internal/desk"
)

// bulkStep is a part of a bulk that is posted as one step.
type bulkStep struct {
	first    int // number of its first line
	events   []desk.Event
	lines    []int            // the line of each event
	problems map[int]*problem // by line, of those that are no events
	last     int              // number of its last line
	print    [16]byte
	err      error // the reading ended so, after this step
}

// result answers one line.
type result struct {
	Line    int      `json:"line"`
	ID      string   `json:"id,omitempty"`
	Version uint64   `json:"version,omitempty"`
	Seq     uint64   `json:"seq,omitempty"`
	Changed bool     `json:"changed"`
	Problem *problem `json:"problem,omitempty"`
}

// done is the last line of the answer.
type bulkDone struct {
	Done    bool     `json:"done"`
	Lines   int      `json:"lines"`
	Failed  int      `json:"failed"`
	Problem *problem `json:"problem,omitempty"`
}

func (a *api) bulkRoute(mux *http.ServeMux) {
	const path = "/v1/accounts/{account}/bulk"
	mux.HandleFunc("POST "+path, a.bulk)
	o := a.operation(op{"POST", path, "bulk", "Write any number of lines, each answered with a line", "Bulk", line{Op: "ticket.delete", ID: "1001"}, "application/x-ndjson"})
	o.Description = "The body is NDJSON of any size, gzip or not. It is read, done and answered in steps of at most 5,000 lines (?step=N for fewer); each step is seen by every screen whole or not at all. " +
		"Answers stream back while the body is still sent; a client that reads them only at the end is fine. Ops: ticket.put {ticket}, ticket.patch {id, if_version?, patch}, ticket.delete {id}, ticket.merge {from, into}, " +
		"message.add {message}, agent.put {agent}, team.put {team}, customer.put {customer}, view.put {view}, agent.delete, team.delete, customer.delete, view.delete {id}, customer.merge {from, into}, clock.set {now}. " +
		"The last line of the answer is {\"done\":true,\"lines\":N,\"failed\":F}. With an Idempotency-Key the whole can be sent again."
	o.Parameters = []*huma.Param{{Name: "account", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}},
		{Name: "step", In: "query", Description: "Lines a step, 1 to 5000", Schema: &huma.Schema{Type: "integer"}},
		{Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string"}}}
	o.Responses = map[string]*huma.Response{"200": {Description: "A line for each line, then the sum", Content: map[string]*huma.MediaType{"application/x-ndjson": {Schema: &huma.Schema{Type: "string"}}}}}
	a.huma.OpenAPI().AddOperation(&o)
}

func (a *api) bulk(w http.ResponseWriter, r *http.Request) {
	c := Caller{Account: r.PathValue("account"), Bearer: r.Header.Get("Authorization")}
	size, err := stepSize(r.URL.Query().Get("step"))
	if err == nil {
		err = a.backend(r.Context(), &c)
	}
	body := io.Reader(r.Body)
	if err == nil && r.Header.Get("Content-Encoding") == "gzip" {
		body, err = gzip.NewReader(r.Body)
	}
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	// Answers go out while the body still comes in; a client that does not
	// read them yet only fills its own socket.
	_ = http.NewResponseController(w).EnableFullDuplex()
	w.Header().Set("Content-Type", "application/x-ndjson")
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	steps := make(chan *bulkStep, 1)
	go readSteps(ctx, body, size, r.Header.Get("Idempotency-Key") != "", steps)
	a.answer(ctx, w, &c, r.Header.Get("Idempotency-Key"), steps)
}

func stepSize(text string) (int, error) {
	if text == "" {
		return desk.MaxBulk, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > desk.MaxBulk {
		return 0, desk.Invalidf("", "step is a number of lines from 1 to %d", desk.MaxBulk)
	}
	return n, nil
}

func writeProblem(w http.ResponseWriter, p *problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="deskwire"`)
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// readSteps reads and parses ahead by a step while the one before is posted.
func readSteps(ctx context.Context, body io.Reader, size int, keyed bool, out chan<- *bulkStep) {
	defer close(out)
	r := bufio.NewReaderSize(body, MaxLine)
	for n := 1; ; {
		s := &bulkStep{first: n, last: n - 1, problems: map[int]*problem{}}
		var sum hash.Hash
		if keyed {
			sum = sha256.New()
		}
		for len(s.events)+len(s.problems) < size && s.err == nil {
			n = s.read(r, n, sum)
		}
		if keyed {
			copy(s.print[:], sum.Sum(nil))
		}
		select {
		case out <- s:
		case <-ctx.Done():
			return
		}
		if s.err != nil {
			return
		}
	}
}

// read takes one line into the step and gives the number of the next.
func (s *bulkStep) read(r *bufio.Reader, n int, sum hash.Hash) int {
	b, err := r.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		s.last = n
		s.problems[n] = problemOf(&desk.Problem{Kind: desk.TooLarge, Detail: "a line is at most " + strconv.Itoa(MaxLine) + " bytes"})
		for err == bufio.ErrBufferFull {
			_, err = r.ReadSlice('\n')
		}
		s.err = err
		return n + 1
	}
	s.err = err
	if sum != nil {
		sum.Write(b)
	}
	text := strings.TrimSpace(string(b))
	if text == "" {
		if err == nil {
			s.last = n
		}
		return n + 1
	}
	s.last = n
	e, perr := parseLine([]byte(text))
	if perr != nil {
		s.problems[n] = problemOf(perr)
		return n + 1
	}
	s.events, s.lines = append(s.events, e), append(s.lines, n)
	return n + 1
}

// answer posts the steps in their order and writes a line for each of theirs.
func (a *api) answer(ctx context.Context, w http.ResponseWriter, c *Caller, key string, steps <-chan *bulkStep) {
	out := bufio.NewWriterSize(w, 64<<10)
	flush := http.NewResponseController(w)
	enc := json.NewEncoder(out)
	sum := bulkDone{Done: true}
	for s := range steps {
		p := a.postStep(ctx, c, key, s)
		sum.Failed += s.write(enc, p.outcome)
		if p.err != nil {
			sum.Done, sum.Problem = false, problemOf(p.err)
			break
		}
		sum.Lines = s.last
		if s.err != nil && !errors.Is(s.err, io.EOF) {
			sum.Done, sum.Problem = false, problemOf(desk.Invalidf("", "the body broke off behind line %d: %s", s.last, s.err))
		}
		_ = out.Flush()
		_ = flush.Flush()
	}
	_ = enc.Encode(sum)
	_ = out.Flush()
}

type posted struct {
	outcome desk.Outcome
	err     error
}

func (a *api) postStep(ctx context.Context, c *Caller, key string, s *bulkStep) posted {
	if len(s.events) == 0 {
		return posted{}
	}
	p := desk.Post{Actor: desk.Actor{Kind: desk.ByBackend}, Event: desk.Bulk{Events: s.events}}
	if key != "" {
		p.Key, p.Print = "b:"+key+"#"+strconv.Itoa(s.first), s.print
	}
	out, err := a.Poster.Post(ctx, desk.AccountID(c.Account), p)
	return posted{out, err}
}

// write writes the step's lines in order and counts those that failed.
func (s *bulkStep) write(enc *json.Encoder, out desk.Outcome) (failed int) {
	next := 0
	for n := s.first; n <= s.last; n++ {
		if p := s.problems[n]; p != nil {
			failed++
			_ = enc.Encode(result{Line: n, Problem: p})
			continue
		}
		if next >= len(s.lines) || s.lines[next] != n || next >= len(out.Results) {
			continue // a blank line, or a step that was not done
		}
		r := out.Results[next]
		next++
		line := result{Line: n, ID: r.ID, Version: r.Version, Seq: r.Seq, Changed: r.Changed}
		if r.Problem != nil {
			failed++
			line.Problem = problemOf(r.Problem)
		}
		_ = enc.Encode(line)
	}
	return failed
}
