package desk

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
)

// FoldText is the text as the text operators see it: its words, which are runs
// of letters, digits and marks, case-folded, with one space between them. It is
// the same for a text it has folded already.
func FoldText(s string) string {
	if plainASCII(s) {
		return foldASCII(s)
	}
	folded := cases.Fold().String(s)
	return strings.Join(strings.FieldsFunc(folded, func(r rune) bool { return !wordRune(r) }), " ")
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

func plainASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// foldASCII does the same without tables: most subjects need none.
func foldASCII(s string) string {
	b := make([]byte, 0, len(s))
	gap := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9') {
			gap = len(b) > 0
			continue
		}
		if gap {
			b = append(b, ' ')
			gap = false
		}
		b = append(b, c)
	}
	return string(b)
}
