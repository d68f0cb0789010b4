package desk

import "fmt"

// A Kind names the sort of problem in one word. The wire and the HTTP API turn
// it into their codes; nowhere else has codes.
type Kind string

const (
	Invalid     Kind = "invalid"     // the request is wrong; sending it again will not help
	NotFound    Kind = "not_found"   // what it names is not there, or not for this actor
	Stale       Kind = "stale"       // an older version than the one we hold
	Conflict    Kind = "conflict"    // against the state as it is now
	Forbidden   Kind = "forbidden"   // this actor may not
	TooLarge    Kind = "too_large"   // over a named limit
	Unavailable Kind = "unavailable" // not now; try again after RetryAfter
)

// A Problem is a refusal with its reason: what is wrong, where, and what to do.
// It is the only error a caller of the rules has to know.
type Problem struct {
	Kind    Kind
	Detail  string // one sentence that says what to do
	Pointer string // JSON pointer into the request, or "" for the whole
	Current any    // the state the request collides with, for Stale and Conflict
	// RetryAfter, in milliseconds, is set for Unavailable.
	RetryAfter int64
}

func (p *Problem) Error() string {
	if p.Pointer == "" {
		return p.Detail
	}
	return p.Pointer + ": " + p.Detail
}

// Invalidf is a Problem of kind Invalid at the JSON pointer.
func Invalidf(pointer, format string, args ...any) *Problem {
	return &Problem{Kind: Invalid, Pointer: pointer, Detail: fmt.Sprintf(format, args...)}
}

// Problemf is a Problem of the kind given, about the whole request.
func Problemf(kind Kind, format string, args ...any) *Problem {
	return &Problem{Kind: kind, Detail: fmt.Sprintf(format, args...)}
}
