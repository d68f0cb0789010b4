package views

import (
	"container/heap"

	"github.com/deskwire/deskwire/internal/desk"
)

// timers wait for the instants at which tickets may move. A ticket has at most
// one that counts, the one noted in armed; when it moves to a later instant the
// old one is left to fire for nothing and be armed again then (lazy re-arming,
// as in Varghese and Lauck's timing-wheel paper).
type timers struct {
	queue timerQueue
	armed []desk.Time // by ord; 0 is none
}

type timer struct {
	at desk.Time
	o  ord
}

// arm makes sure that the ticket is looked at again at the instant, or sooner.
// It queues only what comes sooner than what the ticket waits for already, so
// that a busy ticket does not fill the queue.
func (t *timers) arm(o ord, at desk.Time) {
	if at == desk.Never {
		return
	}
	for int(o) >= len(t.armed) {
		t.armed = append(t.armed, 0)
	}
	if was := t.armed[o]; was != 0 && was <= at {
		return
	}
	t.armed[o] = at
	heap.Push(&t.queue, timer{at, o})
}

// due takes out the next ticket whose instant has come.
func (t *timers) due(now desk.Time) (ord, bool) {
	for len(t.queue) > 0 && t.queue[0].at <= now {
		x := heap.Pop(&t.queue).(timer)
		if t.armed[x.o] == x.at {
			t.armed[x.o] = 0
			return x.o, true
		}
	}
	return 0, false
}

// next is when the first timer fires.
func (t *timers) next() desk.Time {
	if len(t.queue) == 0 {
		return desk.Never
	}
	return t.queue[0].at
}

type timerQueue []timer

func (q timerQueue) Len() int           { return len(q) }
func (q timerQueue) Less(i, j int) bool { return q[i].at < q[j].at }
func (q timerQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *timerQueue) Push(x any)        { *q = append(*q, x.(timer)) }
func (q *timerQueue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}
