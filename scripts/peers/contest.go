//go:build linux

package main

// The names of the programs, as the table heads its columns.
const (
	fast   = "charcoal --effort 1"
	usual  = "charcoal"
	chafa  = "chafa"
	jp2a   = "jp2a"
	square = "one-colour.png"
)

// maxMB is what charcoal may hold in memory, whatever the picture.
const maxMB = 40

// program draws the file that is appended to its arguments.
type program struct {
	name string
	args []string
}

// programs draw 100 columns of printable ASCII, without colour.
func programs(charcoal string) []program {
	return []program{
		{fast, []string{charcoal, "draw", "--effort", "1", "--cols", "100"}},
		{usual, []string{charcoal, "draw", "--cols", "100"}},
		{chafa, []string{"chafa", "-f", "symbols", "-c", "none", "--symbols", "ascii", "--size", "100"}},
		{jp2a, []string{"jp2a", "--width=100"}},
	}
}

// bar is a share of the time of a peer that a program may take.
type bar struct {
	program, peer string
	atMost        float64
}

// contest is a file and the bars on it. Programs without a bar there are not run.
type contest struct {
	file, title string
	bars        []bar
}

// contests are the rows of the table.
func contests() []contest {
	never := bar{usual, chafa, 1} // at the default effort never slower
	return []contest{
		{"baseline.jpg", "JPEG, baseline, 3072×4096", []bar{{fast, jp2a, 0.75}, {fast, chafa, 0.45}, never}},
		{"progressive.jpg", "JPEG, progressive, 3072×4096", []bar{{fast, jp2a, 0.25}, never}},
		{"photos.png", "PNG, 3072×4096", []bar{{fast, jp2a, 0.55}, never}},
		{"lossy.webp", "WebP, lossy, 3072×4096", []bar{{fast, chafa, 0.7}, never}},
		{"photo.jpg", "JPEG, baseline, 768×512", []bar{{fast, jp2a, 1}, never}},
		{square, "PNG of one colour, 30000×30000", nil},
	}
}

// enters reports whether a program is run on the file: charcoal always, a peer where
// a bar names it. The peers would hold gigabytes for the picture of one colour.
func (c contest) enters(program string) bool {
	if program == fast || program == usual {
		return true
	}
	for _, b := range c.bars {
		if b.peer == program {
			return true
		}
	}
	return false
}
