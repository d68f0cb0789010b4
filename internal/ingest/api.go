// Package ingest is the HTTP API: it turns what a helpdesk's backend sends into
// desk events, and answers questions about what is.
//
// A 2xx means that the write is durable and that every screen will show it. A
// refusal is an RFC 9457 problem document that names what is wrong, where, and
// what to do. A write with an Idempotency-Key can be sent again.
package ingest

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/deskwire/deskwire/internal/desk"
)

// A Poster takes events to an account.
type Poster interface {
	Post(ctx context.Context, account desk.AccountID, p desk.Post) (desk.Outcome, error)
}

// An Asker asks an account.
type Asker interface {
	Ask(ctx context.Context, account desk.AccountID, q desk.Query) (any, error)
}

// A Registry keeps which accounts there are, and their API keys.
type Registry interface {
	Create(ctx context.Context, a desk.Account) error
	Accounts(ctx context.Context) ([]desk.AccountID, error)
	Delete(ctx context.Context, account desk.AccountID) error
	AddKey(ctx context.Context, account desk.AccountID, name string) (id, secret string, err error)
	Keys(ctx context.Context, account desk.AccountID) ([]KeyInfo, error)
	DropKey(ctx context.Context, account desk.AccountID, id string) error
}

// KeyInfo is a key as it is listed; its secret is told once, when it is made.
type KeyInfo struct {
	ID string `json:"id"`
	desk.APIKey
}

// A Doorman says who calls. Operator is asked with no account.
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
	MaxKey  = 200       // bytes of an idempotency key
)

type api struct {
	Options
	huma huma.API
}

// New makes the API's handler: /v1, its description and its docs page.
func New(o Options) http.Handler {
	mux := http.NewServeMux()
	config := huma.DefaultConfig("Deskwire", o.Version)
	config.DocsPath, config.SchemasPath, config.CreateHooks = "", "", nil
	config.OpenAPIPath = "/openapi"
	config.Info.Description = "The live layer of a helpdesk: send what happens, and every agent's screen is right."
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"bearer": {Type: "http", Scheme: "bearer",
		Description: "The account's API key, the operator's key, or an agent's token."}}
	config.Components.Schemas = registry()
	a := &api{Options: o, huma: humago.New(mux, config)}
	a.accounts()
	a.people()
	a.tickets()
	a.views()
	a.bulkRoute(mux)
	docs(mux)
	return mux
}

// registry describes our types as their JSON is, not as their Go is.
func registry() huma.Registry {
	r := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	r.RegisterTypeAlias(reflect.TypeFor[desk.Time](), reflect.TypeFor[time.Time]())
	r.RegisterTypeAlias(reflect.TypeFor[json.RawMessage](), reflect.TypeFor[map[string]any]())
	return r
}

func init() {
	// huma's own refusals come in the same shape as ours.
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		p := &problem{Status: status, Title: http.StatusText(status), Detail: message}
		for _, err := range errs {
			if d, ok := err.(*huma.ErrorDetail); ok {
				p.Detail, p.Pointer = d.Message, d.Location
			}
		}
		p.Type = "/docs#problem-invalid"
		return p
	}
}
