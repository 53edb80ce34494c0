package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/ascii/target"
)

// What terminals are told (DEC private modes of xterm; 2026 keeps those that know
// it from showing half a frame).
const (
	hideCursor  = "\x1b[?25l"
	showCursor  = "\x1b[?25h"
	beginUpdate = "\x1b[?2026h"
	endUpdate   = "\x1b[?2026l"
)

// leastDelay is how long a frame shows that does not say.
const leastDelay = 100 * time.Millisecond

// aimToPlay decides whether animations are played: they are on a terminal, when
// that was asked for or there are several frames and no format for them. Unless
// told how many, it draws as many frames as may be.
func (f *drawFlags) aimToPlay(o *ascii.Options, flags *pflag.FlagSet, p Process) (room screen, err error) {
	elsewhere := f.output != "" || f.format != "" || f.target != "" || f.budget != (target.Budget{})
	if f.play && elsewhere {
		return screen{}, usagef("--play is for the terminal; leave out --output, --format, --target and --max-…")
	}
	room = screenOf(p.Stdout)
	if elsewhere || !f.play && o.Frames < 2 || room == (screen{}) || variable(p.Env, "TERM") == "dumb" {
		return screen{}, nil
	}
	if !flags.Changed("frames") {
		lim := ascii.DefaultLimits()
		cols, rows := room.room()
		o.Frames = min(lim.Frames, max(1, lim.Cells/(cols*rows)))
	}
	return room, nil
}

// play shows an animation in place, as often as it says, until ctx ends. Art that
// does not move, or does not fit into the room, is shown still.
func (d *drawer) play(ctx context.Context, art *ascii.Art) error {
	if len(art.Frames) < 2 || art.Cols > d.room.cols || art.Rows > d.room.rows {
		return d.show(art)
	}
	if err := playFrames(ctx, d.stdout, art); err != nil {
		return fmt.Errorf("play the drawing: %w", err)
	}
	return nil
}

func (d *drawer) show(art *ascii.Art) error {
	text, err := d.encode(art, d.settings)
	if err != nil {
		return err
	}
	return d.write(text)
}

// playFrames plays art on a terminal. The cursor is hidden meanwhile and stands
// below the drawing at the end, however it ends.
func playFrames(ctx context.Context, w io.Writer, art *ascii.Art) (err error) {
	if _, err := io.WriteString(w, hideCursor); err != nil {
		return err
	}
	defer func() {
		if _, showErr := io.WriteString(w, showCursor); err == nil {
			err = showErr
		}
	}()
	shown, due := -1, time.Now()
	for round := 0; art.Loops == 0 || round < art.Loops; round++ {
		for i, frame := range art.Frames {
			text, err := frameText(art, shown, i)
			if err != nil {
				return err
			}
			if _, err := w.Write(text); err != nil {
				return err
			}
			shown = i
			if due = after(due, frame.Delay); !waitUntil(ctx, due) {
				return nil
			}
		}
	}
	return nil
}

// after is when a frame ends that was due at a time: a little late is made up for,
// but not what a sleep of the machine took.
func after(due time.Time, delay time.Duration) time.Time {
	if delay <= 0 {
		delay = leastDelay
	}
	if now := time.Now(); now.Sub(due) > time.Second {
		due = now
	}
	return due.Add(delay)
}

// waitUntil reports whether ctx goes on until then.
func waitUntil(ctx context.Context, due time.Time) bool {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}

// frameText turns a frame that is shown, or none at -1, into another: the rows that
// differ are written anew, from the top to the line below the drawing.
func frameText(art *ascii.Art, shown, frame int) ([]byte, error) {
	ansi, err := format.Lookup("ansi")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(beginUpdate)
	if shown >= 0 {
		fmt.Fprintf(&b, "\x1b[%dA\r", art.Rows)
	}
	for y := range art.Rows {
		row := art.Row(frame, y)
		if shown >= 0 && slices.Equal(row, art.Row(shown, y)) {
			b.WriteByte('\n')
			continue
		}
		line := *art
		line.Rows, line.Frames = 1, []ascii.Frame{{Cells: row}}
		if err := ansi.Write(&b, &line, format.Settings{}); err != nil {
			return nil, err
		}
	}
	b.WriteString(endUpdate)
	return b.Bytes(), nil
}
