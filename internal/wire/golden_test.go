package wire

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/deskwire/deskwire/internal/desk"
)

// lines reads a golden file: one frame a line.
func lines(t testing.TB, file string) [][]byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(bytes.TrimSpace(b), []byte("\n"))
}

// said is one frame of each kind, as this server writes it.
func said() [][]byte {
	outcome := desk.Outcome{Seq: 121, ID: "42", Version: 4, Changed: true}
	stale := &desk.Problem{Kind: desk.Stale, Detail: "the ticket has moved on", Pointer: "/body/if_version", Current: map[string]int{"version": 5}}
	later := &desk.Problem{Kind: desk.Unavailable, Detail: "not just now", RetryAfter: 1000}
	return [][]byte{
		AppendWelcome(nil, WelcomeFrame{Session: "s1", Epoch: "e1", Seq: 120, BeatMS: 15000, Now: 1764000000000, Agent: "ann", Account: "acme", Build: "0.1.0"}),
		AppendPatch(nil, "counts:all", 118, 120, 1764000000000, []Entry{{"v1", []byte(`{"n":0}`)}, {"v\"2", []byte(`null`)}}, []string{"v9"}),
		AppendPatch(nil, "counts:all", 0, 120, 1764000000000, nil, nil),
		AppendGone(nil, "ticket:42", "not followed, or not yours to read"),
		AppendBeat(nil, 7, 1764000000000),
		AppendDone(nil, "k1", outcome, nil),
		AppendDone(nil, "k2", desk.Outcome{}, stale),
		AppendDone(nil, "k3", desk.Outcome{}, later),
		AppendDone(nil, "k1", desk.Outcome{Seq: 121, ID: "42", Version: 4, Again: true}, nil),
		AppendRenew(nil, 60000),
		AppendBye(nil, SignIn, "the token has expired", 0),
		AppendBye(nil, NotNow, "the server is restarting", 5000),
	}
}

func TestServerFramesAreTheGoldenOnes(t *testing.T) {
	want := lines(t, "server.jsonl")
	got := said()
	if len(got) != len(want) {
		t.Fatalf("%d frames, %d golden ones", len(got), len(want))
	}
	for i := range got {
		if !bytes.Equal(got[i], want[i]) {
			t.Errorf("line %d\n said   %s\n golden %s", i+1, got[i], want[i])
		}
	}
}

func TestGoldenFramesAreReadWhole(t *testing.T) {
	kinds, members := map[string]bool{}, map[string]bool{}
	for _, line := range lines(t, "server.jsonl") {
		f, err := ReadServer(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		kinds[f.T] = true
		mark(f, members)
	}
	covers(t, ServerFrame{}, members)
	for _, kind := range serverKinds {
		if !kinds[kind] {
			t.Errorf("no golden %s", kind)
		}
	}
}

func TestClientFramesAreReadWhole(t *testing.T) {
	kinds, members := map[string]bool{}, map[string]bool{}
	for _, line := range lines(t, "client.jsonl") {
		f, err := ReadClient(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		if again, _ := json.Marshal(f); !bytes.Equal(again, line) {
			t.Errorf("read   %s\ngolden %s", again, line)
		}
		kinds[f.T] = true
		mark(f, members)
	}
	covers(t, ClientFrame{}, members)
	for _, kind := range clientKinds {
		if !kinds[kind] {
			t.Errorf("no golden %s", kind)
		}
	}
}

// mark notes which members of the frame are set.
func mark(frame any, members map[string]bool) {
	v := reflect.ValueOf(frame)
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			members[jsonName(v.Type().Field(i))] = true
		}
	}
}

// covers demands that the golden frames show each member of the type.
func covers(t *testing.T, frame any, members map[string]bool) {
	t.Helper()
	for _, f := range reflect.VisibleFields(reflect.TypeOf(frame)) {
		if name := jsonName(f); !members[name] {
			t.Errorf("no golden frame has the member %s of %T", name, frame)
		}
	}
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func TestEveryCommandOfTheProtocolIsUnderstood(t *testing.T) {
	seen := map[string]bool{}
	for _, line := range lines(t, "commands.jsonl") {
		var c struct {
			Kind string
			Body json.RawMessage
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		event, err := DecodeCommand("ann", c.Kind, c.Body)
		if err != nil || event == nil {
			t.Errorf("%s: %v", line, err)
		}
		seen[c.Kind] = true
	}
	for _, kind := range protocolTable(t, "## Commands", "kind") {
		if !seen[kind] {
			t.Errorf("PROTOCOL.md lists %s, of which there is no golden command", kind)
		}
		delete(seen, kind)
	}
	for kind := range seen {
		t.Errorf("%s is not in PROTOCOL.md", kind)
	}
}

func TestCommandsActForTheAgentOfTheConnection(t *testing.T) {
	event, err := DecodeCommand("ann", "message.add", []byte(`{"ticket":"42","kind":"public","body":"Hello"}`))
	want := desk.AddMessage{Message: desk.Message{Ticket: "42", Kind: desk.Public, Body: "Hello", From: desk.Author{Kind: desk.FromAgent, ID: "ann"}}}
	if err != nil || !reflect.DeepEqual(event, want) {
		t.Errorf("got %+v, %v", event, err)
	}
	event, err = DecodeCommand("ann", "ticket.read", []byte(`{"ticket":"42"}`))
	if err != nil || event != (desk.MarkRead{Agent: "ann", Ticket: "42"}) {
		t.Errorf("got %+v, %v", event, err)
	}
}
