package replay

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
)

// Server is the HTTP API of a server, as a customer's backend uses it.
type Server struct {
	url     string // http://host:port
	key     string
	account desk.AccountID
	http    *http.Client
	run     string // begins the idempotency keys
	sent    int    // bulks
}

// Refusal is a problem document that came back.
type Refusal struct {
	Status     int    `json:"status"`
	Detail     string `json:"detail"`
	Pointer    string `json:"pointer"`
	RetryAfter int64  `json:"retry_after_ms"`
}

func (r *Refusal) Error() string {
	if r.Pointer != "" {
		return fmt.Sprintf("%s: %s (%d)", r.Pointer, r.Detail, r.Status)
	}
	return fmt.Sprintf("%s (%d)", r.Detail, r.Status)
}

// patience is how often a request is sent again while the server is not
// available.
const patience = 8

// call sends a request, again while the server says that it is busy, and
// reads the answer into v. Every write has an idempotency key, so that
// sending it again is safe.
func (s *Server) call(ctx context.Context, method, path string, body []byte, v any) error {
	key := ""
	if method != http.MethodGet {
		s.sent++
		key = s.run + "-" + strconv.Itoa(s.sent)
	}
	for try := 1; ; try++ {
		err := s.once(ctx, method, path, key, body, v)
		var refused *Refusal
		final := err == nil || ctx.Err() != nil || errors.As(err, &refused) && refused.Status != http.StatusServiceUnavailable
		if final || try == patience {
			return err
		}
		pause := time.Duration(try) * 200 * time.Millisecond
		if refused != nil && refused.RetryAfter > 0 {
			pause = time.Duration(refused.RetryAfter) * time.Millisecond
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (s *Server) once(ctx context.Context, method, path, key string, body []byte, v any) error {
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		refused := &Refusal{Status: res.StatusCode, Detail: "the server gave no reason"}
		_ = json.NewDecoder(res.Body).Decode(refused)
		return refused
	}
	if take, ok := v.(func(io.Reader) error); ok {
		return take(res.Body)
	}
	if v == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(v)
}

func (s *Server) path(rest string) string {
	return "/v1/accounts/" + url.PathEscape(string(s.account)) + rest
}

// create makes the account.
func (s *Server) create(ctx context.Context, a desk.Account) error {
	b, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return s.call(ctx, http.MethodPost, "/v1/accounts", b, nil)
}

// A batch is the lines of a bulk.
type batch struct {
	buf   bytes.Buffer
	lines int
}

func (b *batch) add(line map[string]any) error {
	raw, err := json.Marshal(line)
	if err != nil {
		return err
	}
	b.buf.Write(raw)
	b.buf.WriteByte('\n')
	b.lines++
	return nil
}

// post sends the batch as one bulk and gives the seq after it. A line that is
// refused is an error.
func (s *Server) post(ctx context.Context, b *batch) (seq uint64, err error) {
	if b.lines == 0 {
		return 0, nil
	}
	body := bytes.Clone(b.buf.Bytes())
	b.buf.Reset()
	b.lines = 0
	err = s.call(ctx, http.MethodPost, s.path("/bulk"), body, func(r io.Reader) error {
		seq, err = readAnswers(r, body)
		return err
	})
	return seq, err
}

// readAnswers reads the lines that answer a bulk.
func readAnswers(r io.Reader, body []byte) (seq uint64, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var a struct {
			Line    int      `json:"line"`
			Seq     uint64   `json:"seq"`
			Problem *Refusal `json:"problem"`
			Done    *bool    `json:"done"`
		}
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return 0, fmt.Errorf("read the answer to a bulk: %w", err)
		}
		seq = max(seq, a.Seq)
		if a.Problem != nil {
			return 0, fmt.Errorf("the server refused %s: %w", nth(body, a.Line), a.Problem)
		}
		if a.Done != nil {
			return seq, nil
		}
	}
	return 0, errors.Join(errors.New("the answer to a bulk broke off"), lines.Err())
}

// nth is a line of the body, cut to be read.
func nth(body []byte, n int) string {
	lines := strings.Split(string(body), "\n")
	if n < 1 || n > len(lines) {
		return "a bulk"
	}
	return lines[n-1][:min(len(lines[n-1]), 300)]
}

// page is a view's list as an agent sees it: its total, and its first tickets.
func (s *Server) page(ctx context.Context, view desk.ViewID, agent desk.AgentID) (desk.TicketPage, error) {
	var p desk.TicketPage
	q := url.Values{"agent": {string(agent)}, "limit": {strconv.Itoa(desk.MaxPage)}}
	err := s.call(ctx, http.MethodGet, s.path("/views/"+url.PathEscape(string(view))+"/tickets?"+q.Encode()), nil, &p)
	return p, err
}

func (s *Server) health(ctx context.Context) (h desk.Health, err error) {
	return h, s.call(ctx, http.MethodGet, s.path("/health"), nil, &h)
}

// live is the address of the line.
func (s *Server) live() string {
	return "ws" + strings.TrimPrefix(s.url, "http") + "/live"
}
