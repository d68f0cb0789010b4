package ingest

import (
	"context"
	"crypto/sha256"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/deskwire/deskwire/internal/desk"
)

// Caller is what every request about an account carries.
type Caller struct {
	Account string `path:"account" doc:"The account's id"`
	Bearer  string `header:"Authorization" hidden:"true"`
}

// who says who calls, or refuses.
func (a *api) who(ctx context.Context, c *Caller) (desk.Actor, error) {
	token, ok := strings.CutPrefix(c.Bearer, "Bearer ")
	if !ok {
		return desk.Actor{}, unauthorized
	}
	by, err := a.Doorman.Who(ctx, desk.AccountID(c.Account), token)
	if d, ok := err.(*desk.Problem); ok && d.Kind == desk.Forbidden {
		return by, unauthorized
	}
	return by, err
}

// backend lets only the account's own backend through.
func (a *api) backend(ctx context.Context, c *Caller) error {
	by, err := a.who(ctx, c)
	if err == nil && by.Kind != desk.ByBackend {
		err = desk.Problemf(desk.Forbidden, "agents may not do this; use the account's API key")
	}
	return err
}

// Write is a request that changes something.
type Write struct {
	Caller
	ID      string `path:"id" doc:"The id of what is written"`
	Key     string `header:"Idempotency-Key" maxLength:"200" doc:"Makes the write safe to send again: for 24 hours the same key gets the same answer and changes nothing"`
	RawBody []byte
}

// writeAll is the same for paths without an id.
type writeAll struct {
	Caller
	Key     string `header:"Idempotency-Key" maxLength:"200" doc:"Makes the write safe to send again"`
	RawBody []byte
}

// written answers a write.
type written struct {
	Status int
	Replay string `header:"Idempotent-Replay" doc:"true when an earlier request with the same key did it"`
	Body   receipt
}

// receipt is what came of a write.
type receipt struct {
	Seq     uint64 `json:"seq" doc:"The account's seq after the write: screens show it with patches to this seq or later"`
	ID      string `json:"id,omitempty" doc:"Of what was written"`
	Version uint64 `json:"version,omitempty" doc:"Of what was written"`
	Changed bool   `json:"changed" doc:"false: it was so already"`
	Created bool   `json:"created,omitempty"`
}

// op describes a route.
type op struct {
	method, path, id, summary, tag string
	body                           any // an example of the type of the body, or nil
	format                         string
}

func (a *api) operation(o op) huma.Operation {
	out := huma.Operation{Method: o.method, Path: o.path, OperationID: o.id, Summary: o.summary, Tags: []string{o.tag},
		MaxBodyBytes: MaxBody, SkipValidateBody: true, Security: []map[string][]string{{"bearer": {}}}, Errors: []int{401, 403, 404, 409, 413, 422, 503}}
	if o.body != nil {
		if o.format == "" {
			o.format = "application/json"
		}
		schema := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(o.body), true, o.id)
		out.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{o.format: {Schema: schema, Example: o.body}}}
	}
	return out
}

// writes registers a route that posts the event made of the request.
func (a *api) writes(o op, event func(*Write) (desk.Event, error)) {
	operation := a.operation(o)
	if o.body == nil {
		operation.RequestBody = &huma.RequestBody{}
	}
	huma.Register(a.huma, operation, func(ctx context.Context, r *Write) (*written, error) {
		e, err := event(r)
		if err != nil {
			return nil, refuse(err)
		}
		return a.post(ctx, &r.Caller, o, r.ID, r.Key, r.RawBody, e)
	})
	if o.body == nil { // huma takes a raw body for a required one; DELETE has none
		operation.RequestBody.Required = false
	}
}

// writesAll is writes for paths without an id.
func (a *api) writesAll(o op, event func(*writeAll) (desk.Event, error)) {
	huma.Register(a.huma, a.operation(o), func(ctx context.Context, r *writeAll) (*written, error) {
		e, err := event(r)
		if err != nil {
			return nil, refuse(err)
		}
		return a.post(ctx, &r.Caller, o, "", r.Key, r.RawBody, e)
	})
}

func (a *api) post(ctx context.Context, c *Caller, o op, id, key string, body []byte, e desk.Event) (*written, error) {
	by, err := a.who(ctx, c)
	if err != nil {
		return nil, refuse(err)
	}
	p := desk.Post{Actor: by, Event: e}
	if key != "" {
		p.Key, p.Print = "h:"+key, printOf(o.method, o.path, id, body)
	}
	out, err := a.Poster.Post(ctx, desk.AccountID(c.Account), p)
	if err != nil {
		return nil, refuse(err)
	}
	w := &written{Status: http.StatusOK, Body: receipt{out.Seq, out.ID, out.Version, out.Changed, out.Created}}
	if out.Created {
		w.Status = http.StatusCreated
	}
	if out.Again {
		w.Replay = "true"
	}
	return w, nil
}

func printOf(method, path, id string, body []byte) (p [16]byte) {
	h := sha256.New()
	for _, s := range []string{method, path, id} {
		h.Write([]byte(s + "\x00"))
	}
	h.Write(body)
	copy(p[:], h.Sum(nil))
	return p
}

// decode reads a document strictly into v and holds it to the id of the path.
func decode[T any](body []byte, v *T, id *string, want string) error {
	if err := desk.Decode(body, v); err != nil {
		return err
	}
	if id == nil {
		return nil
	}
	if *id == "" {
		*id = want
	}
	if *id != want {
		return desk.Invalidf("/id", "the id in the body is not the one in the address; leave it out")
	}
	return nil
}

// Read is a request that asks for something.
type Read struct {
	Caller
	ID string `path:"id" doc:"The id of what is asked for"`
}

type readAll struct {
	Caller
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

// first is the one thing of a list that a query by id gave.
func first[T any](r *answered[[]T], err error) (*answered[T], error) {
	if err != nil {
		return nil, err
	}
	return &answered[T]{r.Body[0]}, nil
}
