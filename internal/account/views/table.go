package views

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"

	"github.com/deskwire/deskwire/internal/desk"
)

// An ord is a ticket's place in the table: small, dense, and used again after
// the ticket is gone.
type ord = uint32

// table keeps every ticket's packed row without a pointer a ticket: rows lie
// in one arena, found by ordinal, and ordinals by id through an open-addressing
// index. Linear probing with back-shift deletion is Knuth's algorithm R.
type table struct {
	words  *words
	arena  []byte
	wheres []uint32 // by ord: the row's place in arena, in units of rowUnit; 0 is none
	free   []ord
	index  []uint32 // ord+1, 0 is empty; its length is a power of two
	live   int
	waste  int // bytes of arena nobody points to
	seed   maphash.Seed
	buf    []byte // the row being packed
}

// rowUnit is what rows are rounded up to, in bytes. It lets a place be a
// uint32 in 32 GiB of rows, and gives a growing row some room.
const rowUnit = 8

func newTable() *table {
	t := &table{words: newWords(), index: make([]uint32, 16), arena: make([]byte, rowUnit), seed: maphash.MakeSeed()}
	for _, s := range desk.Statuses { // first, so that a status fits a byte of a row
		t.words.code(string(s))
	}
	return t
}

func (t *table) slot(id []byte) uint32 {
	return uint32(maphash.Bytes(t.seed, id)) & uint32(len(t.index)-1)
}

// find gives the ord of the ticket with the id.
func (t *table) find(id []byte) (ord, bool) {
	for i := t.slot(id); ; i = (i + 1) & uint32(len(t.index)-1) {
		o := t.index[i]
		if o == 0 {
			return 0, false
		}
		if bytes.Equal(t.id(o-1), id) {
			return o - 1, true
		}
	}
}

// packed is the row of o; it starts with the two bytes of its room.
func (t *table) packed(o ord) []byte {
	at := int(t.wheres[o]) * rowUnit
	room := int(binary.LittleEndian.Uint16(t.arena[at:])) * rowUnit
	return t.arena[at+2 : at+room]
}

func (t *table) id(o ord) []byte {
	u := unpacker{b: t.packed(o)}
	return u.bytes()
}

func (t *table) there(o ord) bool { return int(o) < len(t.wheres) && t.wheres[o] != 0 }

// put packs the ticket and gives its ord, and whether it is new.
func (t *table) put(tk *desk.Ticket, folded string) (ord, bool) {
	t.buf = appendRow(t.buf[:0], tk, t.words, folded)
	o, known := t.find([]byte(tk.ID))
	if !known {
		o = t.add([]byte(tk.ID))
	}
	t.place(o)
	if !known {
		t.enter(o)
	}
	return o, !known
}

func (t *table) add(id []byte) ord {
	if 3*(t.live+1) > 2*len(t.index) {
		t.grow()
	}
	t.live++
	if n := len(t.free); n > 0 {
		o := t.free[n-1]
		t.free = t.free[:n-1]
		return o
	}
	t.wheres = append(t.wheres, 0)
	return ord(len(t.wheres) - 1)
}

// place writes t.buf as the row of o, over the old one if it has room.
func (t *table) place(o ord) {
	room := (len(t.buf) + 2 + rowUnit - 1) / rowUnit
	if at := int(t.wheres[o]) * rowUnit; at != 0 {
		old := int(binary.LittleEndian.Uint16(t.arena[at:]))
		if old >= room {
			copy(t.arena[at+2:], t.buf)
			return
		}
		t.waste += old * rowUnit
	}
	t.wheres[o] = uint32(len(t.arena) / rowUnit)
	t.arena = binary.LittleEndian.AppendUint16(t.arena, uint16(room))
	t.arena = append(t.arena, t.buf...)
	t.arena = append(t.arena, make([]byte, room*rowUnit-2-len(t.buf))...)
}

func (t *table) enter(o ord) {
	i := t.slot(t.id(o))
	for t.index[i] != 0 {
		i = (i + 1) & uint32(len(t.index)-1)
	}
	t.index[i] = o + 1
}

func (t *table) grow() {
	t.index = make([]uint32, 2*len(t.index))
	for o := range t.wheres {
		if t.wheres[o] != 0 {
			t.enter(ord(o))
		}
	}
}

// remove takes the ticket out and frees its ord.
func (t *table) remove(o ord) {
	mask := uint32(len(t.index) - 1)
	i := t.slot(t.id(o))
	for t.index[i] != o+1 {
		i = (i + 1) & mask
	}
	t.shiftBack(i, mask)
	t.waste += len(t.packed(o)) + 2
	t.wheres[o] = 0
	t.free = append(t.free, o)
	t.live--
}

// shiftBack closes the gap at i so that every later entry of its run is still
// found.
func (t *table) shiftBack(i, mask uint32) {
	for j := (i + 1) & mask; t.index[j] != 0; j = (j + 1) & mask {
		home := t.slot(t.id(t.index[j] - 1))
		if (j-home)&mask >= (j-i)&mask {
			t.index[i], i = t.index[j], j
		}
	}
	t.index[i] = 0
}

// compact copies the rows together when a quarter of the arena is waste.
func (t *table) compact() {
	if t.waste < 1<<20 || 4*t.waste < len(t.arena) {
		return
	}
	arena := make([]byte, rowUnit, len(t.arena)-t.waste+1<<16)
	for o, where := range t.wheres {
		if where == 0 {
			continue
		}
		at := int(where) * rowUnit
		t.wheres[o] = uint32(len(arena) / rowUnit)
		arena = append(arena, t.arena[at:at+int(binary.LittleEndian.Uint16(t.arena[at:]))*rowUnit]...)
	}
	t.arena, t.waste = arena, 0
}

// bytes is the memory held, in bytes, the unused part of slices included.
func (t *table) bytes() int64 {
	return int64(cap(t.arena)) + 4*int64(cap(t.wheres)+cap(t.index)+cap(t.free)) + t.words.bytes()
}
