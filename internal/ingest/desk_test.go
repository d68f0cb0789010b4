package ingest_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/ingest"
)

// till is an account that takes everything down and does nothing: what a test
// of the API itself stands on. What the account decides is tested in app_test.
type till struct {
	mu    sync.Mutex // guards posts
	posts []desk.Post
	post  func(desk.Post) (desk.Outcome, error) // nil: everything is well
	// forget counts the events of posts instead of keeping them.
	forget bool
	count  atomic.Int64
	id     string // of what a bulk's lines wrote; "" is 1
	once   sync.Once
	api    http.Handler
}

func (d *till) Post(_ context.Context, _ desk.AccountID, p desk.Post) (desk.Outcome, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if b, ok := p.Event.(desk.Bulk); ok {
		d.count.Add(int64(len(b.Events)))
	}
	if !d.forget {
		d.posts = append(d.posts, p)
	}
	if d.post != nil {
		return d.post(p)
	}
	out := well(p)
	for i := range out.Results {
		if d.id != "" {
			out.Results[i].ID = d.id
		}
	}
	return out, nil
}

// well is the outcome of a post that is accepted.
func well(p desk.Post) desk.Outcome {
	out := desk.Outcome{Seq: 1, ID: "1", Version: 1, Changed: true}
	if b, ok := p.Event.(desk.Bulk); ok {
		out.Results = make([]desk.Result, len(b.Events))
		for i := range out.Results {
			out.Results[i].Outcome = desk.Outcome{ID: "1", Version: 1, Changed: true}
		}
	}
	return out
}

func (d *till) taken() []desk.Post {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]desk.Post(nil), d.posts...)
}

func (d *till) Ask(ctx context.Context, _ desk.AccountID, q desk.Query) (any, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if _, ok := q.(desk.GetAccount); ok {
		return desk.Account{ID: "acme", Name: "Acme"}, nil
	}
	return nil, desk.Problemf(desk.NotFound, "nothing here")
}

func (d *till) Who(_ context.Context, _ desk.AccountID, bearer string) (desk.Actor, error) {
	switch bearer {
	case "key":
		return desk.Actor{Kind: desk.ByBackend, ID: "key"}, nil
	case "ann":
		return desk.Actor{Kind: desk.ByAgent, ID: "ann"}, nil
	}
	return desk.Actor{}, desk.Problemf(desk.Forbidden, "no")
}

func (d *till) Operator(bearer string) bool { return bearer == "operator" }

func (d *till) handler() http.Handler {
	d.once.Do(func() { d.api = ingest.New(ingest.Options{Poster: d, Asker: d, Doorman: d, Version: "test"}) })
	return d.api
}

// call sends one request with the backend's key and gives what came back.
func (d *till) call(t *testing.T, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	d.handler().ServeHTTP(w, request(method, path, body, headers...))
	return w
}

func request(method, path, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, path, bytes.NewReader([]byte(body)))
	r.Header.Set("Authorization", "Bearer key")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// pipes is a listener whose connections keep nothing: what one side writes
// waits until the other reads. A conversation that only works thanks to a
// buffer somewhere stands still on it.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error   { l.once.Do(func() { close(l.done) }); return nil }
func (l *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dial serves the handler over a pipe and gives the client's side of it.
func dial(t *testing.T, h http.Handler) net.Conn {
	l := &pipes{conns: make(chan net.Conn, 1), done: make(chan struct{})}
	s := &http.Server{Handler: h}
	go func() { _ = s.Serve(l) }()
	client, server := net.Pipe()
	l.conns <- server
	t.Cleanup(func() { _ = client.Close(); _ = s.Close() })
	return client
}

func read(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
