package store

import (
	"context"
	"fmt"
	"sync"

	"pgregory.net/rapid"

	"github.com/deskwire/deskwire/internal/desk"
)

// manyCommitAtOnce: whatever shares an fsync, each gets an answer of its own,
// and what was answered is there.
func manyCommitAtOnce(b *bench) {
	const accounts, batches = 5, 30
	var all sync.WaitGroup
	for a := range accounts {
		all.Go(func() {
			id := desk.AccountID(fmt.Sprint("a", a))
			for i := range batches {
				if err := b.Commit(context.Background(), id, desk.Batch{Docs: pair(i)}); err != nil {
					b.Errorf("%s, batch %d: %v", id, i, err)
				}
				if d, ok, err := b.Get(context.Background(), id, desk.TeamDoc, "right"); err != nil || !ok || d.Version != uint64(i) {
					b.Errorf("%s: batch %d was acknowledged, and reads give %v %t %v", id, i, d.Version, ok, err)
				}
			}
		})
	}
	all.Wait()
	b.twice(func() {
		for a := range accounts {
			id := desk.AccountID(fmt.Sprint("a", a))
			b.holds(id, desk.TeamDoc, pair(batches - 1)[:2]...)
			b.equal(len(b.load(id, desk.TicketDoc)), batches)
		}
	})
}

// pair is a batch in which a half can be told from a whole.
func pair(i int) []desk.Doc {
	return []desk.Doc{doc(desk.TeamDoc, "left", uint64(i)), doc(desk.TeamDoc, "right", uint64(i)), doc(desk.TicketDoc, fmt.Sprint("t", i), 1)}
}

func loadSeesNoHalf(b *bench) {
	b.put("a", pair(0)...)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 60 {
			if err := b.Commit(context.Background(), "a", desk.Batch{Docs: pair(i)}); err != nil {
				b.Error(err)
			}
		}
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		docs := b.load("a", desk.TeamDoc)
		if len(docs) != 2 || docs[0].Version != docs[1].Version {
			b.Fatalf("half a batch: %s", texts(docs))
		}
	}
}

func closedAcknowledgesNothing(b *bench) {
	b.put("a", doc(desk.TicketDoc, "t", 1))
	closed := b.Store
	b.close()
	if err := closed.Commit(context.Background(), "a", desk.Batch{Docs: []desk.Doc{doc(desk.TicketDoc, "t", 2)}}); err == nil {
		b.Fatal("a closed store acknowledged a batch")
	}
	b.reopen()
	b.holds("a", desk.TicketDoc, doc(desk.TicketDoc, "t", 1))
}

// modelAgrees runs random batches against a map.
func modelAgrees(b *bench) {
	round := 0
	rapid.Check(b.T, func(t *rapid.T) {
		round++
		m := &model{bench: b, account: desk.AccountID(fmt.Sprint("m", round)), docs: map[desk.DocKind]map[string]desk.Doc{}}
		for range rapid.IntRange(1, 6).Draw(t, "batches") {
			m.step(t)
		}
		for _, kind := range kinds {
			b.holds(m.account, kind, m.sorted(kind)...)
		}
	})
}
