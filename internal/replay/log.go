package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/deskwire/deskwire/internal/desk"
)

// MaxEvents is the most rows a log may have: all are held in memory to be
// sorted.
const MaxEvents = 5_000_000

// An Event is one row of a log.
type Event struct {
	Line     int // in the file, from 1
	At       desk.Time
	Case     string
	Activity string
	Actor    string   // empty: nobody
	cells    []string // of every column
}

// A Log is an event log in the order of time. Events of one instant keep the
// order of the file.
type Log struct {
	Events []Event
	column map[string]int // by name; twice is the place of a name that is there twice
}

// twice marks a column name that does not name one column.
const twice = -1

// Value is the row's value in the column, "" where the log has no such column.
func (l *Log) Value(e *Event, column string) string {
	i, ok := l.column[column]
	if !ok || i == twice {
		return ""
	}
	return e.cells[i]
}

// A RowError says which place of a log cannot be read.
type RowError struct {
	Line   int
	Column string // "" for the whole line
	Detail string
}

func (e *RowError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Detail)
	}
	return fmt.Sprintf("line %d, column %q: %s", e.Line, e.Column, e.Detail)
}

// ReadLog reads a CSV with a header, gzip or not, as the mapping says. A row
// that cannot be read is a *RowError.
func ReadLog(r io.Reader, m *Mapping) (*Log, error) {
	text, err := plainText(r)
	if err != nil {
		return nil, err
	}
	c := csv.NewReader(text)
	header, err := c.Read()
	if err == io.EOF {
		return nil, &RowError{1, "", "the log is empty; its first line names the columns"}
	}
	if err != nil {
		return nil, rowError(err)
	}
	l := &Log{column: columnsOf(header)}
	if err := m.fits(l); err != nil {
		return nil, err
	}
	if err := l.readRows(c, m); err != nil {
		return nil, err
	}
	slices.SortStableFunc(l.Events, func(a, b Event) int { return int(min(1, max(-1, a.At-b.At))) })
	return l, nil
}

// plainText unpacks what is gzip and leaves out a byte order mark.
func plainText(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	if head, _ := b.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("unpack the log: %w", err)
		}
		b = bufio.NewReader(z)
	}
	if head, _ := b.Peek(3); bytes.Equal(head, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(3)
	}
	return b, nil
}

func columnsOf(header []string) map[string]int {
	column := make(map[string]int, len(header))
	for i, name := range header {
		name = strings.TrimSpace(name)
		if _, there := column[name]; there {
			i = twice
		}
		column[name] = i
	}
	return column
}

func rowError(err error) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return fmt.Errorf("read the log: %w", err)
	}
	if errors.Is(p.Err, csv.ErrFieldCount) {
		return &RowError{p.Line, "", "the line has not as many columns as the first one"}
	}
	return &RowError{p.Line, "", fmt.Sprintf("this is not CSV at byte %d of the line: %s", p.Column, p.Err)}
}

func (l *Log) readRows(c *csv.Reader, m *Mapping) error {
	clock, err := m.Time.reader()
	if err != nil {
		return err
	}
	for {
		cells, err := c.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return rowError(err)
		}
		line, _ := c.FieldPos(0)
		if len(l.Events) >= MaxEvents {
			return &RowError{line, "", "a log has at most " + strconv.Itoa(MaxEvents) + " events; split it"}
		}
		e := Event{Line: line, cells: cells}
		if err := l.take(&e, m, clock); err != nil {
			return err
		}
		l.Events = append(l.Events, e)
	}
}

// take reads the columns that every row must have.
func (l *Log) take(e *Event, m *Mapping, clock func(string) (desk.Time, error)) error {
	for i, cell := range e.cells {
		e.cells[i] = strings.TrimSpace(cell)
		if !utf8.ValidString(cell) {
			return &RowError{e.Line, l.name(i), "this is not UTF-8; convert the file first"}
		}
	}
	e.Case, e.Activity, e.Actor = l.Value(e, m.Columns.Case), l.Value(e, m.Columns.Activity), l.Value(e, m.Columns.Actor)
	if e.Case == "" {
		return &RowError{e.Line, m.Columns.Case, "every row names its case"}
	}
	if _, known := m.Activities[e.Activity]; !known {
		return &RowError{e.Line, m.Columns.Activity, fmt.Sprintf("the mapping has no activity %q; add it, with {} if it changes nothing", e.Activity)}
	}
	at, err := clock(l.Value(e, m.Columns.At))
	if err != nil {
		return &RowError{e.Line, m.Columns.At, err.Error()}
	}
	e.At = at
	return nil
}

func (l *Log) name(i int) string {
	for name, at := range l.column {
		if at == i {
			return name
		}
	}
	return strconv.Itoa(i + 1)
}

// Span is from the first event to the last.
func (l *Log) Span() (from, to desk.Time) {
	if len(l.Events) == 0 {
		return 0, 0
	}
	return l.Events[0].At, l.Events[len(l.Events)-1].At
}

// A Stamp says how the log writes instants.
type Stamp struct {
	Layout string `json:"layout"`         // as Go writes "2006-01-02 15:04:05", or "unix", "unix_ms"
	Zone   string `json:"zone,omitempty"` // IANA name; empty: UTC. A layout with a zone goes before it
}

func (s Stamp) reader() (func(string) (desk.Time, error), error) {
	loc, err := time.LoadLocation(s.Zone)
	if err != nil || s.Zone == "Local" {
		return nil, desk.Invalidf("/time/zone", "there is no time zone %q; use an IANA name such as Europe/Rome", s.Zone)
	}
	switch s.Layout {
	case "":
		return nil, desk.Invalidf("/time/layout", "say how the log writes instants, such as \"2006-01-02 15:04:05\"")
	case "unix":
		return number(1000), nil
	case "unix_ms":
		return number(1), nil
	}
	return func(text string) (desk.Time, error) {
		t, err := time.ParseInLocation(s.Layout, text, loc)
		return instant(desk.TimeOf(t), err, text, s.Layout)
	}, nil
}

func number(scale float64) func(string) (desk.Time, error) {
	return func(text string) (desk.Time, error) {
		x, err := strconv.ParseFloat(text, 64)
		if !(x > 0 && x*scale < float64(desk.Time(253402300800000))) {
			x, err = 0, strconv.ErrRange
		}
		return instant(desk.Time(x*scale), err, text, "a number of seconds or milliseconds since 1970")
	}
}

func instant(t desk.Time, err error, text, layout string) (desk.Time, error) {
	if err != nil || t <= 0 || t >= 253402300800000 {
		return 0, fmt.Errorf("%q is not an instant after 1970 written as %s", text, layout)
	}
	return t, nil
}
