// Package wire is the protocol between a browser and the server as PROTOCOL.md
// has it: the frames, the codes, the commands. It reads and writes bytes and
// does nothing else: no clock, no connection.
package wire

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/deskwire/deskwire/internal/desk"
)

// Version is the protocol's. TestFramesAreThoseOfTheVersion holds it to the
// shape of the frames.
const Version = 1

// Subprotocol names it in the WebSocket handshake.
const Subprotocol = "deskwire.v1"

// Limits on what a client sends.
const (
	MaxFrame = 16 << 10 // bytes
	MaxHave  = 256      // topics a hello holds
	MaxKey   = 100      // bytes of a command's key
	MaxToken = 8 << 10  // bytes
	MaxTopic = 2 * desk.MaxIDLength
)

// A ClientFrame is any frame from the client; which members are meant follows
// from T.
type ClientFrame struct {
	T       string            `json:"t"`
	V       int               `json:"v,omitempty"`       // hello
	Build   string            `json:"build,omitempty"`   // hello
	Account desk.AccountID    `json:"account,omitempty"` // hello
	Token   string            `json:"token,omitempty"`   // hello, token
	Epoch   string            `json:"epoch,omitempty"`   // hello
	Have    map[string]uint64 `json:"have,omitempty"`    // hello
	Follow  []string          `json:"follow,omitempty"`  // hello, session
	Key     string            `json:"key,omitempty"`     // cmd
	Kind    string            `json:"kind,omitempty"`    // cmd
	Body    json.RawMessage   `json:"body,omitempty"`    // cmd
	N       uint64            `json:"n,omitempty"`       // beat
	Seq     uint64            `json:"seq,omitempty"`     // shown
}

// The frames from the client.
const (
	Hello   = "hello"
	Session = "session"
	Cmd     = "cmd"
	Beat    = "beat"
	Token   = "token"
	Shown   = "shown"
	Bye     = "bye"
)

// The frames from the server; beat and bye go both ways.
const (
	Welcome = "welcome"
	Patch   = "patch"
	Gone    = "gone"
	Done    = "done"
	Renew   = "renew"
)

// ReadClient reads a frame from the client. One of a type it does not know is
// no error: the caller ignores it. What is wrong is a *desk.Problem.
func ReadClient(b []byte) (f ClientFrame, err error) {
	if len(b) > MaxFrame {
		return f, &desk.Problem{Kind: desk.TooLarge, Detail: "a frame is at most " + strconv.Itoa(MaxFrame) + " bytes"}
	}
	if !utf8.Valid(b) {
		return f, desk.Invalidf("", "a frame is UTF-8")
	}
	if err := json.Unmarshal(b, &f); err != nil {
		return f, desk.Invalidf("", "a frame is one JSON object with the fields of PROTOCOL.md")
	}
	if f.T == "" {
		return f, desk.Invalidf("/t", "a frame names its type in t")
	}
	return f, f.check()
}

func (f *ClientFrame) check() error {
	switch {
	case f.T == Hello && !desk.ValidID(string(f.Account)):
		return desk.Invalidf("/account", "a hello names the account")
	case len(f.Have) > MaxHave:
		return desk.Invalidf("/have", "a hello holds at most %d topics", MaxHave)
	case len(f.Follow) > desk.MaxFollows:
		return desk.Invalidf("/follow", "a session follows at most %d topics", desk.MaxFollows)
	case len(f.Token) > MaxToken:
		return desk.Invalidf("/token", "a token is at most %d bytes", MaxToken)
	case f.T == Cmd && (f.Key == "" || len(f.Key) > MaxKey):
		return desk.Invalidf("/key", "a command has a key of 1 to %d bytes", MaxKey)
	}
	for i, topic := range f.Follow {
		if topic == "" || len(topic) > MaxTopic {
			return desk.Invalidf("/follow/"+strconv.Itoa(i), "a topic's name has 1 to %d bytes", MaxTopic)
		}
	}
	return nil
}

// A ServerFrame is any frame from the server, as a client written in Go reads
// it.
type ServerFrame struct {
	T       string                     `json:"t"`
	V       int                        `json:"v,omitempty"`       // welcome
	Session string                     `json:"session,omitempty"` // welcome
	Epoch   string                     `json:"epoch,omitempty"`   // welcome
	Account string                     `json:"account,omitempty"` // welcome
	Agent   string                     `json:"agent,omitempty"`   // welcome
	Build   string                     `json:"build,omitempty"`   // welcome
	BeatMS  int64                      `json:"beat_ms,omitempty"` // welcome
	Now     int64                      `json:"now,omitempty"`     // welcome, beat
	Seq     uint64                     `json:"seq,omitempty"`     // welcome, done
	Topic   string                     `json:"topic,omitempty"`   // patch, gone
	From    uint64                     `json:"from,omitempty"`    // patch
	To      uint64                     `json:"to,omitempty"`      // patch
	At      int64                      `json:"at,omitempty"`      // patch
	Set     map[string]json.RawMessage `json:"set,omitempty"`     // patch
	Del     []string                   `json:"del,omitempty"`     // patch
	Why     string                     `json:"why,omitempty"`     // gone
	N       uint64                     `json:"n,omitempty"`       // beat
	Key     string                     `json:"key,omitempty"`     // done
	ID      string                     `json:"id,omitempty"`      // done
	Version uint64                     `json:"version,omitempty"` // done
	Changed bool                       `json:"changed,omitempty"` // done
	Again   bool                       `json:"again,omitempty"`   // done
	Problem *Problem                   `json:"problem,omitempty"` // done
	InMS    int64                      `json:"in_ms,omitempty"`   // renew
	Code    int                        `json:"code,omitempty"`    // bye
	Reason  string                     `json:"reason,omitempty"`  // bye
	Action  Action                     `json:"action,omitempty"`  // bye
	RetryMS int64                      `json:"retry_ms,omitempty"`
}

// A Problem is a desk.Problem as it travels.
type Problem struct {
	Kind    desk.Kind       `json:"kind"`
	Detail  string          `json:"detail"`
	Pointer string          `json:"pointer,omitempty"`
	Current json.RawMessage `json:"current,omitempty"`
	RetryMS int64           `json:"retry_ms,omitempty"`
}

// ReadServer reads a frame from the server.
func ReadServer(b []byte) (f ServerFrame, err error) {
	if err := json.Unmarshal(b, &f); err != nil || f.T == "" {
		return f, desk.Invalidf("", "a frame is one JSON object with the fields of PROTOCOL.md")
	}
	return f, f.check()
}

// check refuses what no server says: a reader that took it would be wrong and
// not know it.
func (f *ServerFrame) check() error {
	switch {
	case f.T == Welcome && (f.Session == "" || f.Epoch == "" || f.BeatMS <= 0):
		return desk.Invalidf("/session", "a welcome names the session, the epoch and the heartbeat")
	case (f.T == Patch || f.T == Gone) && f.Topic == "":
		return desk.Invalidf("/topic", "a %s names its topic", f.T)
	case f.T == Patch && f.To <= f.From:
		return desk.Invalidf("/to", "a patch moves on: from %d to %d does not", f.From, f.To)
	case f.T == Done && f.Key == "":
		return desk.Invalidf("/key", "a done names its command")
	case f.T == Bye && f.Code == 0:
		return desk.Invalidf("/code", "a bye has a code")
	}
	return nil
}
