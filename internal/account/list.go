package account

import (
	"slices"

	"github.com/deskwire/deskwire/internal/account/views"
	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/topic"
)

// Window is how many tickets of a view, from its top, a list topic shows.
const Window = 100

// spare is how many more the list keeps in hand, so that tickets which leave
// the window are replaced without looking at all tickets.
const spare = 50

// list is the top of a view's tickets as a topic. It shows exactly tickets that
// stand in the view's counter, in the same step as the count (VC-15, I10).
type list struct {
	name   topic.Name
	sight  *scoped
	sort   desk.Sort
	places []views.Place // the first ones, in order, at most Window+spare
	whole  bool          // there are no more than these
	ready  bool          // the counter was exact when places was read
	shown  map[desk.TicketID]bool
	head   string
	refs   int
}

func (s *State) leadToList(ss *session, logical string, id desk.ViewID) (lead, error) {
	sc := s.viewers[ss.Agent].sights[id]
	if sc == nil {
		s.letGo(ss, logical)
		return lead{Refused: desk.NotFound}, nil
	}
	if l := ss.holds[logical].list; l != nil {
		if l.sight == sc && l.sort == s.views[id].Sort {
			return lead{Topics: []topic.Name{l.name}}, nil
		}
		s.letGo(ss, logical)
	}
	l := s.joinList(sc, s.views[id].Sort)
	ss.holds[logical] = hold{list: l}
	return lead{Topics: []topic.Name{l.name}}, nil
}

// joinList finds or begins the list of a sight. Its name says the view's
// version and the sight's stamp too: an edited view, and a view seen with other
// rights, are other lists.
func (s *State) joinList(sc *scoped, by desk.Sort) *list {
	name := topic.Name("list:" + string(sc.key.view) + ":" + sc.scope + ":" + itoa(s.views[sc.key.view].Version) + ":" + sc.stamp)
	l := s.lists[name]
	if l == nil {
		sc.refs++
		l = &list{name: name, sight: sc, sort: by, shown: map[desk.TicketID]bool{}}
		s.lists[name] = l
	}
	l.refs++
	return l
}

func (s *State) leaveList(l *list) {
	if l.refs--; l.refs > 0 {
		return
	}
	delete(s.lists, l.name)
	s.drop(l.name)
	s.unsee(l.sight)
}

// refresh brings the list up to the tickets touched, and shows what differs. A
// list that none of them is about costs no more than asking so: most changes
// are about few of the lists that are followed.
func (s *State) refresh(l *list, touched []desk.TicketID, fresh map[desk.TicketID]bool) error {
	stirred := slices.ContainsFunc(touched, func(id desk.TicketID) bool { return l.shown[id] })
	if _, exact := s.engine.Count(l.sight.counter); !exact {
		l.ready = false
	} else if s.arrange(l, touched) {
		stirred = true
	}
	if !stirred {
		s.showHead(l)
		return nil
	}
	return s.showList(l, fresh)
}

// arrange puts the touched tickets where they belong, and says whether that
// changed anything.
func (s *State) arrange(l *list, touched []desk.TicketID) (changed bool) {
	if !l.ready {
		s.fill(l)
		changed = true
	}
	for _, id := range touched {
		changed = s.move(l, id) || changed
	}
	if len(l.places) < Window && !l.whole {
		s.fill(l)
		changed = true
	}
	return changed
}

func (s *State) fill(l *list) {
	l.places = s.engine.Page(l.sight.counter, l.sort, nil, Window+spare)
	l.whole = len(l.places) < Window+spare
	l.ready = true
}

// move takes the ticket out of its old place and puts it into its new one, if
// that is near enough to the top. It says whether either was so.
func (s *State) move(l *list, id desk.TicketID) bool {
	before := len(l.places)
	l.places = slices.DeleteFunc(l.places, func(p views.Place) bool { return p.ID == id })
	left := len(l.places) < before
	if !s.engine.Stands(id, l.sight.counter) {
		return left
	}
	p, _ := s.engine.PlaceOf(id, l.sort)
	at, _ := slices.BinarySearchFunc(l.places, p, func(a, b views.Place) int { return a.Compare(b, l.sort.Asc) })
	if at == len(l.places) && !l.whole {
		return left // further down than we look
	}
	l.places = slices.Insert(l.places, at, p)
	if len(l.places) > Window+spare {
		l.places, l.whole = l.places[:Window+spare], false
	}
	return true
}

func (s *State) showList(l *list, fresh map[desk.TicketID]bool) error {
	window := l.places[:min(Window, len(l.places))]
	now := make(map[desk.TicketID]bool, len(window))
	for _, p := range window {
		now[p.ID] = true
		if l.shown[p.ID] && !fresh[p.ID] {
			continue
		}
		d, ok, err := s.doc(desk.TicketDoc, string(p.ID))
		if err != nil || !ok {
			return missing(err, "", "ticket "+string(p.ID)+" is counted but not stored")
		}
		s.show(l.name, string(p.ID), d.Body)
	}
	for _, id := range sorted(l.shown) {
		if !now[id] {
			s.hide(l.name, string(id))
		}
	}
	l.shown = now
	s.showHead(l)
	return nil
}

type headEntry struct {
	Total  int64     `json:"total"`
	Exact  bool      `json:"exact"`
	Sort   desk.Sort `json:"sort"`
	Window int       `json:"window"`
}

func (s *State) showHead(l *list) {
	n, exact := s.engine.Count(l.sight.counter)
	if !exact {
		n = 0
	}
	h := headEntry{n, exact, l.sort, Window}
	if text := string(jsonOf(h)); text != l.head {
		l.head = text
		s.show(l.name, "head", []byte(text))
	}
}
