package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/deskwire/deskwire/internal/desk"
)

var kinds = []desk.DocKind{desk.AccountDoc, desk.AgentDoc, desk.TeamDoc, desk.CustomerDoc, desk.ViewDoc, desk.TicketDoc, desk.MessageDoc, desk.APIKeyDoc}

func committedIsLoaded(b *bench) {
	for _, k := range kinds {
		b.put("a", doc(k, "one", 1))
	}
	b.twice(func() {
		for _, k := range kinds {
			b.holds("a", k, doc(k, "one", 1))
			d, ok, err := b.Get(context.Background(), "a", k, "one")
			b.ok(err)
			b.equal(ok, true)
			b.same([]desk.Doc{d}, []desk.Doc{doc(k, "one", 1)})
		}
	})
}

func orderIsByIDAndPlace(b *bench) {
	b.put("a", doc(desk.TicketDoc, "b", 1), doc(desk.TicketDoc, "a", 1), doc(desk.TicketDoc, "B", 1), doc(desk.TicketDoc, "10", 1), doc(desk.TicketDoc, "9", 1))
	b.put("a", message("b", 10), message("b", 9), message("a", 2), message("b", 1))
	b.twice(func() {
		b.holds("a", desk.TicketDoc, doc(desk.TicketDoc, "10", 1), doc(desk.TicketDoc, "9", 1), doc(desk.TicketDoc, "B", 1), doc(desk.TicketDoc, "a", 1), doc(desk.TicketDoc, "b", 1))
		b.holds("a", desk.MessageDoc, message("a", 2), message("b", 1), message("b", 9), message("b", 10))
		talk, err := b.Messages(context.Background(), "a", "b")
		b.ok(err)
		b.same(talk, []desk.Doc{message("b", 1), message("b", 9), message("b", 10)})
	})
}

func pagesAreTheWhole(b *bench) {
	const all = 23
	var want []desk.Doc
	for i := range all {
		want = append(want, doc(desk.CustomerDoc, fmt.Sprintf("c%02d", i), 1))
	}
	b.put("a", want...)
	b.put("b", doc(desk.CustomerDoc, "c05x", 1))
	for size := 1; size <= all+1; size++ {
		var got []desk.Doc
		for after := ""; ; after = got[len(got)-1].ID {
			page, err := b.Page(context.Background(), "a", desk.CustomerDoc, after, size)
			b.ok(err)
			if got = append(got, page...); len(page) < size {
				break
			}
		}
		b.same(got, want)
	}
}

func docsTakeEffectInOrder(b *bench) {
	many := make([]desk.Doc, 0, 400) // more than any statement takes at once
	for i := range 100 {
		id := fmt.Sprintf("t%02d", i)
		many = append(many, doc(desk.TicketDoc, id, 1), doc(desk.TicketDoc, id, 2), gone(desk.TicketDoc, id), doc(desk.TicketDoc, id, 3))
	}
	b.put("a", many...)
	b.put("a", doc(desk.TicketDoc, "t99", 4), gone(desk.TicketDoc, "t98"), gone(desk.TicketDoc, "never"))
	b.twice(func() {
		docs := b.load("a", desk.TicketDoc)
		b.equal(len(docs), 99)
		for _, d := range docs[:98] {
			b.equal(d.Version, uint64(3))
		}
		b.same(docs[98:], []desk.Doc{doc(desk.TicketDoc, "t99", 4)})
	})
}

func removedTicketTakesMessages(b *bench) {
	b.put("a", doc(desk.TicketDoc, "t", 1), message("t", 1), message("t", 2), doc(desk.TicketDoc, "t2", 1), message("t2", 1))
	b.put("b", doc(desk.TicketDoc, "t", 1), message("t", 1))
	b.put("a", message("t", 3), gone(desk.TicketDoc, "t"), doc(desk.TicketDoc, "t", 1), message("t", 1))
	b.twice(func() {
		b.holds("a", desk.MessageDoc, message("t", 1), message("t2", 1))
		b.holds("b", desk.MessageDoc, message("t", 1))
	})
}

// bytesComeBack writes what is hard to write: long, binary and odd.
func bytesComeBack(b *bench) {
	odd := []desk.Doc{
		{Kind: desk.TicketDoc, ID: strings.Repeat("z", desk.MaxIDLength), Version: 1, Body: []byte(`{}`)},
		{Kind: desk.TicketDoc, ID: "'; DROP TABLE docs; --", Version: math.MaxUint32, Body: []byte("\x00\xff'\"")},
		{Kind: desk.TicketDoc, ID: "/:@+%25", Version: math.MaxInt64, Body: []byte(strings.Repeat("é", 1<<20))},
		{Kind: desk.TicketDoc, ID: "über", Version: math.MaxUint64, Body: []byte(" ")},
		{Kind: desk.TicketDoc, ID: "empty", Version: 0, Body: []byte{}},
		{Kind: desk.MessageDoc, ID: "t", Sub: math.MaxInt64, Version: 1, Body: []byte(`{}`)},
	}
	b.put("a", odd...)
	b.put("Ä/'", doc(desk.TicketDoc, "t", 1))
	b.twice(func() {
		for _, want := range odd[:5] {
			got, ok, err := b.Get(context.Background(), "a", want.Kind, want.ID)
			b.ok(err)
			b.equal(ok, true)
			b.same([]desk.Doc{got}, []desk.Doc{want})
		}
		b.equal(len(b.load("a", desk.TicketDoc)), 5)
		b.holds("a", desk.MessageDoc, odd[5])
		b.holds("Ä/'", desk.TicketDoc, doc(desk.TicketDoc, "t", 1))
	})
}

func absentIsNoError(b *bench) {
	b.put("a", doc(desk.TicketDoc, "t", 1))
	for _, account := range []desk.AccountID{"a", "nobody"} {
		_, ok, err := b.Get(context.Background(), account, desk.TicketDoc, "other")
		b.ok(err)
		b.equal(ok, false)
		_, ok, err = b.Outcome(context.Background(), account, "key")
		b.ok(err)
		b.equal(ok, false)
		b.holds(account, desk.ViewDoc)
		talk, err := b.Messages(context.Background(), account, "t")
		b.ok(err)
		b.equal(len(talk), 0)
		page, err := b.Page(context.Background(), account, desk.CustomerDoc, "", 10)
		b.ok(err)
		b.equal(len(page), 0)
	}
	b.ok(b.DropAccount(context.Background(), "nobody"))
	b.holds("a", desk.TicketDoc, doc(desk.TicketDoc, "t", 1))
}

func yieldEndsLoad(b *bench) {
	b.put("a", doc(desk.TicketDoc, "1", 1), doc(desk.TicketDoc, "2", 1))
	enough, seen := errors.New("enough"), 0
	err := b.Load(context.Background(), "a", desk.TicketDoc, func(desk.Doc) error { seen++; return enough })
	if !errors.Is(err, enough) || seen != 1 {
		b.Fatalf("%d docs, then %v", seen, err)
	}
	b.put("a", doc(desk.TicketDoc, "3", 1)) // the load holds nothing back
}
