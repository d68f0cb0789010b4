package store

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/deskwire/deskwire/internal/desk"
)

// bench is a store on the work bench: every call must succeed.
type bench struct {
	*testing.T
	Store
	open func(path string) (Store, error)
	path string
}

func (b *bench) close() {
	if b.Store == nil {
		return
	}
	b.ok(b.Store.Close())
	b.Store = nil
}

// reopen closes the store and opens it anew: what was true must still be.
func (b *bench) reopen() {
	b.Helper()
	b.close()
	s, err := b.open(b.path)
	b.ok(err)
	b.Store = s
}

// twice does the check, and once more on the store opened anew.
func (b *bench) twice(check func()) {
	b.Helper()
	check()
	b.reopen()
	check()
}

func (b *bench) ok(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) put(account desk.AccountID, docs ...desk.Doc) {
	b.Helper()
	b.ok(b.Commit(context.Background(), account, desk.Batch{Docs: docs}))
}

func (b *bench) keep(account desk.AccountID, kept ...desk.Kept) {
	b.Helper()
	b.ok(b.Commit(context.Background(), account, desk.Batch{Kept: kept}))
}

func (b *bench) load(account desk.AccountID, kind desk.DocKind) (docs []desk.Doc) {
	b.Helper()
	b.ok(b.Load(context.Background(), account, kind, func(d desk.Doc) error {
		docs = append(docs, d)
		return nil
	}))
	return docs
}

func (b *bench) holds(account desk.AccountID, kind desk.DocKind, want ...desk.Doc) {
	b.Helper()
	b.same(b.load(account, kind), want)
}

func (b *bench) same(got, want []desk.Doc) {
	b.Helper()
	if !slices.EqualFunc(got, want, sameDoc) {
		b.Fatalf("the store gives\n%s\nnot\n%s", texts(got), texts(want))
	}
}

func (b *bench) equal(got, want any) {
	b.Helper()
	if fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", want) {
		b.Fatalf("the store gives %#v, not %#v", got, want)
	}
}

func sameDoc(x, y desk.Doc) bool {
	return x.Kind == y.Kind && x.ID == y.ID && x.Sub == y.Sub && x.Version == y.Version && string(x.Body) == string(y.Body)
}

func texts(docs []desk.Doc) (all []string) {
	for _, d := range docs {
		all = append(all, fmt.Sprintf("%d/%s/%d v%d %q", d.Kind, d.ID, d.Sub, d.Version, d.Body))
	}
	return all
}

// doc is a doc whose body says which it is.
func doc(kind desk.DocKind, id string, version uint64) desk.Doc {
	return desk.Doc{Kind: kind, ID: id, Version: version, Body: fmt.Appendf(nil, `{"%s":%d}`, id, version)}
}

func message(ticket string, place uint64) desk.Doc {
	d := doc(desk.MessageDoc, ticket, 1)
	d.Sub = place
	return d
}

func gone(kind desk.DocKind, id string) desk.Doc { return desk.Doc{Kind: kind, ID: id} }
