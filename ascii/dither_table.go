package ascii

import (
	"math"
	"sync/atomic"
)

// shapes is a table of the nearest character for each tone and shape, so that a
// cell costs one look-up. A shape is the light of four quarters, in levels.
//
// The table fills as it is used: one drawing has a few hundred shapes, and should not
// wait for the rest. Drawings may share it.
type shapes struct {
	dictionary     *dictionary
	darkest, scale float32

	// table has one more than the index of the character, or 0 for what nobody has
	// asked for yet.
	table [shapeLevels * shapeLevels * shapeLevels * shapeLevels]atomic.Uint32
}

// shapeLevels of the square root of light are about equally far apart for the eye.
const shapeLevels = 10

func newShapes(d *dictionary) *shapes {
	return &shapes{dictionary: d, darkest: float32(d.darkest()), scale: float32(1 / max(d.lightest()-d.darkest(), 1e-9))}
}

// cell is the light of a shape.
func (s *shapes) cell(shape int) (cell [samples]float32) {
	d := s.dictionary
	for k := range cell {
		level := shape
		for range quarterOf(k) {
			level /= shapeLevels
		}
		root := float64(level%shapeLevels) / (shapeLevels - 1)
		cell[k] = float32(d.darkest() + float64(root*root*(d.lightest()-d.darkest())))
	}
	return cell
}

// quarterOf is the quarter of sample k: the upper two, then the lower two.
func quarterOf(k int) int { return k/(samples/2)*2 + k%subCols }

func (s *shapes) nearest(cell *[samples]float32) uint16 {
	at := ((s.level(cell[5]+cell[7])*shapeLevels+s.level(cell[4]+cell[6]))*shapeLevels+
		s.level(cell[1]+cell[3]))*shapeLevels + s.level(cell[0]+cell[2])
	if known := s.table[at].Load(); known != 0 {
		return uint16(known - 1)
	}
	exact := s.cell(at)
	found := s.dictionary.nearestShape(&exact)
	s.table[at].Store(uint32(found) + 1) // who asks at the same time finds the same
	return found
}

// level is that of two samples.
func (s *shapes) level(sum float32) int {
	light := float32((sum/2 - s.darkest) * s.scale)
	root := float32(math.Sqrt(float64(min(max(light, 0), 1))))
	return int(float32(root*(shapeLevels-1)) + 0.5)
}
