package wire

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/deskwire/deskwire/internal/desk"
)

// FuzzReadClient: any bytes are a frame within the limits, or a problem.
func FuzzReadClient(f *testing.F) {
	for _, line := range lines(f, "client.jsonl") {
		f.Add(line)
	}
	f.Add([]byte(`{"t":"hello","account":"a","have":{"":0}}`))
	f.Add([]byte(strings.Repeat("[", 1000)))
	f.Add([]byte("{\"t\":\"\\ud800\"}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := ReadClient(b)
		if err != nil {
			isProblem(t, err)
			return
		}
		if len(b) > MaxFrame || frame.T == "" || len(frame.Have) > MaxHave || len(frame.Follow) > desk.MaxFollows || len(frame.Token) > MaxToken {
			t.Fatalf("taken: %+v", frame)
		}
		again, err := json.Marshal(frame)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadClient(again); err != nil && len(again) <= MaxFrame {
			t.Fatalf("%s was taken, %s was not: %v", b, again, err)
		}
	})
}

func isProblem(t *testing.T, err error) {
	t.Helper()
	if p := (*desk.Problem)(nil); !errors.As(err, &p) || p.Detail == "" {
		t.Fatalf("not a problem that says something: %v", err)
	}
}

// FuzzDecodeCommand: any kind with any JSON is an event, or a problem.
func FuzzDecodeCommand(f *testing.F) {
	for _, line := range lines(f, "commands.jsonl") {
		var c struct {
			Kind string
			Body json.RawMessage
		}
		if err := json.Unmarshal(line, &c); err != nil {
			f.Fatal(err)
		}
		f.Add(c.Kind, []byte(c.Body))
	}
	f.Add("view.put", []byte(`{"id":null,"filter":[[[]]]}`))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		event, err := DecodeCommand("ann", kind, body)
		if err != nil {
			isProblem(t, err)
			return
		}
		switch e := event.(type) {
		case desk.AddMessage:
			if e.Message.From != (desk.Author{Kind: desk.FromAgent, ID: "ann"}) {
				t.Fatalf("a message of %+v", e.Message.From)
			}
		case desk.MarkRead:
			if e.Agent != "ann" {
				t.Fatalf("read by %s", e.Agent)
			}
		case nil:
			t.Fatal("neither an event nor a problem")
		}
	})
}

// FuzzReadServer: what the browser in Go takes moves on and names things.
func FuzzReadServer(f *testing.F) {
	for _, line := range lines(f, "server.jsonl") {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := ReadServer(b)
		if err != nil {
			isProblem(t, err)
			return
		}
		if frame.T == Patch && (frame.Topic == "" || frame.To <= frame.From) {
			t.Fatalf("taken: %+v", frame)
		}
	})
}

// FuzzAppendString: whatever a name holds, it is one JSON word.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "counts:all", `a"b\c`, "\x00\x7f", "è\u2028", "\xff", "</script>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		plain, _ := json.Marshal(s)
		var want, got string
		if err := errors.Join(json.Unmarshal(plain, &want), json.Unmarshal(appendString(nil, s), &got)); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("%q came back as %q", s, got)
		}
	})
}
