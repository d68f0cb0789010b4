package fanout

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// Options say how big the bench is.
type Options struct {
	Followers int
	Rounds    int
	Crowd     func(ctx context.Context, mode, addr string, n int) *exec.Cmd // starts Crowd in a process
	Tell      func(format string, args ...any)
}

// Promises, held by Report.OK.
const (
	MinShare     = 0.75 // of the floor's speed
	MaxConnBytes = 5000 // of user memory, an idle connection
	rest         = 400 * time.Millisecond
)

// A Report is what came of it.
type Report struct {
	OK            bool    `json:"ok"`
	Followers     int     `json:"followers"`
	FloorMS       float64 `json:"floor_ms"` // plain writes of the same bytes to all, median
	LineMS        float64 `json:"line_ms"`  // a change to all, median
	Share         float64 `json:"share_of_floor"`
	ConnBytes     float64 `json:"bytes_per_idle_connection"`
	Connects      float64 `json:"connects_per_cpu_second"`
	BrokenPromise string  `json:"broken_promise,omitempty"`
}

// crowd is the followers' process.
type crowd struct {
	cmd *exec.Cmd
	in  io.Closer
	out *bufio.Scanner
}

func gather(ctx context.Context, o Options, mode, addr string) (*crowd, error) {
	c := &crowd{cmd: o.Crowd(ctx, mode, addr, o.Followers)}
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.in, c.out = in, bufio.NewScanner(out)
	return c, c.cmd.Start()
}

// ready waits until all are connected.
func (c *crowd) ready() error {
	if !c.out.Scan() || c.out.Text() != "ready" {
		return fmt.Errorf("the followers did not come: %q", c.out.Text())
	}
	return nil
}

// full waits until the last one has the change, and says when that was.
func (c *crowd) full() (time.Time, error) {
	if !c.out.Scan() {
		return time.Time{}, fmt.Errorf("the followers left: %v", c.out.Err())
	}
	n, err := strconv.ParseInt(c.out.Text(), 10, 64)
	return time.Unix(0, n), err
}

func (c *crowd) leave() {
	_ = c.in.Close()
	_ = c.cmd.Wait()
}

// Run measures.
func Run(ctx context.Context, o Options) (*Report, error) {
	rep := &Report{Followers: o.Followers}
	s, err := newStage()
	if err != nil {
		return nil, err
	}
	defer s.close(ctx)
	followers, err := rep.connect(ctx, o, s)
	if err != nil {
		return nil, err
	}
	defer followers.leave()
	floor, conns, err := raw(ctx, o)
	if err != nil {
		return nil, err
	}
	defer floor.leave()
	if err := rep.rounds(ctx, o, s, followers, floor, conns); err != nil {
		return nil, err
	}
	rep.judge()
	return rep, nil
}

// connect brings the followers in and counts what each costs.
func (rep *Report) connect(ctx context.Context, o Options, s *stage) (*crowd, error) {
	before, cpu := memory(), cpuTime()
	o.Tell("%d followers connect", o.Followers)
	c, err := gather(ctx, o, "live", s.addr)
	if err != nil {
		return nil, err
	}
	if err := c.ready(); err != nil {
		return nil, err
	}
	rep.Connects = float64(o.Followers) / (cpuTime() - cpu).Seconds()
	time.Sleep(rest) // what the handshakes left is let go
	rep.ConnBytes = float64(memory()-before) / float64(o.Followers)
	return c, nil
}

// memory is what the process holds for heap and stacks.
func memory() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// cpuTime is what the process has used, user and system.
func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // of ourselves: it cannot fail
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// raw brings followers to plain sockets.
func raw(ctx context.Context, o Options) (*crowd, []net.Conn, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	c, err := gather(ctx, o, "raw", l.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	conns := make([]net.Conn, o.Followers)
	for i := range conns {
		if conns[i], err = l.Accept(); err != nil {
			return nil, nil, err
		}
	}
	return c, conns, c.ready()
}

// rounds measures both sides in turns.
func (rep *Report) rounds(ctx context.Context, o Options, s *stage, followers, floor *crowd, conns []net.Conn) error {
	var line, plain []time.Duration
	for n := range o.Rounds {
		time.Sleep(rest) // longer than the pacing: the change goes at once
		began := time.Now()
		s.steps <- step(n + 1)
		took, err := since(followers, began)
		if err != nil {
			return err
		}
		line = append(line, took)
		time.Sleep(rest)
		b := frame(n)
		began = time.Now()
		for _, c := range conns {
			if _, err := c.Write(b); err != nil {
				return err
			}
		}
		if took, err = since(floor, began); err != nil {
			return err
		}
		plain = append(plain, took)
		o.Tell("round %d of %d: %s, plain writes %s", n+1, o.Rounds, line[n], plain[n])
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	rep.LineMS, rep.FloorMS = median(line), median(plain)
	return nil
}

func since(c *crowd, began time.Time) (time.Duration, error) {
	at, err := c.full()
	return at.Sub(began), err
}

func median(all []time.Duration) float64 {
	slices.Sort(all)
	return all[len(all)/2].Seconds() * 1000
}

// judge holds the promises.
func (rep *Report) judge() {
	rep.Share = rep.FloorMS / rep.LineMS
	switch {
	case rep.Share < MinShare:
		rep.BrokenPromise = fmt.Sprintf("fan-out is %.0f %% of the floor, promised %.0f %%", rep.Share*100, MinShare*100)
	case rep.ConnBytes > MaxConnBytes:
		rep.BrokenPromise = fmt.Sprintf("%.0f bytes an idle connection, promised %d", rep.ConnBytes, MaxConnBytes)
	}
	rep.OK = rep.BrokenPromise == ""
}
