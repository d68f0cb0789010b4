package desk

import "time"

// A Time is an instant in milliseconds since 1970-01-01 UTC. Zero is absent.
type Time int64

// Never is later than every instant: what will not change has it as its until.
const Never Time = 1<<63 - 1

// TimeOf turns a standard time into a Time; the zero time.Time is absent.
func TimeOf(t time.Time) Time {
	if t.IsZero() {
		return 0
	}
	return Time(t.UnixMilli())
}

// In gives t as a standard time in the zone loc.
func (t Time) In(loc *time.Location) time.Time { return time.UnixMilli(int64(t)).In(loc) }

// Add moves t by d, which is cut to whole milliseconds.
func (t Time) Add(d time.Duration) Time { return t + Time(d.Milliseconds()) }

// MarshalJSON writes RFC 3339 in UTC with milliseconds, and null for absent.
func (t Time) MarshalJSON() ([]byte, error) { return t.appendJSON(nil), nil }

const timeLayout = "2006-01-02T15:04:05.000Z"

func (t Time) appendJSON(b []byte) []byte {
	if t == 0 {
		return append(b, "null"...)
	}
	b = append(b, '"')
	b = time.UnixMilli(int64(t)).UTC().AppendFormat(b, timeLayout)
	return append(b, '"')
}

// UnmarshalJSON reads RFC 3339 with any zone, or null for absent. What is
// finer than a millisecond is cut.
func (t *Time) UnmarshalJSON(b []byte) error {
	s := string(b)
	if s == "null" || s == `""` {
		*t = 0
		return nil
	}
	if len(s) < 2 || s[0] != '"' {
		return Invalidf("", "a time is written as RFC 3339 in quotes, such as %q, not %s", "2026-11-24T09:00:00Z", s)
	}
	v, err := time.Parse(time.RFC3339Nano, s[1:len(s)-1])
	if err != nil {
		return Invalidf("", "a time is written as RFC 3339, such as %q, not %s", "2026-11-24T09:00:00Z", s)
	}
	*t = TimeOf(v)
	return nil
}

// String gives RFC 3339 in UTC, or "absent".
func (t Time) String() string {
	switch t {
	case 0:
		return "absent"
	case Never:
		return "never"
	}
	return time.UnixMilli(int64(t)).UTC().Format(timeLayout)
}
