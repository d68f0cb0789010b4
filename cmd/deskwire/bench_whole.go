package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/deskwire/deskwire/internal/app"
	"github.com/deskwire/deskwire/internal/bench/whole"
	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/pass"
)

type intakeBenchCmd struct {
	Tickets int  `default:"1000000" help:"Tickets sent as one bulk."`
	JSON    bool `name:"json" help:"Print the result as JSON."`
}

// Run measures, and fails when a promise is broken.
func (c *intakeBenchCmd) Run(ctx context.Context) error {
	o, stop, err := benchServer()
	if err != nil {
		return err
	}
	defer stop()
	o.Tickets = c.Tickets
	r, err := whole.RunIntake(ctx, o)
	if err != nil {
		return err
	}
	return printBench(c.JSON, r, r.OK, r.BrokenPromise, [][2]string{
		{"tickets, one bulk over HTTP", fmt.Sprintf("%d in %.1f s: %.0f a second", r.Tickets, r.Seconds, r.Rate)},
		{"SQLite's own insert of them", fmt.Sprintf("%.1f s", r.SQLite)},
		{"intake takes", fmt.Sprintf("%.2f times that (promised %d)", r.Times, whole.MaxIntake)},
	})
}

type latencyBenchCmd struct {
	JSON bool `name:"json" help:"Print the result as JSON."`
}

// Run measures, and fails when a promise is broken.
func (c *latencyBenchCmd) Run(ctx context.Context) error {
	o, stop, err := benchServer()
	if err != nil {
		return err
	}
	defer stop()
	key := desk.Key{ID: "bench", Secret: rand.Text() + rand.Text()}
	body, err := json.Marshal(desk.Account{ID: "latency", Name: "Latency", Keys: []desk.Key{key}})
	if err != nil {
		return err
	}
	req, _ := http.NewRequestWithContext(ctx, http.MethodPost, o.URL+"/v1/accounts", strings.NewReader(string(body)))
	req.Header.Set("Authorization", "Bearer "+o.Key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	if res.Body.Close(); res.StatusCode >= 300 {
		return errors.New("make the bench's account: " + res.Status)
	}
	now := time.Now()
	token, err := pass.Sign(key, pass.Pass{Account: "latency", Agent: "ann", Expires: now.Add(time.Hour)}, now)
	if err != nil {
		return err
	}
	r, err := whole.RunLatency(ctx, o, "latency", token)
	if err != nil {
		return err
	}
	return printBench(c.JSON, r, r.OK, r.BrokenPromise, [][2]string{
		{"changes", fmt.Sprintf("%d, %.0f a second, at %d views", r.Changes, r.Rate, r.Views)},
		{"request to follower's socket", fmt.Sprintf("p50 %.1f ms, p99 %.1f ms (promised %s), longest %.1f ms", r.P50, r.P99, whole.MaxLatency, r.Max)},
	})
}

// benchServer starts a server on a temporary store.
func benchServer() (o whole.Options, stop func(), err error) {
	dir, err := os.MkdirTemp("", "deskwire-bench-")
	if err != nil {
		return o, nil, err
	}
	o = whole.Options{Key: rand.Text(), Dir: dir, Tell: tellBench}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	a, err := app.Start(app.Config{Listen: "127.0.0.1:0", Data: dir, OperatorKey: o.Key, Logger: log})
	if err != nil {
		return o, nil, errors.Join(err, os.RemoveAll(dir))
	}
	o.URL = a.URL
	return o, func() { _ = errors.Join(a.Stop(), os.RemoveAll(dir)) }, nil
}
