package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charcoal-art/charcoal/ascii"
)

// moving is art of two columns and two rows: the upper row stays, the lower one
// spells the frames.
func moving(loops int, delays ...time.Duration) *ascii.Art {
	a := &ascii.Art{Cols: 2, Rows: 2, Depth: "none", Loops: loops}
	for i, d := range delays {
		cells := []ascii.Cell{{Rune: '-'}, {Rune: '-'}, {Rune: 'a' + rune(i)}, {Rune: '.'}}
		a.Frames = append(a.Frames, ascii.Frame{Cells: cells, Delay: d})
	}
	return a
}

// projector is a terminal that notes when what was written.
type projector struct {
	start time.Time
	all   bytes.Buffer
	at    []string
	after func(writes int) error // what each write returns
}

func (p *projector) Write(b []byte) (int, error) {
	p.all.Write(b)
	p.at = append(p.at, time.Since(p.start).String())
	if p.after != nil {
		if err := p.after(len(p.at)); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

func TestFramesShowForTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &projector{start: time.Now()}
		if err := playFrames(t.Context(), p, moving(2, 50*time.Millisecond, 0, 200*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		// The cursor, three frames, the second of which does not say how long, twice,
		// and the cursor again after the last.
		want := []string{"0s", "0s", "50ms", "150ms", "350ms", "400ms", "500ms", "700ms"}
		if !slices.Equal(p.at, want) {
			t.Errorf("got %v, want %v", p.at, want)
		}
	})
}

// Only rows that change are written, and the cursor always ends below the drawing.
func TestFramesAreDrawnInPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &projector{start: time.Now()}
		if err := playFrames(t.Context(), p, moving(1, time.Second, time.Second)); err != nil {
			t.Fatal(err)
		}
		want := hideCursor + beginUpdate + "--\na.\n" + endUpdate + beginUpdate + "\x1b[2A\r\nb.\n" + endUpdate + showCursor
		if got := p.all.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestColoursArePlayed(t *testing.T) {
	a := moving(1, time.Second, time.Second)
	a.Depth, a.Palette = "16", ascii.TerminalPalette()[:16]
	a.Frames[1].Cells[0].FG = ascii.Indexed(1)
	got, err := frameText(a, 0, 1)
	if want := "\x1b[2A\r\x1b[31m-\x1b[39m-\nb.\n"; err != nil || !strings.Contains(strings.ReplaceAll(string(got), "\x1b[m", "\x1b[39m"), want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// What plays for ever ends when it is told to, with the cursor shown.
func TestPlayingCanBeEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := &projector{start: time.Now(), after: func(writes int) error {
			if writes == 1000 {
				cancel()
			}
			return nil
		}}
		if err := playFrames(ctx, p, moving(0, time.Second, time.Second)); err != nil {
			t.Fatal(err)
		}
		if got := p.all.String(); !strings.HasSuffix(got, showCursor) || len(p.at) != 1001 {
			t.Errorf("%d writes, the last of which is %q", len(p.at), got[len(got)-10:])
		}
	})
}

func TestATerminalThatIsGoneEndsPlaying(t *testing.T) {
	gone := errors.New("input/output error")
	p := &projector{start: time.Now(), after: func(writes int) error {
		if writes > 1 {
			return gone
		}
		return nil
	}}
	if err := playFrames(t.Context(), p, moving(0, time.Second, time.Second)); !errors.Is(err, gone) {
		t.Errorf("got %v, want %v", err, gone)
	}
}

// After a machine slept, an animation goes on where it was; it does not hurry.
func TestNothingIsMadeUpForAfterASleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due := time.Now()
		time.Sleep(time.Hour) //nolint:forbidigo // of a clock that the test moves
		if got := time.Until(after(due, 50*time.Millisecond)); got != 50*time.Millisecond {
			t.Errorf("the next frame comes in %v", got)
		}
	})
}

func TestPlayIsForTheTerminal(t *testing.T) {
	for _, flag := range []string{"--output=x.gif", "--format=gif", "--target=discord", "--max-lines=3"} {
		status, stderr := run(t, nil, "draw", "--play", flag, "x.gif")
		if status != exitUsage || !strings.Contains(stderr, "--play is for the terminal") {
			t.Errorf("%s: got %d %s", flag, status, stderr)
		}
	}
}

// What is too large for the terminal would scroll, so that it is shown still.
func TestWhatDoesNotFitIsNotPlayed(t *testing.T) {
	for _, room := range []screen{{1, 10}, {10, 1}} {
		var out bytes.Buffer
		d := &drawer{stdout: &out, room: room}
		var err error
		if d.format, err = (&drawFlags{}).lookupFormat(ascii.Defaults()); err != nil {
			t.Fatal(err)
		}
		if err := d.play(t.Context(), moving(0, time.Second, time.Second)); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); got != fmt.Sprintln("--\na.") {
			t.Errorf("in %v: got %q", room, got)
		}
	}
}
