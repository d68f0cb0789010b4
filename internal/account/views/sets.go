package views

// A setID names a set of counters that tickets stand in. Set 0 is the empty one.
type setID = uint32

// sets interns sets of counters: tickets that stand in the same counters share
// one. A set lives as long as a ticket has it.
type sets struct {
	all    []set
	byHash map[uint64]setID // the first of its hash; the others follow by next
	free   []setID
	marks  []uint32 // by counter: the round in which it was last seen
	round  uint32
}

type set struct {
	members []counterID // in no order
	hash    uint64
	refs    uint32
	next    setID // another set of the same hash; 0 is none
}

func newSets() *sets {
	return &sets{all: make([]set, 1), byHash: map[uint64]setID{}}
}

func (s *sets) members(id setID) []counterID { return s.all[id].members }

// mark begins a round and marks the members given.
func (s *sets) mark(members []counterID) {
	s.round++
	for _, c := range members {
		s.see(c)
	}
}

func (s *sets) see(c counterID) {
	for int(c) >= len(s.marks) {
		s.marks = append(s.marks, make([]uint32, len(s.marks)+64)...)
	}
	s.marks[c] = s.round
}

func (s *sets) seen(c counterID) bool { return int(c) < len(s.marks) && s.marks[c] == s.round }

// intern gives the set with the members given, which must be marked, and
// counts one more ticket in it.
func (s *sets) intern(members []counterID) setID {
	if len(members) == 0 {
		return 0
	}
	h := hashOf(members)
	for id := s.byHash[h]; id != 0; id = s.all[id].next {
		if s.same(id, len(members)) {
			s.all[id].refs++
			return id
		}
	}
	return s.add(members, h)
}

func (s *sets) same(id setID, n int) bool {
	if len(s.all[id].members) != n {
		return false
	}
	for _, c := range s.all[id].members {
		if !s.seen(c) {
			return false
		}
	}
	return true
}

func (s *sets) add(members []counterID, h uint64) setID {
	id := setID(len(s.all))
	if n := len(s.free); n > 0 {
		id = s.free[n-1]
		s.free = s.free[:n-1]
	} else {
		s.all = append(s.all, set{})
	}
	s.all[id] = set{members: append([]counterID(nil), members...), hash: h, refs: 1, next: s.byHash[h]}
	s.byHash[h] = id
	return id
}

// release counts one ticket less in the set.
func (s *sets) release(id setID) {
	if id == 0 {
		return
	}
	if s.all[id].refs--; s.all[id].refs == 0 {
		s.drop(id)
	}
}

func (s *sets) drop(id setID) {
	h := s.all[id].hash
	if s.byHash[h] == id {
		s.unhash(h, s.all[id].next)
	} else {
		at := s.byHash[h]
		for s.all[at].next != id {
			at = s.all[at].next
		}
		s.all[at].next = s.all[id].next
	}
	s.all[id] = set{}
	s.free = append(s.free, id)
}

func (s *sets) unhash(h uint64, next setID) {
	if next == 0 {
		delete(s.byHash, h)
	} else {
		s.byHash[h] = next
	}
}

// has says whether the counter is in the set.
func (s *sets) has(id setID, c counterID) bool {
	for _, m := range s.all[id].members {
		if m == c {
			return true
		}
	}
	return false
}

// hashOf does not depend on the order of the members.
func hashOf(members []counterID) (h uint64) {
	for _, c := range members {
		x := (uint64(c) + 1) * 0x9E3779B97F4A7C15
		x ^= x >> 29
		h += x * 0xBF58476D1CE4E5B9
	}
	return h
}

// bytes is about the memory held, in bytes.
func (s *sets) bytes() int64 {
	n := int64(cap(s.all))*48 + int64(len(s.byHash))*24 + 4*int64(cap(s.free)+cap(s.marks))
	for i := range s.all {
		n += 4 * int64(cap(s.all[i].members))
	}
	return n
}
