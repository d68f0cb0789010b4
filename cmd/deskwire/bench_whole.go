package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

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
	if c.Tickets < 1 {
		return fmt.Errorf("--tickets is at least 1")
	}
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
	now := time.Now()
	token, err := pass.Sign(key, pass.Pass{Account: whole.Account, Agent: "ann", Expires: now.Add(time.Hour)}, now)
	if err != nil {
		return err
	}
	r, err := whole.RunLatency(ctx, o, key, token)
	if err != nil {
		return err
	}
	return printBench(c.JSON, r, r.OK, r.BrokenPromise, [][2]string{
		{"changes", fmt.Sprintf("%d, %.0f a second, at %d views", r.Changes, r.Rate, r.Views)},
		{"request to follower's socket", fmt.Sprintf("p50 %.1f ms, p99 %.1f ms (promised %s), longest %.1f ms", r.P50, r.P99, whole.MaxLatency, r.Max)},
	})
}

// benchServer starts a server to measure.
func benchServer() (o whole.Options, stop func(), err error) {
	t, err := startTemporary("bench")
	if err != nil {
		return o, nil, err
	}
	return whole.Options{URL: t.app.URL, Key: t.key, Dir: t.dir, Tell: tellBench}, func() { _ = t.stop() }, nil
}
