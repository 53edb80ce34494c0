package ascii

import "math"

// shapes is a table of the nearest character for each tone and shape, so that a
// cell costs one look-up. A shape is the light of four quarters, in levels.
type shapes struct {
	darkest, scale float32
	table          [shapeLevels * shapeLevels * shapeLevels * shapeLevels]uint16
}

// shapeLevels of the square root of light are about equally far apart for the eye.
const shapeLevels = 10

func newShapes(d *dictionary) *shapes {
	s := &shapes{darkest: float32(d.darkest()), scale: float32(1 / max(d.lightest()-d.darkest(), 1e-9))}
	for i := range s.table {
		var cell [samples]float32
		for k := range cell {
			level := i
			for range quarterOf(k) {
				level /= shapeLevels
			}
			root := float64(level%shapeLevels) / (shapeLevels - 1)
			cell[k] = float32(d.darkest() + float64(root*root*(d.lightest()-d.darkest())))
		}
		s.table[i] = d.nearestShape(&cell)
	}
	return s
}

// quarterOf is the quarter of sample k: the upper two, then the lower two.
func quarterOf(k int) int { return k/(samples/2)*2 + k%subCols }

func (s *shapes) nearest(cell *[samples]float32) uint16 {
	at := ((s.level(cell[5]+cell[7])*shapeLevels+s.level(cell[4]+cell[6]))*shapeLevels+
		s.level(cell[1]+cell[3]))*shapeLevels + s.level(cell[0]+cell[2])
	return s.table[at]
}

// level is that of two samples.
func (s *shapes) level(sum float32) int {
	light := float32((sum/2 - s.darkest) * s.scale)
	root := float32(math.Sqrt(float64(min(max(light, 0), 1))))
	return int(float32(root*(shapeLevels-1)) + 0.5)
}
