package ingest

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/deskwire/deskwire/internal/desk"
)

// A route is one method on one address, as it is described and guarded.
type route struct {
	method, path, id string
	tag, summary     string
	detail           string // more than the summary, or ""
	door             door
	body             any    // an example of the body, of its type; nil: there is none
	example          any    // a better one, of any type
	format           string // of the body, if not application/json
	answer           any    // an example of the answer
	// address are the pointers of problems that are about the address, not the
	// body: they are not told.
	address []string
	// under is what the account puts before its pointers into the body.
	under string
}

// readTimeout is how long a body of MaxBody may take to come in.
const readTimeout = 15 * time.Second

const jsonType = "application/json"

func (a *api) operation(r route) huma.Operation {
	a.routes = append(a.routes, r)
	out := huma.Operation{Method: r.method, Path: r.path, OperationID: r.id, Summary: r.summary, Tags: []string{r.tag},
		Description:  strings.TrimSpace(r.detail + "\n\n" + who[r.door]),
		MaxBodyBytes: MaxBody + 1, // huma refuses what is exactly as long as its limit
		// Bodies are read by us: with pointers, and without decoding twice.
		SkipValidateBody: true, BodyReadTimeout: readTimeout, RejectUnknownQueryParameters: true,
		Middlewares: huma.Middlewares{a.guard(r)}, Security: []map[string][]string{{"bearer": {}}}, Errors: r.errors()}
	if r.body != nil {
		schema := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(r.body), true, r.id)
		out.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{r.bodyType(): {Schema: schema, Example: r.exampleBody()}}}
	}
	return out
}

func (r *route) exampleBody() any {
	if r.example != nil {
		return r.example
	}
	return r.body
}

func (r *route) bodyType() string {
	if r.format == "" {
		return jsonType
	}
	return r.format
}

// errors are the statuses the route may refuse with.
func (r *route) errors() []int {
	out := []int{401, 422, 500, 503}
	if r.door != forOperator {
		out = append(out, 404)
	}
	if r.door == forBackend || r.method != http.MethodGet {
		out = append(out, 403)
	}
	if r.method != http.MethodGet {
		out = append(out, 409)
	}
	if r.body != nil {
		out = append(out, 400, 408, 413, 415)
	}
	slices.Sort(out)
	return out
}

// takes refuses a body that says it is something else than JSON. One that says
// nothing is taken at its word.
func (r *route) takes(contentType, encoding string) error {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	kind = strings.TrimSpace(kind)
	if kind != "" && kind != jsonType && !strings.HasSuffix(kind, "+json") {
		return unsupported("send JSON, with Content-Type: " + r.bodyType())
	}
	if encoding != "" && !strings.EqualFold(encoding, "identity") {
		return unsupported("send the body plain; only a bulk may be sent with Content-Encoding: gzip")
	}
	return nil
}

// place makes a problem of the account one of this request: its pointer leads
// into the body that was sent, or nowhere.
func (r *route) place(err error) error {
	var p *desk.Problem
	if !errors.As(err, &p) {
		return err
	}
	q := *p
	q.Pointer, _ = strings.CutPrefix(p.Pointer, r.under)
	if slices.Contains(r.address, p.Pointer) {
		q.Pointer = ""
	}
	return &q
}

// Caller is what every request about an account carries.
type Caller struct {
	Account string `path:"account" maxLength:"128" doc:"The account's id" example:"acme"`
}

// Keyed is a request that can be sent again.
type Keyed struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"1 to 200 visible ASCII characters. Makes the write safe to send again: for 24 hours the same key gets the same answer and changes nothing; the same key with another request is a conflict" example:"9c1f2a-put-1001"`
}

// Thing is a request about one thing of an account.
type Thing struct {
	Caller
	ID string `path:"id" maxLength:"128" doc:"Its id: 1 to 128 letters, digits or -_.:@+/ (a / is written %2F)" example:"1001"`
}

// Document is the body as it was sent. It must not be kept behind the handler.
type Document struct{ RawBody []byte }

// Whole is a request about an account with all it has.
type Whole struct{ Caller }

// read reads a document of the type's shape into v.
func read[T any](body []byte, v *T) error {
	if err := check(body, shapeOf(reflect.TypeFor[T]())); err != nil {
		return err
	}
	return desk.Decode(body, v)
}

// readNamed is read for what has an id of its own: the one in the address.
func readNamed[T any](body []byte, v *T, id *string, want string) error {
	if err := read(body, v); err != nil {
		return err
	}
	return named(id, want)
}

func named(id *string, want string) error {
	if *id != "" && *id != want {
		return desk.Invalidf("/id", "the id in the body is not the one in the address; leave it out")
	}
	*id = want
	return nil
}

// answered is any answer.
type answered[T any] struct{ Body T }

// ask asks the account and gives the answer as what it must be.
func ask[T any](ctx context.Context, a *api, account string, q desk.Query) (*answered[T], error) {
	v, err := a.Asker.Ask(ctx, desk.AccountID(account), q)
	if err != nil {
		return nil, refuse(err)
	}
	return &answered[T]{v.(T)}, nil
}
