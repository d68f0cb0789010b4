package ingest

import (
	"bytes"
	"unicode/utf8"

	"github.com/deskwire/deskwire/internal/desk"
)

// asWritten are the bytes that a text holds plainly: ASCII but for its quote,
// the beginning of an escape and control characters.
var asWritten = func() (is [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		is[c] = c != '"' && c != '\\'
	}
	return is
}()

// text reads a string and gives what is between its quotes, as written.
func (s *scanner) text() ([]byte, error) {
	s.i++
	from, ascii := s.i, true
	for {
		for s.i < len(s.b) && asWritten[s.b[s.i]] {
			s.i++
		}
		if s.i == len(s.b) {
			return nil, s.broken("a text has no closing quote")
		}
		switch c := s.b[s.i]; {
		case c == '"':
			return s.closed(from, ascii)
		case c == '\\':
			if err := s.escape(); err != nil {
				return nil, err
			}
		case c < ' ':
			return nil, s.broken("a control character in a text is written as an escape, such as \\n")
		default:
			ascii = false
			s.i++
		}
	}
}

// closed ends the text that began at from.
func (s *scanner) closed(from int, ascii bool) ([]byte, error) {
	text := s.b[from:s.i]
	if !ascii && !utf8.Valid(text) {
		return nil, s.broken("the text is not UTF-8")
	}
	s.i++
	return text, nil
}

func (s *scanner) escape() error {
	rest := s.b[s.i+1:]
	switch {
	case len(rest) > 0 && bytes.IndexByte([]byte(`"\/bfnrt`), rest[0]) >= 0:
		s.i += 2
		return nil
	case len(rest) > 4 && rest[0] == 'u' && hex(rest[1:5]):
		s.i += 6
		return nil
	}
	return s.broken("there is no such escape")
}

func hex(b []byte) bool {
	for _, c := range b {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
			return false
		}
	}
	return true
}

// number reads a number as the grammar of JSON has it.
func (s *scanner) number(sh *shape) error {
	from := s.i
	if s.b[s.i] == '-' {
		s.i++
	}
	digits := s.i
	if n := s.digits(); n == 0 || n > 1 && s.b[digits] == '0' {
		return s.broken("this is not a number of JSON")
	}
	whole := s.b[digits:s.i]
	fraction, err := s.fraction()
	if err != nil {
		return err
	}
	if !fraction && tooBig(whole) {
		return s.wrong(desk.Invalid, "a whole number is at most %d either way; write longer ones as text", MaxNumber)
	}
	if sh != nil && sh.kind == aWhole && (fraction || sh.positive && s.b[from] == '-') {
		return s.wrong(desk.Invalid, "this takes %s, not %s", sh.words(), clip(string(s.b[from:s.i])))
	}
	return nil
}

func (s *scanner) digits() (n int) {
	for s.i < len(s.b) && '0' <= s.b[s.i] && s.b[s.i] <= '9' {
		s.i++
		n++
	}
	return n
}

func (s *scanner) fraction() (there bool, err error) {
	if s.i < len(s.b) && s.b[s.i] == '.' {
		s.i++
		if there = true; s.digits() == 0 {
			return there, s.broken("this is not a number of JSON")
		}
	}
	if s.i < len(s.b) && s.b[s.i]|0x20 == 'e' {
		s.i++
		if s.i < len(s.b) && (s.b[s.i] == '+' || s.b[s.i] == '-') {
			s.i++
		}
		if there = true; s.digits() == 0 {
			return there, s.broken("this is not a number of JSON")
		}
	}
	return there, nil
}

func tooBig(digits []byte) bool {
	const most = "9007199254740992" // MaxNumber
	return len(digits) > len(most) || len(digits) == len(most) && string(digits) > most
}
