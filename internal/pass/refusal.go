package pass

import (
	"errors"

	"github.com/golang-jwt/jwt/v5"

	"github.com/deskwire/deskwire/internal/desk"
)

// A refusal is why a token does not count. Of several keys' refusals the
// highest is told: what is wrong in a token that was signed well says more than
// that some other key did not sign it.
type refusal int

const (
	noKey refusal = iota
	unreadable
	unknownKey
	wrongSignature
	unreachable
	otherAccount
	noAgent
	noClaim
	tooLong
	otherIssuer
	otherAudience
	early
	expired
)

var refusals = [...]string{
	noKey:          "the account has no key that tokens are checked with",
	unreadable:     "it is not a token",
	unknownKey:     "it names a key that the account does not have",
	wrongSignature: "none of the account's keys signed it, with the algorithm that the key is for",
	unreachable:    "the account's key set cannot be fetched just now",
	otherAccount:   "it is for another account",
	noAgent:        "it names no agent in sub",
	noClaim:        "a claim is missing: exp, or the iss or aud that the key demands",
	tooLong:        "it is good for more than 24 hours",
	otherIssuer:    "its issuer is not the one that the key demands",
	otherAudience:  "its audience is not the one that the key demands",
	early:          "it is not good yet: its clock is ahead",
	expired:        "it has expired",
}

func (r refusal) Error() string { return refusals[r] }

// refused is the problem that a caller is told: never anything of the token.
func refused(why refusal) *desk.Problem {
	if why == unreachable {
		return &desk.Problem{Kind: desk.Unavailable, Detail: why.Error() + "; try again", RetryAfter: setPause.Milliseconds()}
	}
	return desk.Problemf(desk.Forbidden, "the token does not count: %s; sign in again", why)
}

// byError are the refusals that the token library's errors mean, the more
// telling first.
var byError = []struct {
	err error
	why refusal
}{
	{jwt.ErrTokenExpired, expired}, {jwt.ErrTokenNotValidYet, early}, {jwt.ErrTokenUsedBeforeIssued, early},
	{jwt.ErrTokenInvalidAudience, otherAudience}, {jwt.ErrTokenInvalidIssuer, otherIssuer}, {jwt.ErrTokenRequiredClaimMissing, noClaim},
	{jwt.ErrTokenMalformed, unreadable},
}

func whyOf(err error) refusal {
	if why := refusal(0); errors.As(err, &why) {
		return why
	}
	for _, e := range byError {
		if errors.Is(err, e.err) {
			return e.why
		}
	}
	return wrongSignature
}
