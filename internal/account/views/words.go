package views

// words numbers strings from 1; 0 is the empty one. Numbers are never reused:
// what it holds is vocabulary (agents, teams, tags, field values), which grows
// slowly and starts anew when the account wakes.
type words struct {
	codes map[string]uint32
	texts []string
}

func newWords() *words {
	return &words{codes: map[string]uint32{"": 0}, texts: []string{""}}
}

func (w *words) code(s string) uint32 {
	if c, ok := w.codes[s]; ok {
		return c
	}
	c := uint32(len(w.texts))
	w.codes[s] = c
	w.texts = append(w.texts, s)
	return c
}

func (w *words) text(c uint32) string { return w.texts[c] }

// bytes estimates the memory held: string bytes, a string header in each of
// the two tables, and the map's share.
func (w *words) bytes() int64 {
	n := int64(0)
	for _, s := range w.texts {
		n += int64(len(s)) + 48
	}
	return n
}
