package ingest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/deskwire/deskwire/internal/app"
	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/pass"
)

const (
	operatorKey = "operator-key-for-tests"
	secret      = "0123456789abcdef0123456789abcdef"
)

// house is a whole server with the accounts acme and other, as their engineers
// set them up.
type house struct {
	t     *testing.T
	app   *app.App
	key   string // an API key of acme
	other string // one of the other account
}

func open(t *testing.T) *house {
	t.Helper()
	a, err := app.Start(app.Config{Listen: "127.0.0.1:0", Data: t.TempDir(), OperatorKey: operatorKey, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop() })
	h := &house{t: t, app: a}
	for _, id := range []string{"acme", "other"} {
		h.operate("POST", "/v1/accounts", `{"id":"`+id+`","name":"`+id+`","zone":"Europe/Rome","keys":[{"id":"k","secret":"`+secret+`"}],
			"fields":[{"key":"plan","type":"enum","options":["free","pro"]}]}`)
	}
	h.key, h.other = h.makeKey("acme", "test"), h.makeKey("other", "test")
	h.must("PUT", "/agents/ann", `{"name":"Ann","role":"lead"}`)
	h.must("PUT", "/agents/ben", `{"name":"Ben","role":"agent"}`)
	h.must("PUT", "/tickets/1", `{"version":3,"subject":"Hello","status":"open"}`)
	return h
}

func (h *house) makeKey(account, name string) string {
	var made struct{ Secret string }
	h.decode(h.operate("POST", "/v1/accounts/"+account+"/keys", `{"name":"`+name+`"}`), &made)
	return made.Secret
}

func (h *house) decode(b []byte, v any) {
	h.t.Helper()
	if err := json.Unmarshal(b, v); err != nil {
		h.t.Fatalf("%v: %s", err, b)
	}
}

// said is what came back.
type said struct {
	status int
	header http.Header
	body   []byte
}

// send sends a request to a path of acme, or to a whole one with /v1 in front.
// Headers follow in pairs; an empty one is not sent.
func (h *house) send(method, path, body string, headers ...string) said {
	h.t.Helper()
	if !strings.HasPrefix(path, "/v1") && !strings.HasPrefix(path, "!") {
		path = "/v1/accounts/acme" + path
	}
	r, err := http.NewRequest(method, h.app.URL+strings.TrimPrefix(path, "!"), bytes.NewReader([]byte(body)))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+h.key)
	for i := 0; i+1 < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return said{res.StatusCode, res.Header, b}
}

func (h *house) must(method, path, body string, headers ...string) []byte {
	h.t.Helper()
	got := h.send(method, path, body, headers...)
	if got.status >= 300 {
		h.t.Fatalf("%s %s: %d %s", method, path, got.status, got.body)
	}
	return got.body
}

func (h *house) operate(method, path, body string) []byte {
	h.t.Helper()
	return h.must(method, path, body, "Authorization", "Bearer "+operatorKey)
}

func (h *house) token(agent desk.AgentID) string {
	now := time.Now()
	s, err := pass.Sign(desk.Key{ID: "k", Secret: secret}, pass.Pass{Account: "acme", Agent: agent, Expires: now.Add(time.Hour)}, now)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

type problem struct {
	Type, Title, Detail, Pointer string
	Status                       int
	Current                      json.RawMessage
	RetryAfter                   int64 `json:"retry_after_ms"`
}

// problem holds what came back to RFC 9457 and gives it.
func (h *house) problem(what string, got said) (p problem) {
	h.t.Helper()
	if kind := got.header.Get("Content-Type"); kind != "application/problem+json" {
		h.t.Errorf("%s: %d %q is no problem document: %.200s", what, got.status, kind, got.body)
		return p
	}
	h.decode(got.body, &p)
	if p.Status != got.status || p.Title != http.StatusText(got.status) || p.Detail == "" || !strings.HasPrefix(p.Type, "/docs#problem-") {
		h.t.Errorf("%s: %d with %s", what, got.status, got.body)
	}
	return p
}
