package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/deskwire/deskwire/internal/desk"
)

// problem is an RFC 9457 problem document.
type problem struct {
	Type       string `json:"type" doc:"What sort of problem: the section of this page that explains it" example:"/docs#problem-stale"`
	Title      string `json:"title" doc:"The HTTP status in words" example:"Conflict"`
	Status     int    `json:"status" doc:"The HTTP status" example:"409"`
	Detail     string `json:"detail" doc:"One sentence that says what to do"`
	Pointer    string `json:"pointer,omitempty" doc:"JSON pointer (RFC 6901) to what is wrong in the request's body" example:"/version"`
	Current    any    `json:"current,omitempty" doc:"The state that the request collides with"`
	RetryAfter int64  `json:"retry_after_ms,omitempty" doc:"Milliseconds after which to send it again" example:"1000"`
}

func (p *problem) Error() string             { return p.Detail }
func (p *problem) GetStatus() int            { return p.Status }
func (p *problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

// statuses gives each kind of problem its HTTP status; nowhere else has codes.
var statuses = map[desk.Kind]int{desk.Invalid: 422, desk.NotFound: 404, desk.Stale: 409, desk.Conflict: 409,
	desk.Forbidden: 403, desk.TooLarge: 413, desk.Unavailable: 503}

// unauthorized asks for a key or token.
var unauthorized = &problem{Type: "/docs#problem-unauthorized", Title: "Unauthorized", Status: 401,
	Detail: "send an API key of this account, or an agent's token, as Authorization: Bearer …"}

// malformed is a request that is not what it says it is.
func malformed(detail string) *problem {
	return &problem{Type: "/docs#problem-malformed", Title: "Bad Request", Status: http.StatusBadRequest, Detail: detail}
}

func unsupported(detail string) *problem {
	return &problem{Type: "/docs#problem-unsupported", Title: "Unsupported Media Type", Status: http.StatusUnsupportedMediaType, Detail: detail}
}

// problemOf turns any error into a problem document. What is not the caller's
// fault is not told in detail.
func problemOf(err error) *problem {
	own, d := (*problem)(nil), (*desk.Problem)(nil)
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &d):
		return &problem{Type: "/docs#problem-" + strings.ReplaceAll(string(d.Kind), "_", "-"), Title: http.StatusText(statuses[d.Kind]),
			Status: statuses[d.Kind], Detail: d.Detail, Pointer: d.Pointer, Current: d.Current, RetryAfter: d.RetryAfter}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return problemOf(&desk.Problem{Kind: desk.Unavailable, RetryAfter: 1000,
			Detail: "no answer came in time; send it again with the same Idempotency-Key"})
	}
	return &problem{Type: "/docs#problem-internal", Title: "Internal Server Error", Status: 500,
		Detail: "this is our fault; send it again with the same Idempotency-Key, and tell us if it stays"}
}

// headers are what goes with a problem outside its body.
func (p *problem) headers() http.Header {
	h := http.Header{}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt((p.RetryAfter+999)/1000, 10))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="deskwire"`)
	}
	return h
}

// refuse is the error that a handler returns.
func refuse(err error) error {
	if err == nil {
		return nil
	}
	p := problemOf(err)
	return huma.ErrorWithHeaders(p, p.headers())
}

// writeProblem answers with the problem.
func writeProblem(w http.ResponseWriter, p *problem) {
	for name, values := range p.headers() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

func init() { huma.NewError = humaProblem }

// humaProblem gives huma's own refusals the same shape as ours. They are about
// headers, addresses and sizes: bodies are read by us.
func humaProblem(status int, message string, errs ...error) huma.StatusError {
	p := &problem{Type: "/docs#problem-invalid", Title: http.StatusText(status), Status: status, Detail: message}
	switch {
	case status == http.StatusRequestEntityTooLarge:
		return problemOf(&desk.Problem{Kind: desk.TooLarge, Detail: "a document is at most " + strconv.Itoa(MaxBody) + " bytes; use bulk for more"})
	case message == "request body is required":
		p.Type, p.Detail = "/docs#problem-malformed", "a JSON document is missing in the body"
	case message == "cannot read request body":
		p.Type, p.Title, p.Status, p.Detail = "/docs#problem-malformed", "Bad Request", http.StatusBadRequest, "the body broke off; send it again"
	case status >= http.StatusInternalServerError:
		return problemOf(errors.New(message))
	}
	for _, err := range errs {
		if d, ok := err.(*huma.ErrorDetail); ok {
			place, name, _ := strings.Cut(d.Location, ".")
			p.Detail = "the " + places[place] + " " + name + ": " + d.Message
		}
	}
	return p
}

// places are huma's names for the parts of a request, in ours.
var places = map[string]string{"query": "query parameter", "header": "header", "path": "part of the address", "body": "body"}
