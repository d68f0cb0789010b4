// Package ingest is the HTTP API: it turns what a helpdesk's backend sends into
// desk events, and answers questions about what is.
//
//  1. A 2xx means that the write is durable and that every screen will show it.
//  2. A refusal is an RFC 9457 problem document that says what is wrong, where,
//     and what to do. A refused write changed nothing.
//  3. A write with an Idempotency-Key can be sent again: it is done once. A bulk
//     with one can be sent again from its beginning.
//  4. Who may not come in is refused before his body is read.
//  5. A bulk of any size needs bounded memory, and its writer never has to read
//     the answers before everything is sent.
//  6. Nothing of a body or a token is logged.
//
// It does not promise an order between requests: a client that needs one waits
// for each answer, or sends a bulk.
package ingest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/deskwire/deskwire/internal/desk"
)

// A Poster takes events to an account. The post is durable when it answers.
type Poster interface {
	Post(ctx context.Context, account desk.AccountID, p desk.Post) (desk.Outcome, error)
}

// An Asker asks an account.
type Asker interface {
	Ask(ctx context.Context, account desk.AccountID, q desk.Query) (any, error)
}

// A Registry keeps which accounts there are, and their API keys. Again says that
// an earlier request with the same key did it, and that this is its answer.
type Registry interface {
	Check(a desk.Account) error
	CreateOnce(ctx context.Context, o Once, a desk.Account) (again bool, err error)
	Accounts(ctx context.Context) ([]desk.AccountID, error)
	Delete(ctx context.Context, account desk.AccountID) error
	AddKeyOnce(ctx context.Context, o Once, account desk.AccountID, name string) (made MadeKey, again bool, err error)
	Keys(ctx context.Context, account desk.AccountID) ([]KeyInfo, error)
	DropKeyOnce(ctx context.Context, o Once, account desk.AccountID, id string) (again bool, err error)
}

// Once makes a write of the registry safe to send again, as Key and Print do a
// desk.Post. The zero value makes it none.
type Once struct {
	Key   string
	Print [16]byte
}

// MadeKey is an API key with its secret, which is told to its maker only.
type MadeKey struct {
	ID     string `json:"id" doc:"Names the key when it is withdrawn"`
	Secret string `json:"secret" doc:"The key itself, told this once; keep it"`
}

// KeyInfo is a key as it is listed; its secret is told once, when it is made.
type KeyInfo struct {
	ID string `json:"id"`
	desk.APIKey
}

// A Doorman says who calls, in constant time. A bearer that is not valid for
// the account is a Forbidden problem. Operator is asked with no account.
type Doorman interface {
	Who(ctx context.Context, account desk.AccountID, bearer string) (desk.Actor, error)
	Operator(bearer string) bool
}

// Options are what the API stands on.
type Options struct {
	Poster   Poster
	Asker    Asker
	Registry Registry
	Doorman  Doorman
	Version  string // of the product, for the description
}

// Limits on requests.
const (
	MaxBody = 1 << 20   // bytes of one document
	MaxLine = 256 << 10 // bytes of one line of a bulk
)

type api struct {
	Options
	huma     huma.API
	mux      *http.ServeMux
	routes   []route // as registered, for the description
	seats    seats
	silence  time.Duration // MaxSilence; tests have less patience
	spoolDir string        // see spool
}

// New makes the API's handler: /v1, its description and its docs page.
func New(o Options) http.Handler { return newAPI(o) }

func newAPI(o Options) *api {
	mux := http.NewServeMux()
	a := &api{Options: o, mux: mux, huma: humago.New(mux, config(o.Version)), silence: MaxSilence}
	a.accounts()
	a.people()
	a.tickets()
	a.views()
	mux.HandleFunc("POST "+bulkPath, a.bulk)
	a.describe()
	pages(mux)
	return a
}

// ServeHTTP sorts the request to its route. What has none gets a problem too.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, pattern := a.mux.Handler(r); pattern == "" {
		a.lost(w, r)
		return
	}
	a.mux.ServeHTTP(w, r)
}

// lost answers for an address that is not one, or does not take the method.
func (a *api) lost(w http.ResponseWriter, r *http.Request) {
	m := &muted{header: http.Header{}}
	a.mux.ServeHTTP(m, r)
	p := problemOf(desk.Problemf(desk.NotFound, "there is nothing at this address; the docs are at /docs"))
	if m.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", m.header.Get("Allow"))
		p = &problem{Type: "/docs#problem-invalid", Title: http.StatusText(m.status), Status: m.status, Detail: "this address takes " + m.header.Get("Allow")}
	}
	writeProblem(w, p)
}

// muted hears what the mux would answer by itself.
type muted struct {
	header http.Header
	status int
}

func (m *muted) Header() http.Header         { return m.header }
func (m *muted) Write(b []byte) (int, error) { return len(b), nil }
func (m *muted) WriteHeader(status int)      { m.status = status }
