//go:build linux

// Command peers compares charcoal with other programs that draw pictures as text:
// whole processes, one after another, on the same files. scripts/bench-peers runs it.
//
//	peers pictures DIR CORPUS   makes the files, of the photographs of CORPUS if it is there
//	peers table DIR CHARCOAL ROUNDS   prints a table in Markdown
//
// These are two commands because Linux counts what a parent holds when it starts a
// child into the child's peak (exec keeps ru_maxrss), so whoever measures must be small.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) == 3 && args[0] == "pictures":
		return makePictures(ctx, args[1], args[2])
	case len(args) == 4 && args[0] == "table":
		rounds, err := strconv.Atoi(args[3])
		if err != nil || rounds < 1 {
			return fmt.Errorf("%q is no number of rounds", args[3])
		}
		return writeTable(ctx, os.Stdout, args[1], programs(args[2]), rounds)
	}
	return errors.New("usage: peers pictures DIR CORPUS | peers table DIR CHARCOAL ROUNDS")
}
