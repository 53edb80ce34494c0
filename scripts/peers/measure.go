//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// cost is what one process cost.
type cost struct {
	wall time.Duration
	cpu  time.Duration // of all its threads, user and system
	peak float64       // resident memory, MB
}

// costs are those of some rounds.
type costs []cost

// measure runs a command to its end, its output thrown away.
func measure(ctx context.Context, args []string) (cost, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // the commands are in programs
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return cost{}, fmt.Errorf("%v: %w", args, err)
	}
	wall, state := time.Since(start), cmd.ProcessState
	return cost{
		wall: wall,
		cpu:  state.UserTime() + state.SystemTime(),
		peak: float64(state.SysUsage().(*syscall.Rusage).Maxrss) * 1024 / 1e6, // Linux counts it in KiB
	}, nil
}

// measureAll runs the programs in turn, so that a slow minute of the machine is shared by
// all. A program that fails has no costs. The first round, which fills caches, does
// not count.
func measureAll(ctx context.Context, file string, entrants []program, rounds int) map[string]costs {
	found := map[string]costs{}
	failed := map[string]bool{}
	for round := range rounds + 1 {
		for _, p := range entrants {
			if failed[p.name] {
				continue
			}
			c, err := measure(ctx, append(slices.Clone(p.args), file))
			switch {
			case err != nil:
				fmt.Fprintln(os.Stderr, "fails:", err)
				failed[p.name] = true
				delete(found, p.name)
			case round > 0:
				found[p.name] = append(found[p.name], c)
			}
		}
	}
	return found
}

// median is the middle of what f tells of the costs, the upper one of two.
func (c costs) median(f func(cost) time.Duration) time.Duration {
	var all []time.Duration
	for _, one := range c {
		all = append(all, f(one))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// fastest is the shortest wall time.
func (c costs) fastest() time.Duration {
	return slices.MinFunc(c, func(a, b cost) int { return int(a.wall - b.wall) }).wall
}

// peak is the largest resident memory, in MB.
func (c costs) peak() float64 {
	most := 0.0
	for _, one := range c {
		most = max(most, one.peak)
	}
	return most
}

func wall(c cost) time.Duration { return c.wall }
func cpu(c cost) time.Duration  { return c.cpu }
