package jpeg

// budget bounds the work that a file can ask for. A scan can be of a few bytes
// and yet visit every block, and nothing in the standard bounds the number of
// scans; real files have about 10, which visit a block about 6 times.
type budget struct {
	scans  int
	blocks int64
}

const (
	// maxScans is beyond what makes sense: 63 bands times 14 bits.
	maxScans = 1000
	// maxVisits is how often scans may visit each block of the picture.
	maxVisits = 64
	// freeVisits are allowed to any picture, however small.
	freeVisits = 1 << 20
)

func newBudget(f *frame) budget {
	blocks := int64(0)
	for _, c := range f.comps {
		blocks += int64(c.strideBlocks) * int64(c.rowBlocks)
	}
	return budget{maxScans, blocks*maxVisits + freeVisits}
}

// scan takes one scan from the budget.
func (b *budget) scan() error {
	b.scans--
	if b.scans < 0 {
		return errTooManyScans
	}
	return nil
}

// spend takes visits to blocks.
func (b *budget) spend(blocks int) error {
	b.blocks -= int64(blocks)
	if b.blocks < 0 {
		return errTooManyScans
	}
	return nil
}

const errTooManyScans = FormatError("it has too many scans for its size")
