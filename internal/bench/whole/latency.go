package whole

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/follow"
	"github.com/deskwire/deskwire/internal/wire"
)

// MaxLatency is the 99th percentile from a backend's request to a follower's
// socket.
const MaxLatency = 50 * time.Millisecond

// How it is measured. Each ticket changes every followed/rate = 64 ms, which is
// longer than its topic's pacing: what is measured is not the pacing.
const (
	views    = 500
	followed = 64   // tickets, each changed in turn
	rate     = 1000 // changes a second
	lasting  = 8 * time.Second
	senders  = 32
)

// Latency is what came of it, in milliseconds.
type Latency struct {
	OK            bool    `json:"ok"`
	Views         int     `json:"views"`
	Changes       int     `json:"changes"`
	Rate          float64 `json:"changes_per_second"`
	P50           float64 `json:"p50_ms"`
	P99           float64 `json:"p99_ms"` // promised MaxLatency
	Max           float64 `json:"max_ms"`
	BrokenPromise string  `json:"broken_promise,omitempty"`
}

// watch notes when each change was sent and when it was seen.
type watch struct {
	mu   sync.Mutex
	sent map[string]time.Time // by the mark in the subject
	took []time.Duration
}

func (w *watch) patched(f wire.ServerFrame, at time.Time) {
	if !strings.HasPrefix(f.Topic, "ticket:") {
		return
	}
	_, rest, _ := strings.Cut(string(f.Set["ticket"]), `"subject":"`)
	subject, _, _ := strings.Cut(rest, `"`)
	w.mu.Lock()
	defer w.mu.Unlock()
	if began, ok := w.sent[subject]; ok {
		w.took = append(w.took, at.Sub(began))
		delete(w.sent, subject)
	}
}

// RunLatency measures. The token lets the agent ann into Account; key signed it.
func RunLatency(ctx context.Context, o Options, key desk.Key, token string) (*Latency, error) {
	w := &watch{sent: map[string]time.Time{}}
	if err := furnish(ctx, o, key); err != nil {
		return nil, err
	}
	topics := []string{"counts"}
	for i := range followed - 1 {
		topics = append(topics, fmt.Sprintf("ticket:t%d", i))
	}
	f, err := follow.Dial(ctx, follow.Options{URL: "ws" + strings.TrimPrefix(o.URL, "http") + "/live", Account: Account, Token: token, Follow: topics, OnPatch: w.patched})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	err = f.WaitCounts(ctx, func(c map[string]follow.Count) bool { return len(c) >= views && c["all-open"].Exact })
	if err != nil {
		return nil, err
	}
	o.Tell("%d changes a second for %s", rate, lasting)
	began := time.Now()
	n, err := w.send(ctx, o)
	if err != nil {
		return nil, err
	}
	took := time.Since(began)
	time.Sleep(500 * time.Millisecond) // the last ones arrive
	return w.report(n, took), f.Err()
}

func furnish(ctx context.Context, o Options, key desk.Key) error {
	settings, err := json.Marshal(desk.Account{ID: Account, Name: "Bench", Keys: []desk.Key{key}})
	if err != nil {
		return err
	}
	if err := must(ctx, o, "POST", "/v1/accounts", string(settings)); err != nil {
		return err
	}
	const path = "/v1/accounts/" + Account
	if err := must(ctx, o, "PUT", path+"/agents/ann", `{"name":"Ann","role":"lead"}`); err != nil {
		return err
	}
	for i := range views - 9 { // with the system's
		v := fmt.Sprintf(`{"name":"View %d","kind":"public","filter":{"op":"and","of":[{"field":"status","is":"in","value":["new","open"]},{"field":"customer","is":"is","value":"c%d"},{"field":"updated_at","is":"older_than","value":"%dh"}]}}`, i, i%50, 1+i)
		if err := must(ctx, o, "PUT", fmt.Sprintf("%s/views/v%d", path, i), v); err != nil {
			return err
		}
	}
	for i := range followed - 1 {
		if err := must(ctx, o, "PUT", fmt.Sprintf("%s/tickets/t%d", path, i), fmt.Sprintf(`{"subject":"s","status":"open","customer":"c%d"}`, i)); err != nil {
			return err
		}
	}
	return nil
}

// send changes the tickets in turn at the rate, over several connections.
func (w *watch) send(ctx context.Context, o Options) (int, error) {
	turns := make(chan int, 4*senders)
	errs := make(chan error, senders)
	for range senders {
		go func() {
			for i := range turns {
				if err := w.change(ctx, o, i); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	n := 0
	for began := time.Now(); time.Since(began) < lasting && ctx.Err() == nil && len(errs) == 0; n++ {
		time.Sleep(time.Until(began.Add(time.Duration(n) * time.Second / rate)))
		turns <- n
	}
	close(turns)
	for range senders {
		if err := <-errs; err != nil {
			return n, err
		}
	}
	return n, ctx.Err()
}

func (w *watch) change(ctx context.Context, o Options, i int) error {
	mark := fmt.Sprintf("s%d", i)
	w.mu.Lock()
	w.sent[mark] = time.Now()
	w.mu.Unlock()
	return must(ctx, o, "PATCH", fmt.Sprintf("/v1/accounts/%s/tickets/t%d", Account, i%(followed-1)), `{"subject":"`+mark+`"}`)
}

func (w *watch) report(n int, took time.Duration) *Latency {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(w.took)
	ms := func(share float64) float64 {
		if len(w.took) == 0 {
			return 0
		}
		return w.took[min(len(w.took)-1, int(share*float64(len(w.took))))].Seconds() * 1000
	}
	rep := &Latency{Views: views, Changes: n, Rate: float64(n) / took.Seconds(), P50: ms(.5), P99: ms(.99), Max: ms(1)}
	switch {
	case len(w.took) < n*9/10: // those that met in one patch are seen as the last of them
		rep.BrokenPromise = fmt.Sprintf("of %d changes only %d were seen", n, len(w.took))
	case rep.Rate < rate*0.9:
		rep.BrokenPromise = fmt.Sprintf("only %.0f changes a second went in, promised %d", rep.Rate, rate)
	case rep.P99 > MaxLatency.Seconds()*1000:
		rep.BrokenPromise = fmt.Sprintf("p99 is %.0f ms, promised %s", rep.P99, MaxLatency)
	}
	rep.OK = rep.BrokenPromise == ""
	return rep
}
