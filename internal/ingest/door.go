package ingest

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/deskwire/deskwire/internal/desk"
)

// A door says who may use a route at all. What an agent may do behind it is
// decided by the account's own rules.
type door string

const (
	forOperator door = "operator" // the operator's key
	forBackend  door = "backend"  // an API key of the account, or the operator's
	forAgent    door = "agent"    // the backend, or an agent with a token, as himself
)

// who is the callers' side of a door, for the description.
var who = map[door]string{forOperator: "Needs the operator's key.", forBackend: "Needs an API key of the account.",
	forAgent: "Needs an API key of the account, or an agent's token."}

// enter says who stands at the door, or refuses him.
func (a *api) enter(ctx context.Context, d door, account, header string) (desk.Actor, error) {
	token, ok := bearer(header)
	if !ok || d == forOperator && !a.Doorman.Operator(token) {
		return desk.Actor{}, unauthorized
	}
	if d == forOperator {
		return desk.Actor{Kind: desk.ByBackend, ID: "operator"}, nil
	}
	by, err := a.Doorman.Who(ctx, desk.AccountID(account), token)
	if p, ok := err.(*desk.Problem); ok && p.Kind == desk.Forbidden {
		err = unauthorized // a key that is not valid here is no key
	}
	if err == nil && d == forBackend && by.Kind != desk.ByBackend {
		err = desk.Problemf(desk.Forbidden, "agents may not do this; use an API key of the account")
	}
	return by, err
}

func bearer(header string) (token string, ok bool) {
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}

type actorKey struct{}

// actor is who the door let in.
func actor(ctx context.Context) desk.Actor {
	by, _ := ctx.Value(actorKey{}).(desk.Actor)
	return by
}

// guard lets nothing through that is refused by its head alone, before the body
// is read.
func (a *api) guard(r route) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		by, err := a.enter(c.Context(), r.door, c.Param("account"), c.Header("Authorization"))
		if err == nil {
			err = checkKey(c.Header("Idempotency-Key"))
		}
		if err == nil && r.body != nil {
			err = r.takes(c.Header("Content-Type"), c.Header("Content-Encoding"))
		}
		if err != nil {
			sendProblem(c, problemOf(err))
			return
		}
		next(huma.WithValue(c, actorKey{}, by))
	}
}

// sendProblem is writeProblem through huma.
func sendProblem(c huma.Context, p *problem) {
	writeProblem(&humaWriter{c, http.Header{}}, p)
}

// humaWriter lets writeProblem write to a huma context.
type humaWriter struct {
	c huma.Context
	h http.Header
}

func (w *humaWriter) Header() http.Header         { return w.h }
func (w *humaWriter) Write(b []byte) (int, error) { return w.c.BodyWriter().Write(b) }
func (w *humaWriter) WriteHeader(status int) {
	for name := range w.h {
		w.c.SetHeader(name, w.h.Get(name))
	}
	w.c.SetStatus(status)
}

// onBehalf is who looks: an agent looks as himself, the backend as the agent it
// names, or as nobody and sees all.
func onBehalf(by desk.Actor, named string) (desk.AgentID, error) {
	if by.Kind != desk.ByAgent {
		return desk.AgentID(named), nil
	}
	if named != "" && named != by.ID {
		return "", desk.Problemf(desk.Forbidden, "an agent looks as himself; leave out agent")
	}
	return desk.AgentID(by.ID), nil
}
