package store

import (
	"context"
	"fmt"

	"github.com/deskwire/deskwire/internal/desk"
)

func kept(key string, at desk.Time) desk.Kept {
	return desk.Kept{Key: key, Print: [16]byte{byte(len(key)), 2, 255}, At: at, Body: fmt.Appendf(nil, `{"seq":%d}`, at)}
}

func (b *bench) remembers(account desk.AccountID, want desk.Kept) {
	b.Helper()
	got, ok, err := b.Outcome(context.Background(), account, want.Key)
	b.ok(err)
	b.equal(ok, true)
	b.equal(got, want)
}

func (b *bench) remembersNot(account desk.AccountID, key string) {
	b.Helper()
	_, ok, err := b.Outcome(context.Background(), account, key)
	b.ok(err)
	b.equal(ok, false)
}

// outcomeIsKept is what makes a post's key work over restarts.
func outcomeIsKept(b *bench) {
	b.keep("a", kept("k", 5), kept("K", 6))
	b.keep("b", kept("k", 7))
	b.ok(b.Commit(context.Background(), "a", desk.Batch{Docs: []desk.Doc{doc(desk.TicketDoc, "t", 1)}, Kept: []desk.Kept{kept("both", 8)}}))
	b.keep("a", kept("K", 9))
	b.twice(func() {
		b.remembers("a", kept("k", 5))
		b.remembers("a", kept("K", 9))
		b.remembers("a", kept("both", 8))
		b.remembers("b", kept("k", 7))
		b.remembersNot("b", "both")
		b.holds("a", desk.TicketDoc, doc(desk.TicketDoc, "t", 1))
	})
}

func forgetDropsOlder(b *bench) {
	const old = 2345 // more than are forgotten at a time
	all := make([]desk.Kept, 0, old)
	for i := range old {
		all = append(all, kept(fmt.Sprint("old", i), desk.Time(1+i%99)))
	}
	b.keep("a", all...)
	b.keep("b", kept("old", 99), kept("edge", 100), kept("new", 101))
	b.forgets(0, 0)
	b.forgets(100, old+1)
	b.forgets(100, 0)
	b.twice(func() {
		b.remembersNot("a", "old0")
		b.remembersNot("b", "old")
		b.remembers("b", kept("edge", 100))
		b.remembers("b", kept("new", 101))
		b.equal(b.accounts(), []desk.AccountID(nil))
	})
}

func (b *bench) forgets(before desk.Time, want int) {
	b.Helper()
	n, err := b.Forget(context.Background(), before)
	b.ok(err)
	b.equal(n, want)
}

func (b *bench) accounts() []desk.AccountID {
	b.Helper()
	ids, err := b.Accounts(context.Background())
	b.ok(err)
	return ids
}

// accountsAreListed: an account is there from its own settings on; what else
// was written under its name does not make it one.
func accountsAreListed(b *bench) {
	b.put("b", doc(desk.AccountDoc, "b", 1))
	b.put("a", doc(desk.AccountDoc, "a", 1), doc(desk.AccountDoc, "~clock", 1))
	b.put("c", doc(desk.TicketDoc, "c", 1))
	b.put("d", doc(desk.AccountDoc, "~clock", 1), doc(desk.AccountDoc, "a", 1))
	b.twice(func() { b.equal(b.accounts(), []desk.AccountID{"a", "b"}) })
}

func (b *bench) keyLeadsTo(id string, want desk.AccountID) {
	b.Helper()
	account, d, ok, err := b.WhoseKey(context.Background(), id)
	b.ok(err)
	b.equal(account, want)
	b.equal(ok, want != "")
	if ok {
		b.same([]desk.Doc{d}, []desk.Doc{doc(desk.APIKeyDoc, id, 1)})
	}
}

func apiKeyLeads(b *bench) {
	b.put("a", doc(desk.APIKeyDoc, "k1", 1), doc(desk.AgentDoc, "k3", 1))
	b.put("b", doc(desk.APIKeyDoc, "k2", 1), doc(desk.APIKeyDoc, "k4", 1))
	b.put("b", gone(desk.APIKeyDoc, "k4"))
	b.twice(func() {
		b.keyLeadsTo("k1", "a")
		b.keyLeadsTo("k2", "b")
		b.keyLeadsTo("k3", "")
		b.keyLeadsTo("k4", "")
	})
}

func droppedLeavesNothing(b *bench) {
	for _, a := range []desk.AccountID{"a", "b"} {
		b.put(a, doc(desk.AccountDoc, string(a), 1), doc(desk.TicketDoc, "t", 1), message("t", 1), doc(desk.APIKeyDoc, "key-"+string(a), 1))
		b.keep(a, kept("k", 1))
	}
	b.ok(b.DropAccount(context.Background(), "b"))
	b.put("c", doc(desk.AccountDoc, "c", 1)) // must not step into b's shoes
	b.twice(func() {
		b.equal(b.accounts(), []desk.AccountID{"a", "c"})
		for _, a := range []desk.AccountID{"b", "c"} {
			b.holds(a, desk.TicketDoc)
			b.holds(a, desk.MessageDoc)
			b.remembersNot(a, "k")
		}
		b.keyLeadsTo("key-b", "")
		b.keyLeadsTo("key-a", "a")
		b.holds("a", desk.MessageDoc, message("t", 1))
		b.remembers("a", kept("k", 1))
	})
	b.put("b", doc(desk.AccountDoc, "b", 2)) // and one of that name can begin anew
	b.twice(func() { b.holds("b", desk.AccountDoc, doc(desk.AccountDoc, "b", 2)) })
}
