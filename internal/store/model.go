package store

import (
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"github.com/deskwire/deskwire/internal/desk"
)

// model is an account's docs in a plain map, by kind and by id and place.
type model struct {
	*bench
	account desk.AccountID
	docs    map[desk.DocKind]map[string]desk.Doc
}

func (m *model) step(t *rapid.T) {
	batch := rapid.SliceOfN(rapid.Custom(drawDoc), 0, 150).Draw(t, "batch")
	m.put(m.account, batch...)
	for _, d := range batch {
		m.take(d)
	}
}

func drawDoc(t *rapid.T) desk.Doc {
	d := desk.Doc{Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), ID: fmt.Sprint("id", rapid.IntRange(0, 4).Draw(t, "id"))}
	if d.Kind == desk.MessageDoc {
		d.Sub = uint64(rapid.IntRange(1, 3).Draw(t, "place"))
	}
	if rapid.IntRange(0, 9).Draw(t, "gone") > 0 {
		d.Version = uint64(rapid.IntRange(0, 1000).Draw(t, "version"))
		d.Body = fmt.Appendf(nil, "body %d", d.Version)
	}
	return d
}

func (m *model) take(d desk.Doc) {
	if m.docs[d.Kind] == nil {
		m.docs[d.Kind] = map[string]desk.Doc{}
	}
	place := fmt.Sprintf("%s/%d", d.ID, d.Sub)
	if d.Body != nil {
		m.docs[d.Kind][place] = d
		return
	}
	delete(m.docs[d.Kind], place)
	if d.Kind == desk.TicketDoc {
		maps.DeleteFunc(m.docs[desk.MessageDoc], func(_ string, msg desk.Doc) bool { return msg.ID == d.ID })
	}
}

func (m *model) sorted(kind desk.DocKind) (docs []desk.Doc) {
	for _, place := range slices.Sorted(maps.Keys(m.docs[kind])) { // of one digit each
		docs = append(docs, m.docs[kind][place])
	}
	return docs
}
