package app

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/pass"
	"github.com/deskwire/deskwire/internal/sim"
)

// DemoConfig says how the demo runs.
type DemoConfig struct {
	Listen string
	Data   string
	Seed   uint64
	Quiet  bool // nothing happens by itself
	Logger *slog.Logger
}

// Demo is a server with a simulated helpdesk in it.
type Demo struct {
	App    *App
	APIKey string
	cancel context.CancelFunc
	lived  chan error
}

// The demo's account and the size of its helpdesk.
const (
	DemoAccount = desk.AccountID("shop")
	demoTickets = 1500
	demoOpen    = 220
)

// StartDemo starts a server, furnishes an account and lets it live.
func StartDemo(ctx context.Context, c DemoConfig) (*Demo, error) {
	key := desk.Key{ID: "demo", Secret: rand.Text() + rand.Text()}
	signIn := &signIn{key: key}
	conf := Config{Listen: c.Listen, Data: c.Data, OperatorKey: rand.Text(), Logger: c.Logger,
		Extra: map[string]http.Handler{"/demo/": signIn.routes()}}
	a, err := Start(conf)
	if errors.Is(err, syscall.EADDRINUSE) {
		host, _, _ := net.SplitHostPort(c.Listen)
		conf.Listen = net.JoinHostPort(host, "0")
		a, err = Start(conf)
	}
	if err != nil {
		return nil, err
	}
	d := &Demo{App: a, lived: make(chan error, 1)}
	if err := d.furnish(ctx, c, key); err != nil {
		return nil, errors.Join(err, a.Stop())
	}
	return d, nil
}

func (d *Demo) furnish(ctx context.Context, c DemoConfig, key desk.Key) error {
	account := desk.Account{ID: DemoAccount, Name: "Lampion & Sons", Zone: "Europe/Rome", Keys: []desk.Key{key}, Version: 1,
		Calendars: []desk.Calendar{office()}}
	if err := d.App.Registry.Create(ctx, account); err != nil {
		return err
	}
	var err error
	if _, d.APIKey, err = d.App.Registry.AddKey(ctx, DemoAccount, "demo"); err != nil {
		return err
	}
	shop := sim.New(c.Seed, time.Now())
	if err := d.fill(ctx, shop.Seed(demoTickets, demoOpen)); err != nil {
		return err
	}
	ctx, d.cancel = context.WithCancel(context.Background())
	if c.Quiet {
		d.lived <- nil
		return nil
	}
	go func() { d.lived <- shop.Live(ctx, d.App.Directory, DemoAccount, time.Now) }()
	return nil
}

func office() desk.Calendar {
	day := []desk.Hours{{From: "09:00", To: "18:00"}}
	return desk.Calendar{ID: "office", Hours: map[string][]desk.Hours{"monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day}}
}

// fill posts the events in steps; one that is refused is a fault of the demo.
func (d *Demo) fill(ctx context.Context, events []desk.Event) error {
	for len(events) > 0 {
		n := min(len(events), 2000)
		out, err := d.App.Directory.Post(ctx, DemoAccount, desk.Post{Actor: desk.Actor{Kind: desk.BySystem}, Event: desk.Bulk{Events: events[:n]}})
		if err != nil {
			return err
		}
		for _, r := range out.Results {
			if r.Problem != nil {
				return r.Problem
			}
		}
		events = events[n:]
	}
	return nil
}

// Stop ends the demo.
func (d *Demo) Stop() error {
	d.cancel()
	return errors.Join(<-d.lived, d.App.Stop())
}

// signIn lets anybody be anybody: that is what a demo is for. It exists in the
// demo only.
type signIn struct{ key desk.Key }

func (s *signIn) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /demo/agents", s.agents)
	mux.HandleFunc("POST /demo/token", s.token)
	return mux
}

func (s *signIn) agents(w http.ResponseWriter, _ *http.Request) {
	type entry struct {
		ID    desk.AgentID `json:"id"`
		Name  string       `json:"name"`
		Role  desk.Role    `json:"role"`
		Teams []string     `json:"teams"`
	}
	var all []entry
	for _, a := range sim.Agents {
		e := entry{a.ID, a.Name, a.Role, []string{}}
		for _, t := range sim.Teams {
			for _, m := range t.Members {
				if m == a.ID {
					e.Teams = append(e.Teams, t.Name)
				}
			}
		}
		all = append(all, e)
	}
	reply(w, all)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v)
}

// demoTTL is how long a demo's token is good.
const demoTTL = time.Hour

func (s *signIn) token(w http.ResponseWriter, r *http.Request) {
	var who struct {
		Agent desk.AgentID `json:"agent"`
	}
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, 1024)).Decode(&who) != nil || !desk.ValidID(string(who.Agent)) {
		http.Error(w, `send {"agent":"ana"}`, http.StatusUnprocessableEntity)
		return
	}
	now := time.Now()
	token, err := pass.Sign(s.key, pass.Pass{Account: DemoAccount, Agent: who.Agent, Expires: now.Add(demoTTL)}, now)
	if err != nil {
		http.Error(w, "the token could not be made", http.StatusInternalServerError)
		return
	}
	reply(w, map[string]any{"account": DemoAccount, "token": token, "expires_at": now.Add(demoTTL).UnixMilli()})
}
