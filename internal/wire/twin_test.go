package wire

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// twin reads a file of the browser client.
func twin(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile("../../web/client/src/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`).ReplaceAllString(string(b), "")
}

// members gives the members of a TypeScript interface: name to type.
func members(t *testing.T, src, name string) map[string]string {
	t.Helper()
	m := regexp.MustCompile(`(?s)export interface ` + name + ` \{(.*?)\}\s*(?:\n|$)`).FindStringSubmatch(src)
	if m == nil {
		t.Fatalf("wire.ts has no interface %s", name)
	}
	out := map[string]string{}
	for _, line := range strings.FieldsFunc(m[1], func(r rune) bool { return r == ';' || r == '\n' }) {
		if field, typ, ok := strings.Cut(line, ":"); ok {
			out[strings.Trim(field, " ?")] = strings.TrimSpace(typ)
		}
	}
	return out
}

// words gives the members of a union of words.
func words(typ string) (out []string) {
	for _, m := range regexp.MustCompile(`"(\w+)"`).FindAllStringSubmatch(typ, -1) {
		out = append(out, m[1])
	}
	return out
}

func union(t *testing.T, src, name string) []string {
	t.Helper()
	m := regexp.MustCompile(`export type ` + name + ` = ([^;]*);`).FindStringSubmatch(src)
	if m == nil {
		t.Fatalf("wire.ts has no type %s", name)
	}
	return words(m[1])
}

// tsType is how the type of a Go member is written in TypeScript.
func tsType(typ reflect.Type) string {
	switch {
	case typ == reflect.TypeFor[Action]():
		return "Action"
	case typ == reflect.TypeFor[*Problem]():
		return "Problem"
	case typ.String() == "json.RawMessage":
		return "unknown"
	}
	switch typ.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Slice:
		return tsType(typ.Elem()) + "[]"
	case reflect.Map:
		return "Record<string, " + tsType(typ.Elem()) + ">"
	}
	return "number"
}

func TestTheTwinHasTheSameMembers(t *testing.T) {
	src := twin(t, "wire.ts")
	for name, typ := range map[string]reflect.Type{
		"ClientFrame": reflect.TypeFor[ClientFrame](), "ServerFrame": reflect.TypeFor[ServerFrame](), "Problem": reflect.TypeFor[Problem]()} {
		there := members(t, src, name)
		for _, f := range reflect.VisibleFields(typ) {
			member := jsonName(f)
			if got, want := there[member], tsType(f.Type); got != want && member != "t" {
				t.Errorf("wire.ts: %s.%s is %q, in Go it is %q", name, member, got, want)
			}
			delete(there, member)
		}
		for member := range there {
			t.Errorf("wire.ts: %s.%s is not in Go", name, member)
		}
	}
}

func TestTheTwinHasTheSameKinds(t *testing.T) {
	src := twin(t, "wire.ts")
	same(t, "ClientFrame.t", words(members(t, src, "ClientFrame")["t"]), clientKinds)
	same(t, "ServerKind", union(t, src, "ServerKind"), serverKinds)
	same(t, "Action", union(t, src, "Action"), []string{string(Retry), string(Wait), string(SignUp), string(Reload), string(Stop)})
	if !strings.Contains(src, "export const VERSION = "+strconv.Itoa(Version)+";") || !strings.Contains(src, `export const SUBPROTOCOL = "`+Subprotocol+`";`) {
		t.Errorf("wire.ts is not of version %d, %s", Version, Subprotocol)
	}
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	if want = slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
		t.Errorf("wire.ts: %s is %q, in Go %q", what, got, want)
	}
}

// TestTheTwinTakesCodesTheSame: without a bye before it, a code alone must make
// the browser do the same.
func TestTheTwinTakesCodesTheSame(t *testing.T) {
	src := twin(t, "connection.ts")
	action := map[string]string{}
	for _, m := range regexp.MustCompile(`((?:case \d+: *)+)return "(\w+)"`).FindAllStringSubmatch(src, -1) {
		for _, code := range regexp.MustCompile(`\d+`).FindAllString(m[1], -1) {
			action[code] = m[2]
		}
	}
	if len(action) < 5 {
		t.Fatalf("connection.ts tells only %d codes; has actionOf changed its form?", len(action))
	}
	for _, c := range codes {
		code := strconv.Itoa(int(c))
		got, told := action[code]
		if !told {
			got = "retry" // its default
		}
		if got != string(c.Action()) {
			t.Errorf("connection.ts does %q about %s, PROTOCOL.md says %q", got, code, c.Action())
		}
		delete(action, code)
	}
	for code := range action {
		t.Errorf("connection.ts knows the code %s, Go does not", code)
	}
}
