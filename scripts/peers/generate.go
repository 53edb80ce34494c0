//go:build linux

package main

import (
	"bufio"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"io"
	"math"
	"math/rand/v2"
)

// textures are tiles that cost a decoder about what photographs do: slow waves, fast
// waves of less strength, as natural pictures have them, and noise.
func textures() []image.Image {
	var all []image.Image
	for seed := range uint64(8) {
		all = append(all, texture(rand.New(rand.NewPCG(seed, 4)))) //nolint:gosec // the same each time
	}
	return all
}

func texture(random *rand.Rand) image.Image {
	type wave struct{ x, y, phase, strength float64 }
	var waves [24]wave
	for i := range waves {
		frequency := math.Exp2(float64(i)/3) / 100 // radians a pixel, over eight octaves
		angle := random.Float64() * 2 * math.Pi
		waves[i] = wave{frequency * math.Cos(angle), frequency * math.Sin(angle), random.Float64() * 2 * math.Pi, 0.3 / (1 + 100*frequency)}
	}
	img := image.NewRGBA(image.Rect(0, 0, tileWidth, tileHeight))
	for y := range tileHeight {
		for x := range tileWidth {
			light := 0.5 + random.NormFloat64()*0.015
			for _, w := range waves {
				light += w.strength * math.Sin(w.x*float64(x)+w.y*float64(y)+w.phase)
			}
			warm := 30 * math.Sin(waves[3].x*float64(x)+waves[4].y*float64(y))
			img.SetRGBA(x, y, color.RGBA{level(255*light + warm), level(255 * light), level(255*light - warm), 255})
		}
	}
	return img
}

func level(v float64) uint8 { return uint8(min(max(v, 0), 255)) }

// oneColour writes a square RGB PNG row by row: as an image, one of 30000 pixels each
// way would take 2.7 GB.
func oneColour(w io.Writer, side int) error {
	if _, err := io.WriteString(w, "\x89PNG\r\n\x1a\n"); err != nil {
		return err
	}
	header := binary.BigEndian.AppendUint32(nil, uint32(side))
	header = binary.BigEndian.AppendUint32(header, uint32(side))
	header = append(header, 8, 2, 0, 0, 0) // 8 bits, RGB, deflate, adaptive filters, not interlaced
	if err := chunk(w, "IHDR", header); err != nil {
		return err
	}
	data := bufio.NewWriterSize(dataChunks{w}, 1<<16)
	packed, err := zlib.NewWriterLevel(data, zlib.BestSpeed)
	if err != nil {
		return err
	}
	row := make([]byte, 1+3*side)
	for i := range row[1:] {
		row[1+i] = 120
	}
	for range side {
		if _, err := packed.Write(row); err != nil {
			return err
		}
	}
	return errors.Join(packed.Close(), data.Flush(), chunk(w, "IEND", nil))
}

// dataChunks makes an IDAT chunk of each write.
type dataChunks struct{ w io.Writer }

// Write implements [io.Writer].
func (d dataChunks) Write(p []byte) (int, error) { return len(p), chunk(d.w, "IDAT", p) }

// chunk writes one chunk: PNG, third edition, section 5.3.
func chunk(w io.Writer, kind string, data []byte) error {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
	_, err := w.Write(b)
	return err
}
