package views

import (
	"cmp"
	"container/heap"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/deskwire/deskwire/internal/desk"
)

// A Place is where a ticket stands in a list: its key, then its id.
type Place struct {
	ID   desk.TicketID `json:"id"`
	Key  float64       `json:"key"`
	None bool          `json:"none,omitempty"` // no key: after all others (VC-13)
}

// Compare orders two places of a list sorted so.
func (a Place) Compare(b Place, asc bool) int {
	if a.None != b.None {
		if a.None {
			return 1
		}
		return -1
	}
	c := cmp.Compare(a.Key, b.Key)
	if !asc {
		c = -c
	}
	if c == 0 {
		return strings.Compare(string(a.ID), string(b.ID))
	}
	return c
}

// String is the place as a page's cursor.
func (a Place) String() string {
	b, _ := json.Marshal(a) // three plain fields: cannot fail
	return base64.RawURLEncoding.EncodeToString(b)
}

// ParsePlace reads what String wrote.
func ParsePlace(s string) (Place, error) {
	var p Place
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(b, &p)
	}
	if err != nil || p.ID == "" {
		return p, desk.Invalidf("/after", "the cursor is not one that a page gave; begin without it")
	}
	return p, nil
}

// Page lists up to limit tickets of the counter in order, from behind the place
// given or from the start. It costs a look at each ticket's set and at each
// listed ticket's key.
func (e *Engine) Page(c CounterID, s desk.Sort, after *Place, limit int) []Place {
	in := e.standing(c)
	page := &pageHeap{asc: s.Asc}
	key := e.sortKey(s.Field)
	for o, id := range e.stands {
		if !in[id] || !e.table.there(ord(o)) {
			continue
		}
		e.row.unpack(e.table.packed(ord(o)))
		p := Place{}
		p.Key, p.None = key(&e.row)
		if after == nil || e.behind(&p, after, s.Asc) {
			page.offer(p, e.row.id, limit)
		}
	}
	slices.SortFunc(page.places, func(a, b Place) int { return a.Compare(b, s.Asc) })
	return page.places
}

// behind compares with the id only when the keys tie.
func (e *Engine) behind(p, after *Place, asc bool) bool {
	q := Place{ID: desk.TicketID(e.row.id), Key: p.Key, None: p.None}
	return q.Compare(*after, asc) > 0
}

// standing says of each set whether the counter is in it.
func (e *Engine) standing(c CounterID) []bool {
	in := make([]bool, len(e.sets.all))
	for i := range e.sets.all {
		in[i] = e.sets.all[i].refs > 0 && e.sets.has(setID(i), c)
	}
	return in
}

// PlaceOf is where the ticket stands in a list sorted so.
func (e *Engine) PlaceOf(id desk.TicketID, s desk.Sort) (Place, bool) {
	o, ok := e.table.find([]byte(id))
	if !ok {
		return Place{}, false
	}
	e.row.unpack(e.table.packed(o))
	p := Place{ID: id}
	p.Key, p.None = e.sortKey(s.Field)(&e.row)
	return p, true
}

// sortKey gives the reader of a row's key for the field; the empty field is
// updated_at.
func (e *Engine) sortKey(field string) func(*row) (float64, bool) {
	if field == "" {
		field = "updated_at"
	}
	if i := slices.Index(timeKeys[:], field); i >= 0 {
		return func(r *row) (float64, bool) { return float64(r.times[i]), r.times[i] == 0 }
	}
	switch field {
	case "status":
		return func(r *row) (float64, bool) { return float64(r.status), r.status == 0 } // numbered in their order
	case "priority":
		return e.priorityKey()
	case "message_count":
		return func(r *row) (float64, bool) { return float64(r.messages), false }
	case "satisfaction":
		return func(r *row) (float64, bool) { return r.satisfaction, r.flags&flagSatisfaction == 0 }
	}
	return e.customSortKey(strings.TrimPrefix(field, "custom."))
}

func (e *Engine) priorityKey() func(*row) (float64, bool) {
	rank := map[uint32]float64{}
	for i, p := range desk.Priorities {
		rank[e.table.words.code(string(p))] = float64(i + 1)
	}
	return func(r *row) (float64, bool) { return rank[r.words[0]], r.words[0] == 0 }
}

func (e *Engine) customSortKey(name string) func(*row) (float64, bool) {
	word := e.table.words.code(name)
	return func(r *row) (float64, bool) {
		c := r.customValue(word)
		if c == nil {
			return 0, true
		}
		if c.kind == customTime {
			return float64(c.time), c.time == 0
		}
		return c.num, c.kind != customNumber
	}
}

// pageHeap keeps the first places of a list, the last of them on top.
type pageHeap struct {
	places []Place
	asc    bool
}

func (h *pageHeap) offer(p Place, id []byte, limit int) {
	full := len(h.places) >= limit
	if full && h.after(p, id) {
		return
	}
	p.ID = desk.TicketID(id)
	if full {
		h.places[0] = p
		heap.Fix(h, 0)
		return
	}
	heap.Push(h, p)
}

// after says whether p comes after the last place kept, without making its id
// a string.
func (h *pageHeap) after(p Place, id []byte) bool {
	last := h.places[0]
	if p.None != last.None || p.Key != last.Key {
		p.ID = last.ID
		return p.Compare(last, h.asc) > 0
	}
	return string(id) > string(last.ID)
}

func (h *pageHeap) Len() int           { return len(h.places) }
func (h *pageHeap) Less(i, j int) bool { return h.places[i].Compare(h.places[j], h.asc) > 0 }
func (h *pageHeap) Swap(i, j int)      { h.places[i], h.places[j] = h.places[j], h.places[i] }
func (h *pageHeap) Push(x any)         { h.places = append(h.places, x.(Place)) }
func (h *pageHeap) Pop() any {
	n := len(h.places) - 1
	p := h.places[n]
	h.places = h.places[:n]
	return p
}
