package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/deskwire/deskwire/internal/desk"
)

func hello(members string) string {
	return `{"t":"hello","v":1,"account":"acme","token":"x"` + members + `}`
}

func list(n int, item string) string {
	return "[" + strings.Repeat(item+",", n-1) + item + "]"
}

func have(n int) string {
	m := map[string]int{}
	for i := range n {
		m[fmt.Sprint("counts:", i)] = 1
	}
	b, _ := json.Marshal(m)
	return string(b)
}

func TestWrongClientFramesAreRefusedWithThePlace(t *testing.T) {
	long := strings.Repeat("a", MaxTopic+1)
	for _, c := range []struct{ name, frame, pointer string }{
		{"nothing", ``, ""},
		{"not JSON", `hello`, ""},
		{"half a frame", `{"t":"beat","n":`, ""},
		{"two frames", `{"t":"beat"}{"t":"beat"}`, ""},
		{"a list", `[{"t":"beat"}]`, ""},
		{"null", `null`, "/t"},
		{"a word", `"beat"`, ""},
		{"no type", `{"n":1}`, "/t"},
		{"an empty type", `{"t":""}`, "/t"},
		{"a type that is a number", `{"t":1}`, ""},
		{"not UTF-8", "{\"t\":\"beat\xff\"}", ""},
		{"a byte order mark", "\ufeff{\"t\":\"beat\"}", ""},
		{"a negative number", `{"t":"beat","n":-1}`, ""},
		{"a fraction", `{"t":"beat","n":1.5}`, ""},
		{"a number over 64 bits", `{"t":"shown","seq":18446744073709551616}`, ""},
		{"a number as a word", `{"t":"shown","seq":"42"}`, ""},
		{"follow is no list", `{"t":"session","follow":"me"}`, ""},
		{"a followed number", `{"t":"session","follow":[1]}`, ""},
		{"have is a list", hello(`,"have":["me"]`), ""},
		{"a seq below 0", hello(`,"have":{"me":-1}`), ""},
		{"no account", `{"t":"hello","v":1,"token":"x"}`, "/account"},
		{"an account that is no id", `{"t":"hello","v":1,"account":"a b"}`, "/account"},
		{"too much held", hello(`,"have":` + have(MaxHave+1)), "/have"},
		{"too much followed", hello(`,"follow":` + list(desk.MaxFollows+1, `"me"`)), "/follow"},
		{"too much followed later", `{"t":"session","follow":` + list(desk.MaxFollows+1, `"me"`) + `}`, "/follow"},
		{"a topic without a name", `{"t":"session","follow":["me",""]}`, "/follow/1"},
		{"a topic with a long name", `{"t":"session","follow":["me","counts","` + long + `"]}`, "/follow/2"},
		{"a long token", hello(`,"build":""`)[:len(hello(""))-1] + `,"token":"` + strings.Repeat("x", MaxToken+1) + `"}`, "/token"},
		{"a command without a key", `{"t":"cmd","kind":"ticket.read","body":{}}`, "/key"},
		{"a command with a long key", `{"t":"cmd","key":"` + strings.Repeat("k", MaxKey+1) + `"}`, "/key"},
		{"nested without end", strings.Repeat("[", MaxFrame), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadClient([]byte(c.frame))
			refused(t, err, c.pointer)
		})
	}
}

// refused demands a problem that points there and says something.
func refused(t *testing.T, err error, pointer string) {
	t.Helper()
	p := (*desk.Problem)(nil)
	if !errors.As(err, &p) {
		t.Fatalf("not refused with a problem: %v", err)
	}
	if p.Pointer != pointer || p.Detail == "" {
		t.Errorf("points to %q (%s), not to %q", p.Pointer, p.Detail, pointer)
	}
}

func TestLimitsOfClientFramesAreReached(t *testing.T) {
	for name, frame := range map[string]string{
		"topics held": hello(`,"have":` + have(MaxHave)),
		"follows":     hello(`,"follow":` + list(desk.MaxFollows, `"me"`)),
		"topic":       `{"t":"session","follow":["` + strings.Repeat("a", MaxTopic) + `"]}`,
		"token":       `{"t":"token","token":"` + strings.Repeat("x", MaxToken) + `"}`,
		"key":         `{"t":"cmd","key":"` + strings.Repeat("k", MaxKey) + `"}`,
		"frame":       pad(MaxFrame),
		"seq":         `{"t":"shown","seq":18446744073709551615}`,
	} {
		if _, err := ReadClient([]byte(frame)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// pad is a frame of n bytes.
func pad(n int) string {
	const empty = `{"t":"cmd","key":"k","kind":"x","body":""}`
	return empty[:len(empty)-2] + strings.Repeat("x", n-len(empty)) + `"}`
}

func TestAFrameOverTheLimitIsTooLarge(t *testing.T) {
	_, err := ReadClient([]byte(pad(MaxFrame + 1)))
	p := (*desk.Problem)(nil)
	if !errors.As(err, &p) || p.Kind != desk.TooLarge {
		t.Errorf("got %v", err)
	}
}

func TestUnknownTypesAndFieldsAreLeftAlone(t *testing.T) {
	for _, frame := range []string{`{"t":"wave"}`, `{"t":"beat","n":1,"mood":{"a":[1]}}`} {
		if _, err := ReadClient([]byte(frame)); err != nil {
			t.Errorf("%s: %v", frame, err)
		}
	}
	if _, err := ReadServer([]byte(`{"t":"wave","hands":2}`)); err != nil {
		t.Error(err)
	}
}

func TestWrongServerFramesAreRefused(t *testing.T) {
	for _, c := range []struct{ frame, pointer string }{
		{``, ""}, {`null`, ""}, {`[]`, ""}, {`{"t":7}`, ""}, {`{"topic":"a"}`, ""},
		{`{"t":"welcome","v":1,"epoch":"e1","beat_ms":15000}`, "/session"},
		{`{"t":"welcome","v":1,"session":"s1","beat_ms":15000}`, "/session"},
		{`{"t":"patch","from":1,"to":2}`, "/topic"},
		{`{"t":"gone"}`, "/topic"},
		{`{"t":"patch","topic":"a","from":2,"to":2}`, "/to"},
		{`{"t":"patch","topic":"a","from":3,"to":2}`, "/to"},
		{`{"t":"patch","topic":"a"}`, "/to"},
		{`{"t":"patch","topic":"a","from":-1,"to":2}`, ""},
		{`{"t":"patch","topic":"a","from":1,"to":2,"set":[]}`, ""},
		{`{"t":"done","seq":1}`, "/key"},
		{`{"t":"bye"}`, "/code"},
	} {
		_, err := ReadServer([]byte(c.frame))
		if err == nil {
			t.Errorf("%s was taken", c.frame)
			continue
		}
		refused(t, err, c.pointer)
	}
}

func TestWrongCommandsAreRefusedWithThePlace(t *testing.T) {
	for _, c := range []struct{ kind, body, pointer string }{
		{"ticket.eat", `{}`, "/kind"},
		{"", `{}`, "/kind"},
		{"ticket.read", ``, "/body"},
		{"ticket.read", `[]`, "/body"},
		{"ticket.read", `{"ticket":42}`, "/body"},
		{"ticket.read", `{"ticket":"42","agent":"ben"}`, "/body"},
		{"ticket.read", `{"ticket":"42"} {"ticket":"43"}`, "/body"},
		{"message.add", `{"ticket":"42","kind":"public","body":"x","from":{"kind":"customer"}}`, "/body"},
		{"ticket.patch", `{"id":"42","if_version":-1}`, "/body"},
		{"view.put", `{"id":"v","filter":{},"sort":3}`, "/body"},
		{"view.delete", `{"view":"v"}`, "/body"},
	} {
		_, err := DecodeCommand("ann", c.kind, json.RawMessage(c.body))
		if err == nil {
			t.Errorf("%s %s was taken", c.kind, c.body)
			continue
		}
		refused(t, err, c.pointer)
	}
}

// TestWhatIsSaidIsRead: whatever the names hold, the other side reads the
// patch that was meant.
func TestWhatIsSaidIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringN(1, 20, -1).Draw(t, "topic")
		from := rapid.Uint64Range(0, 1<<52).Draw(t, "from")
		to := from + rapid.Uint64Range(1, 1<<52).Draw(t, "steps")
		keys := rapid.SliceOfNDistinct(rapid.String(), 0, 5, rapid.ID[string]).Draw(t, "keys")
		set := make([]Entry, len(keys))
		for i, k := range keys {
			set[i] = Entry{k, []byte(`{"n":` + fmt.Sprint(i) + `}`)}
		}
		del := rapid.SliceOf(rapid.String()).Draw(t, "del")
		f, err := ReadServer(AppendPatch(nil, name, from, to, 5, set, del))
		if err != nil || f.Topic != name || f.From != from || f.To != to || f.At != 5 || len(f.Set) != len(set) || len(f.Del) != len(del) {
			t.Fatalf("%+v, %v", f, err)
		}
		for _, e := range set {
			if string(f.Set[e.Key]) != string(e.Value) {
				t.Fatalf("%q is %s, not %s", e.Key, f.Set[e.Key], e.Value)
			}
		}
		for i := range del {
			if f.Del[i] != del[i] {
				t.Fatalf("del %q is %q", del[i], f.Del[i])
			}
		}
	})
}
