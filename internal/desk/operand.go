package desk

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// read takes the operand, which the field's type and the operator decide.
func (l *Leaf) read(f FieldSpec, raw json.RawMessage, pointer string) error {
	if l.Is == Empty || l.Is == NotEmpty {
		if raw != nil && string(raw) != "null" && string(raw) != "true" {
			return Invalidf(pointer, "%s takes no value", l.Is)
		}
		return nil
	}
	if raw == nil && l.Is != Today && l.Is != ThisWeek {
		return Invalidf(pointer, "%s needs a value", l.Is)
	}
	switch f.Type {
	case EnumField, RefField, SetField, TextField:
		return l.readValues(f, raw, pointer)
	case NumberField:
		return l.readNumbers(raw, pointer)
	case BoolField:
		if json.Unmarshal(raw, &l.Bool) != nil || string(raw) == "null" {
			return Invalidf(pointer, "the value is true or false")
		}
		return nil
	}
	return l.readTime(raw, pointer)
}

// many are the operators with a list of values.
var many = []Operator{In, NotIn, HasAll, HasAny, HasNone}

func (l *Leaf) readValues(f FieldSpec, raw json.RawMessage, pointer string) error {
	list := slices.Contains(many, l.Is)
	var one string
	switch {
	case json.Unmarshal(raw, &one) == nil && string(raw) != "null":
		l.Values = []string{one}
	case !list:
		return Invalidf(pointer, "%s takes one string", l.Is)
	case json.Unmarshal(raw, &l.Values) != nil || l.Values == nil:
		return Invalidf(pointer, "%s takes a list of strings", l.Is)
	}
	if len(l.Values) > MaxListValues {
		return &Problem{Kind: TooLarge, Pointer: pointer, Detail: "a list has at most " + strconv.Itoa(MaxListValues) + " values"}
	}
	for i, v := range l.Values {
		at := pointer
		if list {
			at += "/" + strconv.Itoa(i)
		}
		if err := checkValue(f, v, at); err != nil {
			return err
		}
	}
	return nil
}

// parameters lists which of them a field takes.
func parameters(f FieldSpec) []string {
	switch f.Key {
	case "assignee_agent", "follower", "participant":
		return []string{Me, Nobody}
	case "assignee_team":
		return []string{MyTeams, Nobody}
	case "requester_org":
		return []string{MyOrganization, Nobody}
	case "customer":
		return []string{Nobody}
	case "read_by":
		return []string{Me}
	}
	if f.Type == RefField {
		return []string{Nobody}
	}
	return nil
}

func checkValue(f FieldSpec, v, pointer string) error {
	switch {
	case v == "" || len(v) > MaxOperand:
		return Invalidf(pointer, "a value has 1 to %d bytes; ask for none with the operator empty", MaxOperand)
	case f.Type == TextField && FoldText(v) == "":
		return Invalidf(pointer, "the text has no word in it; words are letters and digits")
	case strings.HasPrefix(v, "@") && f.Type != TextField && !slices.Contains(parameters(f), v):
		return Invalidf(pointer, "the field %s does not take %s; it takes %v", f.Key, v, parameters(f))
	case len(f.Options) > 0 && !slices.Contains(f.Options, v):
		return Invalidf(pointer, "%q is not one of %s", v, strings.Join(f.Options, ", "))
	}
	return nil
}

func (l *Leaf) readNumbers(raw json.RawMessage, pointer string) error {
	if l.Is == Between {
		if json.Unmarshal(raw, &l.Numbers) != nil || len(l.Numbers) != 2 {
			return Invalidf(pointer, "between takes a list of two numbers")
		}
	} else {
		var x float64
		if json.Unmarshal(raw, &x) != nil || string(raw) == "null" {
			return Invalidf(pointer, "%s takes a number", l.Is)
		}
		l.Numbers = []float64{x}
	}
	for i, x := range l.Numbers {
		if math.IsInf(x, 0) || math.IsNaN(x) {
			return Invalidf(pointer+"/"+strconv.Itoa(i), "a number is finite")
		}
		l.Numbers[i] = x + 0 // no negative zero
	}
	return nil
}

func (l *Leaf) readTime(raw json.RawMessage, pointer string) (err error) {
	switch l.Is {
	case Before:
		l.To, err = readInstant(raw, pointer)
	case After:
		l.From, err = readInstant(raw, pointer)
	case Between:
		var both []json.RawMessage
		if json.Unmarshal(raw, &both) != nil || len(both) != 2 {
			return Invalidf(pointer, "between takes a list of two instants")
		}
		if l.From, err = readInstant(both[0], pointer+"/0"); err == nil {
			l.To, err = readInstant(both[1], pointer+"/1")
		}
	case Today, ThisWeek:
		return l.readZone(raw, pointer)
	case OlderThanBusiness, NewerThanBusiness:
		return l.readBusiness(raw, pointer)
	default:
		l.Span, err = readSpan(raw, pointer)
	}
	return err
}

func readInstant(raw json.RawMessage, pointer string) (Time, error) {
	var t Time
	if err := t.UnmarshalJSON(raw); err != nil || t <= 0 {
		return 0, Invalidf(pointer, "an instant is written as RFC 3339, such as %q, after 1970", "2026-11-24T09:00:00Z")
	}
	return t, nil
}

func readSpan(raw json.RawMessage, pointer string) (Time, error) {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return 0, Invalidf(pointer, "a duration is a string such as \"30m\", \"24h\", \"7d\" or \"P1DT2H\"")
	}
	d, err := ParseSpan(text)
	if err != nil {
		return 0, Invalidf(pointer, "%s", err)
	}
	return d, nil
}

func (l *Leaf) readZone(raw json.RawMessage, pointer string) error {
	if raw == nil || string(raw) == "null" || string(raw) == "true" {
		return nil
	}
	f, err := object(raw, pointer, "zone")
	if err != nil || json.Unmarshal(f["zone"], &l.Zone) != nil {
		return Invalidf(pointer, "%s takes no value, or {\"zone\": \"account\", \"viewer\" or an IANA name}", l.Is)
	}
	switch l.Zone {
	case "account":
		l.Zone = ""
	case "viewer", "":
	default:
		if _, err := time.LoadLocation(l.Zone); err != nil || l.Zone == "Local" {
			return Invalidf(pointer+"/zone", "there is no time zone %q; use an IANA name such as Europe/Rome", l.Zone)
		}
	}
	return nil
}

func (l *Leaf) readBusiness(raw json.RawMessage, pointer string) (err error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		l.Span, err = readSpan(raw, pointer)
		return err
	}
	f, err := object(raw, pointer, "span", "calendar")
	if err != nil || f["span"] == nil || f["calendar"] != nil && json.Unmarshal(f["calendar"], &l.Calendar) != nil {
		return Invalidf(pointer, "%s takes a duration, or {\"span\":\"8h\",\"calendar\":\"id\"}", l.Is)
	}
	l.Span, err = readSpan(f["span"], pointer+"/span")
	return err
}

// MaxSpan is the longest duration, in milliseconds: ten years.
const MaxSpan = Time(10 * 366 * 24 * time.Hour / time.Millisecond)

var units = map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}

// ParseSpan reads a duration: numbers with the units s, m, h, d and w ("1d12h"),
// or ISO 8601 without months and years ("P1DT12H"). A day has 24 hours.
func ParseSpan(text string) (Time, error) {
	bad := Invalidf("", "%q is not a duration; write \"30m\", \"24h\", \"7d\" or \"P1DT2H\", up to ten years", text)
	s := strings.ToLower(text)
	if iso, ok := strings.CutPrefix(s, "p"); ok {
		date, clock, hasClock := strings.Cut(iso, "t")
		if hasClock && clock == "" || strings.ContainsAny(date, "hms") || strings.ContainsAny(clock, "dw") {
			return 0, bad
		}
		s = date + clock
	}
	total := Time(0)
	for s != "" {
		n := 0
		for n < len(s) && '0' <= s[n] && s[n] <= '9' {
			n++
		}
		if n == 0 || n == len(s) || n > 9 {
			return 0, bad
		}
		count, _ := strconv.Atoi(s[:n])
		unit, ok := units[s[n]]
		if !ok {
			return 0, bad
		}
		total += Time(count) * Time(unit.Milliseconds())
		s = s[n+1:]
	}
	if total <= 0 || total > MaxSpan || text == "" {
		return 0, bad
	}
	return total, nil
}

// spanText writes a duration in the largest unit that fits it.
func spanText(d Time) string {
	for _, u := range []byte("wdhms") {
		if n := Time(units[u].Milliseconds()); d%n == 0 {
			return strconv.FormatInt(int64(d/n), 10) + string(u)
		}
	}
	return strconv.FormatInt(int64(d/1000), 10) + "s"
}
