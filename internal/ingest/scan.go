package ingest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/deskwire/deskwire/internal/desk"
)

// Limits on the form of a document, whatever it says (OPERATIONS 3.1).
const (
	MaxNesting = 16      // objects and lists inside each other
	MaxMembers = 256     // of one object
	MaxNumber  = 1 << 53 // whole numbers beyond it are not the same in every language
)

// maxPointer is the longest pointer told, in bytes: its keys are the caller's.
const maxPointer = 256

// A scanner reads a document once, without decoding it: it is JSON, UTF-8, not
// too deep, no key is there twice, and it has the shape asked for. What is not
// so is told with a pointer to it. The zero value is ready and can be used
// again; it keeps parts of the document only until the next scan.
type scanner struct {
	b       []byte
	i       int
	trail   []frame  // where it is, outermost first
	keys    [][]byte // of all objects that are open, outermost first
	members []member // of the outermost object
}

// A frame is a place in an object, by key, or in a list, by index; noPlace is
// before the first key of an object.
type frame struct {
	key   []byte
	index int
}

const noPlace = -1

// A member is a part of the outermost object: its name and its value as written.
type member struct{ name, value []byte }

// scan reads the whole document. The members found are good until the next scan.
func (s *scanner) scan(b []byte, sh *shape) error {
	s.b, s.i, s.trail, s.keys, s.members = b, 0, s.trail[:0], s.keys[:0], s.members[:0]
	s.space()
	if s.i == len(b) {
		return s.broken("a JSON document is missing here")
	}
	if err := s.value(sh); err != nil {
		return err
	}
	s.space()
	if s.i < len(b) {
		return s.broken("there is more behind the document; remove it")
	}
	return nil
}

// check scans b for the shape; it keeps nothing.
func check(b []byte, sh *shape) error {
	var s scanner
	return s.scan(b, sh)
}

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return
		}
	}
}

// broken is a document that is not JSON.
func (s *scanner) broken(format string, args ...any) error {
	p := malformed(fmt.Sprintf(format, args...) + " (at byte " + strconv.Itoa(s.i+1) + ")")
	p.Pointer = s.pointer()
	return p
}

// wrong is JSON that does not say what it must.
func (s *scanner) wrong(kind desk.Kind, format string, args ...any) error {
	return &desk.Problem{Kind: kind, Pointer: s.pointer(), Detail: fmt.Sprintf(format, args...)}
}

func (s *scanner) pointer() string {
	var b strings.Builder
	for _, f := range s.trail {
		if f.key == nil && f.index == noPlace {
			continue
		}
		b.WriteByte('/')
		if f.key == nil {
			b.WriteString(strconv.Itoa(f.index))
			continue
		}
		_, _ = pointerEscape.WriteString(&b, plain(f.key))
		if b.Len() > maxPointer {
			return strings.ToValidUTF8(b.String()[:maxPointer], "")
		}
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

// plain is a key without its escapes.
func plain(key []byte) string {
	var text string
	if bytes.IndexByte(key, '\\') >= 0 && json.Unmarshal([]byte(`"`+string(key)+`"`), &text) == nil {
		return text
	}
	return string(key)
}

func (s *scanner) value(sh *shape) error {
	if s.i == len(s.b) {
		return s.broken("the document ends too early")
	}
	from := s.i
	var err error
	switch c := s.b[s.i]; {
	case c == '{':
		if err = s.fits(sh, anObject); err == nil {
			err = s.object(sh)
		}
	case c == '[':
		if err = s.fits(sh, aList); err == nil {
			err = s.list(sh)
		}
	case c == '"':
		if err = s.fits(sh, aText); err == nil {
			_, err = s.text()
		}
	case c == '-' || '0' <= c && c <= '9':
		if err = s.fits(sh, aNumber); err == nil {
			err = s.number(sh)
		}
	default:
		err = s.literal(sh)
	}
	if err == nil && sh != nil && sh.kind == anInstant {
		return s.instant(s.b[from:s.i])
	}
	return err
}

// instant holds a time to how times are written.
func (s *scanner) instant(b []byte) error {
	var t desk.Time
	if err := t.UnmarshalJSON(b); err != nil {
		return s.wrong(desk.Invalid, "%s", clip(err.Error()))
	}
	return nil
}

// clip cuts what a problem quotes of the request.
func clip(text string) string {
	if len(text) > maxPointer {
		return strings.ToValidUTF8(text[:maxPointer], "") + "…"
	}
	return text
}

var literals = [...]struct {
	word string
	kind kind
}{{"true", aTruth}, {"false", aTruth}, {"null", nothing}}

func (s *scanner) literal(sh *shape) error {
	for _, l := range literals {
		if len(s.b)-s.i >= len(l.word) && string(s.b[s.i:s.i+len(l.word)]) == l.word {
			if err := s.fits(sh, l.kind); err != nil {
				return err
			}
			s.i += len(l.word)
			return nil
		}
	}
	return s.broken("this is not JSON: a value begins with { [ \" a digit, true, false or null")
}

// open goes one level down.
func (s *scanner) open(f frame) error {
	if len(s.trail) == MaxNesting {
		return s.wrong(desk.TooLarge, "a document nests at most %d deep", MaxNesting)
	}
	s.i++
	s.trail = append(s.trail, f)
	return nil
}

// close goes one level up.
func (s *scanner) close() {
	s.i++
	s.trail = s.trail[:len(s.trail)-1]
}

// another says whether a next part follows in what ends with end.
func (s *scanner) another(n int, end byte) (bool, error) {
	s.space()
	if s.i == len(s.b) {
		return false, s.broken("the document ends too early")
	}
	if s.b[s.i] == end {
		return false, nil
	}
	if n == 0 {
		return true, nil
	}
	if s.b[s.i] != ',' {
		return false, s.broken("this is not JSON: here stands , or %c", end)
	}
	s.i++
	s.space()
	return true, nil
}

func (s *scanner) list(sh *shape) error {
	if err := s.open(frame{}); err != nil {
		return err
	}
	top := len(s.trail) - 1
	for n := 0; ; n++ {
		more, err := s.another(n, ']')
		if err != nil {
			return err
		}
		if !more {
			s.close()
			return nil
		}
		s.trail[top].index = n
		if err := s.value(sh.item()); err != nil {
			return err
		}
	}
}

func (s *scanner) object(sh *shape) error {
	first := len(s.keys)
	if err := s.open(frame{index: noPlace}); err != nil {
		return err
	}
	for n := 0; ; n++ {
		more, err := s.another(n, '}')
		if err != nil {
			s.trail = s.trail[:len(s.trail)-1]
			return err
		}
		if !more {
			s.keys = s.keys[:first]
			s.close()
			return nil
		}
		if err := s.member(sh, first); err != nil {
			return err
		}
	}
}

func (s *scanner) member(sh *shape, first int) error {
	key, err := s.key(first)
	if err != nil {
		return err
	}
	sub, known := sh.member(key)
	if !known {
		return s.wrong(desk.Invalid, "there is no field %q here%s", clip(plain(key)), sh.near(plain(key)))
	}
	from := s.i
	if err := s.value(sub); err != nil {
		return err
	}
	if len(s.trail) == 1 {
		s.members = append(s.members, member{key, s.b[from:s.i]})
	}
	return nil
}

// key reads a key and what stands between it and its value.
func (s *scanner) key(first int) ([]byte, error) {
	top := &s.trail[len(s.trail)-1]
	top.key = nil
	if s.i == len(s.b) || s.b[s.i] != '"' {
		return nil, s.broken("this is not JSON: a key in quotes is missing here")
	}
	key, err := s.text()
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(key, '\\') >= 0 {
		key = []byte(plain(key))
	}
	top.key = key
	for _, k := range s.keys[first:] {
		if len(k) == len(key) && bytes.Equal(k, key) {
			return nil, s.wrong(desk.Invalid, "the key is there twice; keep one")
		}
	}
	if len(s.keys)-first == MaxMembers {
		return nil, s.wrong(desk.TooLarge, "an object has at most %d members", MaxMembers)
	}
	s.keys = append(s.keys, key)
	s.space()
	if s.i == len(s.b) || s.b[s.i] != ':' {
		return nil, s.broken("this is not JSON: here stands a colon")
	}
	s.i++
	s.space()
	return key, nil
}
