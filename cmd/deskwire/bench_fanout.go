package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	"github.com/deskwire/deskwire/internal/bench/fanout"
)

type fanoutBenchCmd struct {
	Followers int  `default:"1000" help:"Followers of one topic."`
	Rounds    int  `default:"15" help:"Changes, each measured on both sides."`
	JSON      bool `name:"json" help:"Print the result as JSON."`
}

// Run measures, and fails when a promise is broken.
func (c *fanoutBenchCmd) Run(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if c.Followers < 1 || c.Rounds < 1 {
		return fmt.Errorf("--followers and --rounds are at least 1")
	}
	r, err := fanout.Run(ctx, fanout.Options{Followers: c.Followers, Rounds: c.Rounds, Tell: tellBench,
		Crowd: func(ctx context.Context, mode, addr string, n int) *exec.Cmd {
			cmd := exec.CommandContext(ctx, self, "bench", "crowd", mode, addr, strconv.Itoa(n))
			cmd.Stderr = os.Stderr
			return cmd
		}})
	if err != nil {
		return err
	}
	return printBench(c.JSON, r, r.OK, r.BrokenPromise, [][2]string{
		{"followers", strconv.Itoa(r.Followers)},
		{"plain writes of the same bytes", fmt.Sprintf("%.2f ms", r.FloorMS)},
		{"a change, until the last has it", fmt.Sprintf("%.2f ms: %.0f %% of the floor (promised %.0f %%)", r.LineMS, r.Share*100, fanout.MinShare*100)},
		{"memory an idle connection", fmt.Sprintf("%.0f bytes (promised %d)", r.ConnBytes, fanout.MaxConnBytes)},
		{"connects", fmt.Sprintf("%.0f a CPU second", r.Connects)},
	})
}

// crowdCmd is the followers' process of the bench.
type crowdCmd struct {
	Mode string `arg:"" enum:"live,raw"`
	Addr string `arg:""`
	N    int    `arg:""`
}

// Run follows until its input ends.
func (c *crowdCmd) Run(ctx context.Context) error {
	return fanout.Crowd(ctx, c.Mode, c.Addr, c.N, os.Stdout)
}
