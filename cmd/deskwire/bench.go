package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/deskwire/deskwire/internal/bench/views"
)

type benchCmd struct {
	Views   viewsBenchCmd   `cmd:"" help:"The views engine against SQL: cost of a change, of a recount, and memory."`
	Fanout  fanoutBenchCmd  `cmd:"" help:"The line against plain writes: one change to many followers, and memory a connection."`
	Intake  intakeBenchCmd  `cmd:"" help:"A bulk of tickets over HTTP, against SQLite's own insert of the same rows."`
	Latency latencyBenchCmd `cmd:"" help:"From a backend's request to a follower's socket, at 1,000 changes a second and 500 views."`
	Crowd   crowdCmd        `cmd:"" hidden:""`
}

type viewsBenchCmd struct {
	Tickets int    `default:"1000000" help:"Tickets on both sides; the promises are made for a million."`
	Views   int    `default:"100" help:"Views that SQL recounts."`
	Many    int    `default:"10000" help:"Views for the matcher against the plain evaluator."`
	Seed    uint64 `default:"1" help:"Seed of tickets and views."`
	JSON    bool   `name:"json" help:"Print the result as JSON."`
}

// Run measures, and fails when a promise is broken.
func (c *viewsBenchCmd) Run(ctx context.Context) error {
	if c.Tickets < views.MinTickets || c.Views < 1 || c.Many < 1 {
		return fmt.Errorf("--tickets is at least %d, --views and --many at least 1", views.MinTickets)
	}
	dir, err := os.MkdirTemp("", "deskwire-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r, err := views.Run(ctx, views.Options{Tickets: c.Tickets, Views: c.Views, Many: c.Many, Seed: c.Seed, Dir: dir, Tell: tellBench})
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d tickets, %d views\n", r.Tickets, r.Views)
	return printBench(c.JSON, r, r.OK, r.BrokenPromise, [][2]string{
		{"one change, all views right", fmt.Sprintf("%.2f µs", r.ChangeNS/1e3)},
		{"one recount of them in SQL", fmt.Sprintf("%.2f s", r.RecountNS/1e9)},
		{"a change is of a recount", fmt.Sprintf("1/%.0f (promised 1/1,000,000)", 1/r.Share)},
		{"memory a ticket", fmt.Sprintf("%.0f bytes (promised %d)", r.TicketBytes, views.MaxTicketBytes)},
		{"first count of a new view", fmt.Sprintf("%.2f s (promised %s)", r.FirstCountNS/1e9, views.MaxFirstCount)},
		{fmt.Sprintf("one change at %d views", r.Many), fmt.Sprintf("%.0f µs, asked one by one %.0f µs: %.1f times cheaper (promised %d)", r.BitsNS/1e3, r.PlainNS/1e3, r.Matcher, views.MinMatcher)},
		{"counts held against SQL's", fmt.Sprintf("%d, %d differences", r.Compared, r.Differences)},
	})
}

func tellBench(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }

// printBench prints the lines, or the report as JSON, and gives the broken
// promise as the error.
func printBench(asJSON bool, report any, ok bool, broken string, lines [][2]string) error {
	if asJSON {
		if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
			return err
		}
	} else {
		for _, l := range lines {
			fmt.Printf("  %-32s %s\n", l[0], l[1])
		}
	}
	if !ok {
		return errors.New("a promise is broken: " + broken)
	}
	return nil
}
