package png

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
)

// spec says what picture to generate.
type spec struct {
	width, height, depth int
	colour               ColorType
	interlaced           bool
	filter               byte // of all rows; filterAny for another one each
	palette              int  // number of colours
	transparency         bool
	like                 float64 // how many rows are like the one before
}

const filterAny = 5

// generate makes a file with random pixels.
func (s spec) generate(rnd *rand.Rand) []byte { return s.file(s.rows(rnd), rnd) }

// file makes a file of filtered rows.
func (s spec) file(rows []byte, rnd *rand.Rand) []byte {
	ihdr := binary.BigEndian.AppendUint32(nil, uint32(s.width))
	ihdr = binary.BigEndian.AppendUint32(ihdr, uint32(s.height))
	ihdr = append(ihdr, byte(s.depth), byte(s.colour), 0, 0, 0)
	if s.interlaced {
		ihdr[12] = 1
	}
	file := chunk([]byte(signature), "IHDR", ihdr)
	if s.colour == Paletted {
		file = chunk(file, "PLTE", randomBytes(rnd, 3*s.palette))
	}
	if s.transparency {
		file = chunk(file, "tRNS", s.transparent(rnd))
	}
	data := deflated(rows)
	for len(data) > 0 { // several chunks, some of them empty
		n := min(len(data), rnd.IntN(len(data)+100))
		file = chunk(file, "IDAT", data[:n])
		data = data[n:]
	}
	return chunk(file, "IEND", nil)
}

func (s spec) transparent(rnd *rand.Rand) []byte {
	switch s.colour {
	case Paletted:
		return randomBytes(rnd, 1+rnd.IntN(s.palette))
	case TrueColor:
		return []byte{0, 3, 0, 3, 0, 3}
	}
	return []byte{0, 1}
}

// rows gives the filtered data. Values are mostly few, so that transparent ones occur.
func (s spec) rows(rnd *rand.Rand) []byte {
	c := Config{Width: s.width, Height: s.height, Depth: s.depth, Color: s.colour, Interlaced: s.interlaced}
	var all []byte
	for _, p := range c.passes() {
		width := (s.width - p.x + p.dx - 1) / p.dx
		if width <= 0 {
			continue
		}
		bpp := max(1, c.bitsPerPixel()/8)
		up := make([]byte, c.rowBytes(width))
		for y := p.y; y < s.height; y += p.dy {
			cur := randomBytes(rnd, len(up))
			switch {
			case rnd.Float64() < s.like:
				copy(cur, up)
			case rnd.IntN(2) == 0:
				for i := range cur {
					cur[i] &= 3
				}
			}
			filter := s.filter
			if filter == filterAny {
				filter = byte(rnd.IntN(5))
			}
			all = append(append(all, filter), filterByTheBook(filter, cur, up, bpp)...)
			up = cur
		}
	}
	return all
}

// filterByTheBook follows table 9.1.
func filterByTheBook(filter byte, cur, up []byte, bpp int) []byte {
	raw := make([]byte, len(cur))
	for i, x := range cur {
		a, b, c := 0, int(up[i]), 0
		if i >= bpp {
			a, c = int(cur[i-bpp]), int(up[i-bpp])
		}
		raw[i] = x - byte([...]int{0, a, b, (a + b) / 2, paethByTheBook(a, b, c)}[filter])
	}
	return raw
}

func randomBytes(rnd *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
	return b
}

func chunk(file []byte, kind string, body []byte) []byte {
	file = binary.BigEndian.AppendUint32(file, uint32(len(body)))
	at := len(file)
	file = append(append(file, kind...), body...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(file[at:]))
}

func deflated(data []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write(data) // a Buffer takes all
	_ = w.Close()
	return b.Bytes()
}

// kinds are all colour types with all depths that they may have, with and without
// transparency.
func kinds() []spec {
	var all []spec
	for colour, depths := range map[ColorType][]int{
		Gray: {1, 2, 4, 8, 16}, TrueColor: {8, 16}, Paletted: {1, 2, 4, 8}, GrayAlpha: {8, 16}, TrueAlpha: {8, 16},
	} {
		for _, depth := range depths {
			s := spec{colour: colour, depth: depth, palette: min(1<<depth, 200), filter: filterAny, like: 0.2}
			all = append(all, s)
			if colour == Gray || colour == TrueColor || colour == Paletted {
				s.transparency = true
				s.palette = max(1, s.palette-1) // indexes beyond it occur
				all = append(all, s)
			}
		}
	}
	return all
}
