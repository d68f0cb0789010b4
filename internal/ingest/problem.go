package ingest

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/deskwire/deskwire/internal/desk"
)

// problem is an RFC 9457 problem document.
type problem struct {
	Type       string `json:"type" doc:"What sort of problem, as a page that explains it"`
	Title      string `json:"title"`
	Status     int    `json:"status"`
	Detail     string `json:"detail" doc:"One sentence that says what to do"`
	Pointer    string `json:"pointer,omitempty" doc:"JSON pointer to what is wrong in the request"`
	Current    any    `json:"current,omitempty" doc:"The state the request collides with"`
	RetryAfter int64  `json:"retry_after_ms,omitempty"`
}

func (p *problem) Error() string             { return p.Detail }
func (p *problem) GetStatus() int            { return p.Status }
func (p *problem) ContentType(string) string { return "application/problem+json" }

var statuses = map[desk.Kind]int{desk.Invalid: 422, desk.NotFound: 404, desk.Stale: 409, desk.Conflict: 409,
	desk.Forbidden: 403, desk.TooLarge: 413, desk.Unavailable: 503}

// unauthorized asks for a key or token.
var unauthorized = &problem{Type: "/docs#problem-unauthorized", Title: "Unauthorized", Status: 401,
	Detail: "send the account's API key, or an agent's token, as Authorization: Bearer …"}

// problemOf turns any error into a problem document.
func problemOf(err error) *problem {
	own, d := (*problem)(nil), (*desk.Problem)(nil)
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &d):
		return &problem{Type: "/docs#problem-" + string(d.Kind), Title: http.StatusText(statuses[d.Kind]), Status: statuses[d.Kind],
			Detail: d.Detail, Pointer: d.Pointer, Current: d.Current, RetryAfter: d.RetryAfter}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &problem{Type: "/docs#problem-unavailable", Title: "Service Unavailable", Status: 503,
			Detail: "no answer came in time; send it again with the same Idempotency-Key", RetryAfter: 1000}
	}
	return &problem{Type: "/docs#problem-internal", Title: "Internal Server Error", Status: 500,
		Detail: "this is our fault; send it again with the same Idempotency-Key, and tell us if it stays"}
}

// refuse is the error a handler returns, with the header that goes with it.
func refuse(err error) error {
	if err == nil {
		return nil
	}
	p := problemOf(err)
	headers := http.Header{}
	if p.RetryAfter > 0 {
		headers.Set("Retry-After", strconv.FormatInt((p.RetryAfter+999)/1000, 10))
	}
	if p.Status == http.StatusUnauthorized {
		headers.Set("WWW-Authenticate", `Bearer realm="deskwire"`)
	}
	return huma.ErrorWithHeaders(p, headers)
}
