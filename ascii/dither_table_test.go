package ascii

import (
	"sync"
	"testing"
)

// TestShapesHaveTheNearestCharacter asks for some shapes twice, the second time from
// the table, and from several drawings at once.
func TestShapesHaveTheNearestCharacter(t *testing.T) {
	d, err := newDictionary(ascii(), false)
	if err != nil {
		t.Fatal(err)
	}
	s := newShapes(d)
	var drawings sync.WaitGroup
	for range 4 {
		drawings.Go(func() {
			for shape := 0; shape < len(s.table); shape += 97 {
				cell := s.cell(shape)
				want := d.nearestShape(&cell)
				for range 2 {
					if got := s.nearest(&cell); got != want {
						t.Errorf("shape %d: got character %d, want %d", shape, got, want)
					}
				}
			}
		})
	}
	drawings.Wait()
}
