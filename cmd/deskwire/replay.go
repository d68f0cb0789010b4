package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/pass"
	"github.com/deskwire/deskwire/internal/replay"
)

type replayCmd struct {
	File        string `arg:"" type:"existingfile" help:"The event log: CSV, gzip or not."`
	Mapping     string `default:"helpdesk-log" help:"What the log's columns and activities mean: a shipped name or a JSON file (docs/replay.md)."`
	Speed       string `default:"max" help:"How many times faster than the log: 1, 50000 or max."`
	Verify      bool   `help:"Hold every follower's counts against brute force at random instants."`
	Checkpoints int    `default:"200" help:"At how many instants to verify."`
	Seed        uint64 `default:"1" help:"Seed of the instants."`
	Server      string `help:"Address of a running server (http://host:port); otherwise one is started on a temporary store."`
	OperatorKey string `env:"DESKWIRE_OPERATOR_KEY" help:"The running server's operator key."`
	Account     string `default:"replay" help:"The account to make and fill; it must not be there yet."`
	JSON        bool   `name:"json" help:"Print the result as JSON."`
}

// errDifferent ends a replay that ran but whose numbers were not right.
var errDifferent = errors.New("the live counts are not what brute force says")

// Run replays, and fails unless all that was compared was right.
func (c *replayCmd) Run(ctx context.Context) error {
	speed, err := parseSpeed(c.Speed)
	if err != nil {
		return err
	}
	l, m, err := c.read()
	if err != nil {
		return err
	}
	o := replay.Options{URL: c.Server, Key: c.OperatorKey, Account: desk.AccountID(c.Account), Secret: rand.Text() + rand.Text(), Speed: speed, Seed: c.Seed, Progress: tellReplay}
	o.Sign = func(account desk.AccountID, agent desk.AgentID) (string, error) {
		now := time.Now()
		return pass.Sign(desk.Key{ID: "replay", Secret: o.Secret}, pass.Pass{Account: account, Agent: agent, Expires: now.Add(pass.MaxLifetime)}, now)
	}
	if c.Verify {
		if o.Checkpoints = c.Checkpoints; o.Checkpoints < 1 {
			return errors.New("--checkpoints is how many instants to verify, at least 1")
		}
	}
	stop, err := c.serve(&o)
	if err != nil {
		return err
	}
	r, err := replay.Play(ctx, l, m, o)
	if err = errors.Join(err, stop()); err != nil {
		return err
	}
	return c.tell(r)
}

func parseSpeed(text string) (float64, error) {
	if text == "max" {
		return 0, nil
	}
	var x float64
	if _, err := fmt.Sscanf(text, "%g", &x); err != nil || !(x > 0) || x > 1e9 {
		return 0, fmt.Errorf("--speed is a number above 0, such as 1 or 50000, or max; not %q", text)
	}
	return x, nil
}

func (c *replayCmd) read() (*replay.Log, *replay.Mapping, error) {
	m, err := replay.FindMapping(c.Mapping)
	if err != nil {
		return nil, nil, err
	}
	f, err := os.Open(c.File)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	l, err := replay.ReadLog(f, m)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", c.File, err)
	}
	return l, m, nil
}

// serve starts a server on a temporary store, unless there is one to use.
func (c *replayCmd) serve(o *replay.Options) (stop func() error, err error) {
	if c.Server != "" {
		o.URL = strings.TrimSuffix(c.Server, "/")
		if c.OperatorKey == "" {
			return nil, errors.New("--server needs the operator's key to make an account: set DESKWIRE_OPERATOR_KEY")
		}
		return func() error { return nil }, nil
	}
	t, err := startTemporary("replay")
	if err != nil {
		return nil, err
	}
	o.URL, o.Key = t.app.URL, t.key
	return t.stop, nil
}

func tellReplay(p replay.Progress) {
	fmt.Fprintf(os.Stderr, "replay: %d of %d events, log at %s, %.0f times its speed, %d checkpoints, %d differences\n",
		p.Events, p.All, p.At.In(time.UTC).Format("2006-01-02"), p.Speed, p.Checkpoints, p.Differences)
}

// tell prints what came of it. The last line is the verdict.
func (c *replayCmd) tell(r *replay.Report) error {
	if c.JSON {
		if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
			return err
		}
	} else {
		printReport(r)
	}
	if !r.OK {
		return errDifferent
	}
	return nil
}

func printReport(r *replay.Report) {
	fmt.Printf("replay: %d events on %d tickets in %.1f s: %.0f events a second, %.0f times the log's speed\n", r.Events, r.Tickets, r.Seconds, r.Rate, r.Speed)
	v := r.Verified
	if v == nil {
		return
	}
	for _, e := range v.Examples {
		fmt.Println("  differs: " + e)
	}
	fmt.Printf("replay: the slowest checkpoint took %.0f ms, brute force included\n", r.Slowest*1000)
	fmt.Println(v)
}
