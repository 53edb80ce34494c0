package ascii

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// films yields pictures that show for a tenth of a second each.
func film(pictures ...image.Image) iter.Seq2[image.Image, time.Duration] {
	return func(yield func(image.Image, time.Duration) bool) {
		for _, p := range pictures {
			if !yield(p, 100*time.Millisecond) {
				return
			}
		}
	}
}

// movingBall is a white square on black, with noise everywhere.
func movingBall(x int, noise uint) image.Image {
	img := image.NewGray(image.Rect(0, 0, 80, 40))
	rnd := rand.New(rand.NewPCG(uint64(x), 1))
	draw.Draw(img, image.Rect(x, 10, x+20, 30), image.White, image.Point{}, draw.Src)
	for i, v := range img.Pix {
		img.Pix[i] = uint8(min(255, max(0, int(100+v/3)+int(rnd.UintN(2*noise+1))-int(noise))))
	}
	return img
}

func animate(t *testing.T, frames iter.Seq2[image.Image, time.Duration], change func(*Options)) *Art {
	t.Helper()
	o := Defaults()
	o.Cols, o.Frames = 20, 10
	change(&o)
	art, err := ConvertFrames(t.Context(), frames, 3, o)
	if err != nil {
		t.Fatal(err)
	}
	return art
}

// Cells change where something moves, and nowhere else.
func TestOnlyWhatMovesIsDrawnAnew(t *testing.T) {
	for _, depth := range []string{"none", "true"} {
		t.Run(depth, func(t *testing.T) {
			art := animate(t, film(movingBall(0, 3), movingBall(1, 3), movingBall(40, 3)), func(o *Options) { o.Color = depth })
			if len(art.Frames) != 3 || art.Loops != 3 || art.Frames[1].Delay != 100*time.Millisecond {
				t.Fatalf("got %d frames, %d loops, a delay of %v", len(art.Frames), art.Loops, art.Frames[1].Delay)
			}
			for y := range art.Rows {
				for x := 8; x < art.Cols; x++ { // where the first two frames show only noise
					if art.Row(0, y)[x] != art.Row(1, y)[x] {
						t.Errorf("cell %d,%d flickers", x, y)
					}
				}
			}
			if slices.Equal(art.Frames[0].Cells, art.Frames[2].Cells) {
				t.Error("the ball does not move")
			}
		})
	}
}

// A fade of many small steps arrives.
func TestSlowChangesAreNotMissed(t *testing.T) {
	var fade []image.Image
	for v := 0; v < 256; v += 3 {
		img := image.NewGray(image.Rect(0, 0, 40, 20))
		draw.Draw(img, img.Rect, image.NewUniform(color.Gray{uint8(v)}), image.Point{}, draw.Src)
		fade = append(fade, img)
	}
	art := animate(t, film(fade...), func(o *Options) { o.Frames, o.Glyphs = 100, "ramp: @" })
	last := Art{Cols: art.Cols, Rows: art.Rows, Frames: art.Frames[len(art.Frames)-1:]}
	if strings.Trim(text(&last), "@\n") != "" {
		t.Errorf("the fade ends with\n%s", text(&last))
	}
}

// A frame alone is the still picture.
func TestTheFirstFrameIsTheStillPicture(t *testing.T) {
	o := Defaults()
	o.Cols = 20
	want, err := Convert(movingBall(0, 3), o)
	if err != nil {
		t.Fatal(err)
	}
	got := animate(t, film(movingBall(0, 3), movingBall(40, 3)), func(o *Options) { o.Frames = 0 })
	if len(got.Frames) != 1 || got.Loops != 0 || got.Frames[0].Delay != 0 || !slices.Equal(got.Frames[0].Cells, want.Frames[0].Cells) {
		t.Errorf("got %d frames, %d loops\n%s", len(got.Frames), got.Loops, text(got))
	}
}

func TestConvertFramesRefuses(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	small := image.NewGray(image.Rect(0, 0, 8, 4))
	tests := []struct {
		name   string
		ctx    context.Context
		frames iter.Seq2[image.Image, time.Duration]
		change func(*Options)
		want   string
	}{
		{"no frames", t.Context(), film(), func(*Options) {}, "has no frames"},
		{"frames of different sizes", t.Context(), film(movingBall(0, 0), small), func(*Options) {}, "different sizes"},
		{"too many cells in all", t.Context(), film(movingBall(0, 0), movingBall(0, 0)), func(o *Options) { o.Limits.Cells = 150 }, "200 of at most 150 cells"},
		{"too much memory", t.Context(), film(movingBall(0, 0)), func(o *Options) { o.Limits.Memory = 99 * o.CellMemory() }, "100 of at most 99 cells"},
		{"wrong options", t.Context(), film(movingBall(0, 0)), func(o *Options) { o.Effort = 10 }, "effort"},
		{"an ended context", ended, film(movingBall(0, 0)), func(*Options) {}, "canceled"},
	}
	for _, tt := range tests {
		o := Defaults()
		o.Cols, o.Frames = 20, 5
		tt.change(&o)
		if _, err := ConvertFrames(tt.ctx, tt.frames, 0, o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
	if _, err := ConvertFrames(ended, film(movingBall(0, 0)), 0, Defaults()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestMemoryGrowsWithTheDrawing(t *testing.T) {
	o := Defaults()
	small := o.Memory(300, 200)
	o.Cols = 200
	large := o.Memory(300, 200)
	o.Color = "true"
	colored := o.Memory(300, 200)
	o.Trim = true
	if trimmed := o.Memory(300, 200); small <= 0 || large < 3*small || colored <= large || trimmed <= colored {
		t.Errorf("got %d, %d, %d, %d, want more each time", small, large, colored, trimmed)
	}
	o.Limits.Memory = 1 << 20
	if got := o.Memory(300, 200); got > 1<<20+int64(DefaultLimits().Cells)*12 {
		t.Errorf("got %d with a limit", got)
	}
}
