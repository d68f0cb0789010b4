package ingest

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/deskwire/deskwire/internal/desk"
)

// A sent is a request that posts an event.
type sent struct {
	account, id, key, ifMatch string
	body                      []byte
	by                        desk.Actor
}

// written answers a write.
type written struct {
	Status int
	Replay string `header:"Idempotent-Replay" doc:"true: an earlier request with this key did it, and this is its answer"`
	ETag   string `header:"ETag" doc:"The version after the write, for If-Match"`
	Body   receipt
}

// receipt is what came of a write.
type receipt struct {
	Seq     uint64 `json:"seq" doc:"The account's seq after the write: screens show it with patches to this seq or later" example:"4711"`
	ID      string `json:"id,omitempty" doc:"Of what was written" example:"1001"`
	Version uint64 `json:"version,omitempty" doc:"Of what was written" example:"7"`
	Changed bool   `json:"changed" doc:"false: it was so already, nothing changed" example:"true"`
	Created bool   `json:"created,omitempty" doc:"true: it was not there before"`
}

var exampleReceipt = receipt{Seq: 4711, ID: "1001", Version: 7, Changed: true}

// The routes that write differ in what their address and their headers hold.
// Each makes an event of the request.

func (a *api) put(r route, event func(*sent) (desk.Event, error)) {
	r.answer = exampleReceipt
	huma.Register(a.huma, a.operation(r), func(ctx context.Context, in *struct {
		Thing
		Keyed
		Document
	}) (*written, error) {
		return a.post(ctx, r, &sent{in.Account, in.ID, in.Key, "", in.RawBody, actor(ctx)}, event)
	})
}

func (a *api) putIfMatch(r route, event func(*sent) (desk.Event, error)) {
	r.answer = exampleReceipt
	huma.Register(a.huma, a.operation(r), func(ctx context.Context, in *struct {
		Thing
		Keyed
		IfMatch string `header:"If-Match" doc:"The version the change was made for, as ETag gives it; another one held is a stale problem with the ticket as it is" example:"\"6\""`
		Document
	}) (*written, error) {
		return a.post(ctx, r, &sent{in.Account, in.ID, in.Key, in.IfMatch, in.RawBody, actor(ctx)}, event)
	})
}

func (a *api) putWhole(r route, event func(context.Context, *sent) (desk.Event, error)) {
	r.answer = exampleReceipt
	huma.Register(a.huma, a.operation(r), func(ctx context.Context, in *struct {
		Whole
		Keyed
		Document
	}) (*written, error) {
		return a.post(ctx, r, &sent{in.Account, "", in.Key, "", in.RawBody, actor(ctx)},
			func(s *sent) (desk.Event, error) { return event(ctx, s) })
	})
}

func (a *api) drop(r route, event func(id string) desk.Event) {
	r.answer = exampleReceipt
	huma.Register(a.huma, a.operation(r), func(ctx context.Context, in *struct {
		Thing
		Keyed
	}) (*written, error) {
		return a.post(ctx, r, &sent{in.Account, in.ID, in.Key, "", nil, actor(ctx)},
			func(s *sent) (desk.Event, error) { return event(s.id), nil })
	})
}

// post makes the event and takes it to the account.
func (a *api) post(ctx context.Context, r route, s *sent, event func(*sent) (desk.Event, error)) (*written, error) {
	e, err := event(s)
	if err != nil {
		return nil, refuse(err)
	}
	p := desk.Post{Actor: s.by, Event: e}
	if s.key != "" {
		p.Key, p.Print = httpKey+s.key, printOf(r.method, r.path, s.id, s.ifMatch, string(s.body))
	}
	out, err := a.Poster.Post(ctx, desk.AccountID(s.account), p)
	if err != nil {
		return nil, refuse(r.place(err))
	}
	return answer(out), nil
}

func answer(out desk.Outcome) *written {
	w := &written{Status: http.StatusOK, Body: receipt{out.Seq, out.ID, out.Version, out.Changed, out.Created}}
	if out.Created {
		w.Status = http.StatusCreated
	}
	w.Replay = replay(out.Again)
	if out.Version > 0 {
		w.ETag = etag(out.Version)
	}
	return w
}

func etag(version uint64) string { return `"` + strconv.FormatUint(version, 10) + `"` }

// versionOf reads an If-Match: "7", 7, or * and nothing for any version (0).
func versionOf(ifMatch string) (uint64, error) {
	if ifMatch == "" || ifMatch == "*" {
		return 0, nil
	}
	v, err := strconv.ParseUint(strings.Trim(ifMatch, `"`), 10, 64)
	if err != nil || v == 0 {
		return 0, desk.Invalidf("", "the header If-Match is one version as ETag gives it, such as \"7\"")
	}
	return v, nil
}
