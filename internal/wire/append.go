package wire

import (
	"encoding/json"
	"strconv"

	"github.com/deskwire/deskwire/internal/desk"
)

// Entry is a key of a patch with its JSON value.
type Entry struct {
	Key   string
	Value []byte
}

// AppendPatch appends the frame that brings a topic from one seq to another.
func AppendPatch(b []byte, topic string, from, to uint64, at int64, set []Entry, del []string) []byte {
	b = appendString(append(b, `{"t":"patch","topic":`...), topic)
	b = strconv.AppendUint(append(b, `,"from":`...), from, 10)
	b = strconv.AppendUint(append(b, `,"to":`...), to, 10)
	b = strconv.AppendInt(append(b, `,"at":`...), at, 10)
	b = append(b, `,"set":{`...)
	for i, e := range set {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, e.Key), ':')
		b = append(b, e.Value...)
	}
	b = append(b, '}')
	if len(del) > 0 {
		b = append(b, `,"del":`...)
		b = append(b, marshal(del)...)
	}
	return append(b, '}')
}

// AppendGone appends the frame that makes the client forget a topic.
func AppendGone(b []byte, topic, why string) []byte {
	b = appendString(append(b, `{"t":"gone","topic":`...), topic)
	b = appendString(append(b, `,"why":`...), why)
	return append(b, '}')
}

// AppendBeat appends the server's heartbeat.
func AppendBeat(b []byte, n uint64, now int64) []byte {
	b = strconv.AppendUint(append(b, `{"t":"beat","n":`...), n, 10)
	b = strconv.AppendInt(append(b, `,"now":`...), now, 10)
	return append(b, '}')
}

// WelcomeFrame is what a hello is answered with.
type WelcomeFrame struct {
	T       string         `json:"t"`
	V       int            `json:"v"`
	Session desk.SessionID `json:"session"`
	Epoch   string         `json:"epoch"`
	Seq     uint64         `json:"seq"`
	BeatMS  int64          `json:"beat_ms"`
	Now     int64          `json:"now"`
	Agent   desk.AgentID   `json:"agent"`
	Account desk.AccountID `json:"account"`
	Build   string         `json:"build"`
}

// AppendWelcome appends the answer to a hello.
func AppendWelcome(b []byte, w WelcomeFrame) []byte {
	w.T, w.V = "welcome", Version
	return append(b, marshal(w)...)
}

// AppendDone appends what came of a command: its outcome, or the problem.
func AppendDone(b []byte, key string, out desk.Outcome, problem *desk.Problem) []byte {
	b = appendString(append(b, `{"t":"done","key":`...), key)
	if problem != nil {
		b = append(b, `,"problem":`...)
		p := Problem{Kind: problem.Kind, Detail: problem.Detail, Pointer: problem.Pointer, RetryMS: problem.RetryAfter}
		if problem.Current != nil {
			p.Current = marshal(problem.Current)
		}
		return append(append(b, marshal(p)...), '}')
	}
	b = strconv.AppendUint(append(b, `,"seq":`...), out.Seq, 10)
	b = appendString(append(b, `,"id":`...), out.ID)
	b = strconv.AppendUint(append(b, `,"version":`...), out.Version, 10)
	b = strconv.AppendBool(append(b, `,"changed":`...), out.Changed)
	b = strconv.AppendBool(append(b, `,"again":`...), out.Again)
	return append(b, '}')
}

// AppendRenew appends the wish for a fresh token.
func AppendRenew(b []byte, inMS int64) []byte {
	return append(strconv.AppendInt(append(b, `{"t":"renew","in_ms":`...), inMS, 10), '}')
}

// AppendBye appends the last frame before the server closes.
func AppendBye(b []byte, code Code, reason string, retryMS int64) []byte {
	b = strconv.AppendInt(append(b, `{"t":"bye","code":`...), int64(code), 10)
	b = appendString(append(b, `,"reason":`...), reason)
	b = appendString(append(b, `,"action":`...), string(code.Action()))
	b = strconv.AppendInt(append(b, `,"retry_ms":`...), retryMS, 10)
	return append(b, '}')
}

func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return []byte("null")
	}
	return b
}

// appendString quotes s; what is not plain goes through encoding/json.
func appendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			return append(b, marshal(s)...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
