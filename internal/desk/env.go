package desk

import (
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones must not depend on the machine
)

// An Env is what the meaning of time conditions depends on: the account's zone,
// its week and its calendars. It remembers what it works out, so only one
// goroutine may use it.
type Env struct {
	zone      *time.Location
	weekStart time.Weekday
	zones     map[string]*time.Location
	calendars map[string]*calendar
	first     *calendar // the default; nil when there is none
}

// NewEnv compiles the account's settings. A zone, hour or holiday that cannot
// be read is a *Problem that points to it.
func NewEnv(a Account) (*Env, error) {
	e := &Env{zone: time.UTC, weekStart: time.Monday, zones: map[string]*time.Location{}, calendars: map[string]*calendar{}}
	var err error
	if a.Zone != "" {
		if e.zone, err = zoneOf(a.Zone, "/zone"); err != nil {
			return nil, err
		}
	}
	if a.WeekStart != nil {
		if *a.WeekStart < 0 || *a.WeekStart > 6 {
			return nil, Invalidf("/week_start", "the week starts on a day from 0 (Sunday) to 6 (Saturday)")
		}
		e.weekStart = time.Weekday(*a.WeekStart)
	}
	for i, c := range a.Calendars {
		k, err := e.newCalendar(c, "/calendars/"+strconv.Itoa(i))
		if err != nil {
			return nil, err
		}
		e.calendars[c.ID] = k
		if e.first == nil {
			e.first = k
		}
	}
	return e, nil
}

func zoneOf(name, pointer string) (*time.Location, error) {
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, Invalidf(pointer, "there is no time zone %q; use an IANA name such as Europe/Rome", name)
	}
	return loc, nil
}

// zoneNamed gives the zone of a leaf; one that is not known is the account's.
func (e *Env) zoneNamed(name string) *time.Location {
	if name == "" || name == "viewer" {
		return e.zone
	}
	loc, ok := e.zones[name]
	if !ok {
		var err error
		if loc, err = time.LoadLocation(name); err != nil {
			loc = e.zone
		}
		e.zones[name] = loc
	}
	return loc
}

// calendarNamed gives the calendar of a leaf, or nil.
func (e *Env) calendarNamed(id string) *calendar {
	if id == "" {
		return e.first
	}
	return e.calendars[id]
}

// startOfDay is the first instant of the local day that is days after t's.
func startOfDay(t time.Time, days int) Time {
	y, m, d := t.Date()
	s := time.Date(y, m, d+days, 0, 0, 0, 0, t.Location())
	if s.Hour() >= 12 { // there is no midnight: the clocks skip it, and the day begins after
		_, s = s.ZoneBounds()
	}
	return TimeOf(s)
}

// day is the local day that x lies in: from its first instant to the next's.
func (e *Env) day(x Time, zone string) (Time, Time) {
	t := x.In(e.zoneNamed(zone))
	return startOfDay(t, 0), startOfDay(t, 1)
}

// week is the local week that x lies in.
func (e *Env) week(x Time, zone string) (Time, Time) {
	t := x.In(e.zoneNamed(zone))
	back := (int(t.Weekday()) - int(e.weekStart) + 7) % 7
	return startOfDay(t, -back), startOfDay(t, 7-back)
}

// calendar is a Calendar compiled.
type calendar struct {
	zone     *time.Location
	hours    [7][]opening
	holidays map[string]bool
	opens    bool                // at all, in some week
	days     map[int64][]instant // by local day, see dayOf
}

// opening is one opening in minutes of the local day.
type opening struct{ from, to int }

// instant is one opening on one day.
type instant struct{ from, to Time }

var weekdays = map[string]time.Weekday{"sunday": 0, "monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6}

func (e *Env) newCalendar(c Calendar, pointer string) (*calendar, error) {
	k := &calendar{zone: e.zone, holidays: map[string]bool{}, days: map[int64][]instant{}}
	var err error
	if c.Zone != "" {
		if k.zone, err = zoneOf(c.Zone, pointer+"/zone"); err != nil {
			return nil, err
		}
	}
	for name, hours := range c.Hours {
		day, ok := weekdays[name]
		if !ok {
			return nil, Invalidf(pointer+"/hours/"+name, "a day is monday to sunday, in lower case")
		}
		if k.hours[day], err = openings(hours, pointer+"/hours/"+name); err != nil {
			return nil, err
		}
		k.opens = k.opens || len(hours) > 0
	}
	for i, h := range c.Holidays {
		if _, err := time.Parse(time.DateOnly, h); err != nil {
			return nil, Invalidf(pointer+"/holidays/"+strconv.Itoa(i), "a holiday is a date as YYYY-MM-DD")
		}
		k.holidays[h] = true
	}
	return k, nil
}

// openings reads a day's hours, which must be in order and not overlap.
func openings(hours []Hours, pointer string) (all []opening, err error) {
	last := 0
	for i, h := range hours {
		from, ok1 := minuteOf(h.From)
		to, ok2 := minuteOf(h.To)
		if !ok1 || !ok2 || from < last || to <= from {
			return nil, Invalidf(pointer+"/"+strconv.Itoa(i), "hours go from HH:MM to a later HH:MM, at most 24:00, in order and apart")
		}
		all, last = append(all, opening{from, to}), to
	}
	return all, nil
}

func minuteOf(s string) (int, bool) {
	h, m, ok := strings.Cut(s, ":")
	hour, err1 := strconv.Atoi(h)
	minute, err2 := strconv.Atoi(m)
	n := 60*hour + minute
	ok = ok && len(h) == 2 && len(m) == 2 && err1 == nil && err2 == nil && hour >= 0 && minute >= 0 && minute < 60 && n <= 24*60
	return n, ok
}

// BusinessHorizon is how many days ahead opening hours are looked for: ten
// years. What is not reached by then is never.
const BusinessHorizon = 3660

// after gives the first instant at which span milliseconds of opening hours
// have gone by since x.
func (k *calendar) after(x, span Time) Time {
	if k == nil || !k.opens {
		return Never
	}
	t := x.In(k.zone)
	for d := range BusinessHorizon {
		for _, o := range k.openOn(t, d) {
			from := max(o.from, x)
			if open := o.to - from; open >= span {
				return from + span
			} else if open > 0 {
				span -= open
			}
		}
	}
	return Never
}

// openOn gives the openings of the local day that is days after t's.
func (k *calendar) openOn(t time.Time, days int) []instant {
	y, m, d := t.Date()
	key := time.Date(y, m, d+days, 0, 0, 0, 0, time.UTC).Unix() / 86400
	if all, ok := k.days[key]; ok {
		return all
	}
	date := time.Date(y, m, d+days, 12, 0, 0, 0, k.zone)
	var all []instant
	if !k.holidays[date.Format(time.DateOnly)] {
		for _, o := range k.hours[date.Weekday()] {
			all = append(all, instant{k.at(date, o.from), k.at(date, o.to)})
		}
	}
	k.days[key] = all
	return all
}

// at is the minute of the local day as the wall clock shows it.
func (k *calendar) at(date time.Time, minute int) Time {
	y, m, d := date.Date()
	if minute == 24*60 {
		return startOfDay(date, 1)
	}
	if minute == 0 {
		return startOfDay(date, 0)
	}
	return TimeOf(time.Date(y, m, d, minute/60, minute%60, 0, 0, k.zone))
}
