package ingest

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/deskwire/deskwire/internal/desk"
)

// kind is a sort of JSON value.
type kind uint8

const (
	anything kind = iota
	nothing       // null
	aText
	aNumber
	aWhole // a number without a fraction
	aTruth
	aList
	anObject
	anInstant // a text that is a time
)

// A shape says what a document may hold. A nil shape takes anything.
type shape struct {
	kind     kind
	positive bool              // of aWhole: no minus
	fields   map[string]*shape // of anObject; nil: any key
	each     *shape            // of a list's items, and of the values under any key
}

// shapeOf reads the shape of a document from the type it is decoded to, so that
// the two cannot differ.
func shapeOf(t reflect.Type) *shape {
	switch {
	case t == reflect.TypeFor[desk.Time]():
		return &shape{kind: anInstant}
	case t == reflect.TypeFor[json.RawMessage](), reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()):
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		return shapeOf(t.Elem())
	case reflect.String:
		return &shape{kind: aText}
	case reflect.Bool:
		return &shape{kind: aTruth}
	case reflect.Float64:
		return &shape{kind: aNumber}
	case reflect.Int, reflect.Int64:
		return &shape{kind: aWhole}
	case reflect.Uint64:
		return &shape{kind: aWhole, positive: true}
	case reflect.Slice:
		return &shape{kind: aList, each: shapeOf(t.Elem())}
	case reflect.Map:
		return &shape{kind: anObject, each: shapeOf(t.Elem())}
	case reflect.Struct:
		return &shape{kind: anObject, fields: fieldsOf(t)}
	}
	panic("ingest: no document has a " + t.String())
}

func fieldsOf(t reflect.Type) map[string]*shape {
	fields := map[string]*shape{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && name != "" && name != "-" {
			fields[name] = shapeOf(f.Type)
		}
	}
	return fields
}

// item is the shape of a list's items.
func (sh *shape) item() *shape {
	if sh == nil {
		return nil
	}
	return sh.each
}

// member is the shape of what stands under the key, and whether it may.
func (sh *shape) member(key []byte) (*shape, bool) {
	switch {
	case sh == nil:
		return nil, true
	case sh.fields == nil:
		return sh.each, true
	}
	sub, known := sh.fields[string(key)]
	return sub, known
}

// near names the field that was perhaps meant.
func (sh *shape) near(key string) string {
	key = strings.ReplaceAll(key, "-", "_")
	for name := range sh.fields {
		if strings.EqualFold(strings.ReplaceAll(name, "_", ""), strings.ReplaceAll(key, "_", "")) {
			return `; it is written "` + name + `"`
		}
	}
	return ""
}

// fits refuses a value of another kind; null is absent and fits everywhere.
func (s *scanner) fits(sh *shape, k kind) error {
	if sh == nil || sh.kind == anything || k == nothing && len(s.trail) > 0 || sh.kind == k {
		return nil
	}
	if sh.kind == aWhole && k == aNumber || sh.kind == anInstant && k == aText {
		return nil
	}
	return s.wrong(desk.Invalid, "this takes %s, not %s", sh.words(), (&shape{kind: k}).words())
}

// words names what the shape takes.
func (sh *shape) words() string {
	switch sh.kind {
	case nothing:
		return "null"
	case aText:
		return "a text"
	case aNumber:
		return "a number"
	case aWhole:
		if sh.positive {
			return "a whole number from 0"
		}
		return "a whole number"
	case aTruth:
		return "true or false"
	case aList:
		return "a list"
	case anInstant:
		return "a time, such as \"2026-11-24T09:00:00Z\""
	}
	return "an object"
}
