package format_test

import (
	"testing"

	"github.com/charcoal-art/charcoal/ascii"
)

func TestANSI(t *testing.T) {
	red, blue := ascii.RGB{R: 255}, ascii.RGB{B: 250}
	cell := func(r rune, fg, bg ascii.Color) ascii.Cell { return ascii.Cell{Rune: r, FG: fg, BG: bg} }
	tests := []struct {
		name, depth string
		palette     []ascii.RGB
		row         []ascii.Cell
		want        string
	}{
		{name: "no colours", depth: "none", row: cells("a b "), want: "a b \n"},
		{
			name: "the first eight and the bright eight", depth: "16",
			row:  []ascii.Cell{cell('a', ascii.Indexed(1), ascii.Indexed(0)), cell('b', ascii.Indexed(15), ascii.Indexed(8))},
			want: "\x1b[31;40ma\x1b[97;100mb\x1b[m\n",
		},
		{
			name: "256 colours use the short names where there are any", depth: "256",
			row:  []ascii.Cell{cell('a', ascii.Indexed(1), 0), cell('b', ascii.Indexed(16), ascii.Indexed(255))},
			want: "\x1b[31ma\x1b[38;5;16;48;5;255mb\x1b[m\n",
		},
		{
			name: "free colours", depth: "true",
			row:  []ascii.Cell{cell('a', ascii.Free(red), ascii.Free(blue))},
			want: "\x1b[38;2;255;0;0;48;2;0;0;250ma\x1b[m\n",
		},
		{
			name: "a palette of one's own is free colours", depth: "true", palette: []ascii.RGB{red, blue},
			row:  []ascii.Cell{cell('a', ascii.Indexed(1), 0)},
			want: "\x1b[38;2;0;0;250ma\x1b[m\n",
		},
		{
			name: "only changes", depth: "16",
			row: []ascii.Cell{
				cell('a', ascii.Indexed(1), ascii.Indexed(2)), cell('b', ascii.Indexed(1), ascii.Indexed(2)),
				cell('c', ascii.Indexed(1), ascii.Indexed(3)), cell('d', ascii.Indexed(4), ascii.Indexed(3)),
			},
			want: "\x1b[31;42mab\x1b[43mc\x1b[34md\x1b[m\n",
		},
		{
			name: "the ink of a space does not matter", depth: "16",
			row:  []ascii.Cell{cell('a', ascii.Indexed(1), 0), cell(' ', ascii.Indexed(2), 0), cell('b', ascii.Indexed(1), 0)},
			want: "\x1b[31ma b\x1b[m\n",
		},
		{
			name: "one of two colours ends", depth: "16",
			row: []ascii.Cell{
				cell('a', ascii.Indexed(1), ascii.Indexed(2)), cell('b', 0, ascii.Indexed(2)), cell('c', ascii.Indexed(1), 0), cell('d', 0, 0),
			},
			want: "\x1b[31;42ma\x1b[39mb\x1b[31;49mc\x1b[md\n",
		},
		{
			name: "blank cells at the end are the terminal's own", depth: "16",
			row:  []ascii.Cell{cell('a', ascii.Indexed(1), ascii.Indexed(2)), cell(' ', ascii.Indexed(5), 0), cell(' ', 0, 0)},
			want: "\x1b[31;42ma\x1b[m  \n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			art := &ascii.Art{Cols: len(tt.row), Rows: 1, Depth: tt.depth, Palette: tt.palette, Frames: []ascii.Frame{{Cells: tt.row}}}
			if got := string(write(t, "ansi", art)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
