package png

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// paethByTheBook is the pseudocode of section 9.4.
func paethByTheBook(a, b, c int) int {
	p := a + b - c
	pa, pb, pc := max(p-a, a-p), max(p-b, b-p), max(p-c, c-p)
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}

func TestPaethOfAllBytes(t *testing.T) {
	for a := range 256 {
		for b := range 256 {
			for c := range 256 {
				if got, want := paeth(a, b, c), paethByTheBook(a, b, c); got != want {
					t.Fatalf("left %d, up %d, corner %d: got %d, want %d", a, b, c, got, want)
				}
			}
		}
	}
}

// unfilterByTheBook follows table 9.1.
func unfilterByTheBook(filter byte, up, raw []byte, bpp int) []byte {
	cur := make([]byte, len(raw))
	for i, x := range raw {
		a, b, c := 0, int(up[i]), 0
		if i >= bpp {
			a, c = int(cur[i-bpp]), int(up[i-bpp])
		}
		add := [...]int{0, a, b, (a + b) / 2, paethByTheBook(a, b, c)}[filter]
		cur[i] = x + byte(add)
	}
	return cur
}

func TestUnfilter(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for filter := range byte(5) {
		for _, bpp := range []int{1, 2, 3, 4, 6, 8} {
			t.Run(fmt.Sprintf("filter %d, %d bytes a pixel", filter, bpp), func(t *testing.T) {
				for pixels := range 40 {
					n := pixels * bpp
					up, raw, got := make([]byte, n), make([]byte, n), make([]byte, n)
					for i := range n {
						up[i], raw[i] = byte(rnd.Uint32()), byte(rnd.Uint32())
					}
					if err := unfilter(filter, got, up, raw, bpp); err != nil {
						t.Fatal(err)
					}
					if want := unfilterByTheBook(filter, up, raw, bpp); !bytes.Equal(got, want) {
						t.Fatalf("%d pixels: got %x, want %x", pixels, got, want)
					} else if filter == filterPaeth {
						unfilterPaethPlain(got, up, raw, bpp)
						if !bytes.Equal(got, want) {
							t.Fatalf("%d pixels, plainly: got %x, want %x", pixels, got, want)
						}
					}
				}
			})
		}
	}
}

// TestZerosKeepTheRowBefore shows what lets a row of zeros be passed over.
func TestZerosKeepTheRowBefore(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for _, filter := range []byte{filterUp, filterPaeth} {
		up := make([]byte, 60)
		for i := range up {
			up[i] = byte(rnd.Uint32())
		}
		if got := unfilterByTheBook(filter, up, make([]byte, 60), 3); !bytes.Equal(got, up) || !keeps(filter) {
			t.Errorf("filter %d: got %x, want %x", filter, got, up)
		}
	}
}

func BenchmarkUnfilter(b *testing.B) {
	for _, bpp := range []int{1, 3, 4, 6} {
		for filter := range byte(5) {
			b.Run(fmt.Sprintf("filter%d/bpp%d", filter, bpp), func(b *testing.B) {
				rnd := rand.New(rand.NewPCG(1, 1))
				n := 3072 * bpp
				up, raw, cur := make([]byte, n), make([]byte, n), make([]byte, n)
				for i := range n {
					up[i], raw[i] = byte(rnd.Uint32()), byte(rnd.Uint32())
				}
				b.SetBytes(int64(n))
				for b.Loop() {
					if err := unfilter(filter, cur, up, raw, bpp); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
