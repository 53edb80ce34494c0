package load

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	mathrand "math/rand/v2"
	"slices"
)

// Picture is a JPEG or PNG file that is uploaded again and again. Servers store the
// same bytes once, so each time a comment is put in that makes it a new one.
type Picture struct {
	file []byte
	at   int // where the comment goes
	mark func(text string) []byte
}

// NewPicture returns the picture in a file.
func NewPicture(file []byte) (Picture, error) {
	const header = 33 // of a PNG: its signature, and the chunk IHDR (PNG, section 5)
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")):
		return Picture{file, 2, jpegComment}, nil
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")) && len(file) > header:
		return Picture{file, header, pngText}, nil
	}
	return Picture{}, errors.New("it is neither JPEG nor PNG; only these can be made new for each upload")
}

// fresh returns the file as it never was before.
func (p Picture) fresh() []byte {
	return slices.Concat(p.file[:p.at], p.mark(rand.Text()), p.file[p.at:])
}

// jpegComment is a COM segment (ITU-T T.81, section B.2.4.5).
func jpegComment(text string) []byte {
	length := binary.BigEndian.AppendUint16([]byte{0xff, 0xfe}, uint16(2+len(text)))
	return append(length, text...)
}

// pngText is a chunk tEXt (PNG, sections 5.3 and 11.3.3.2).
func pngText(text string) []byte {
	typed := "tEXtComment\x00" + text
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(typed)-4))
	chunk = append(chunk, typed...)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE([]byte(typed)))
}

// photoQuality is that of many cameras and sites.
const photoQuality = 88

// Photo makes a JPEG that costs about what a photograph of that size does: light and
// colours that change slowly, and detail that is the weaker the finer it is. The same
// seed gives the same.
func Photo(width, height int, seed uint64) (Picture, error) {
	if width < 1 || height < 1 || width > 1<<14 || height > 1<<14 {
		return Picture{}, errors.New("a picture is 1 to 16384 pixels wide and high")
	}
	rng := mathrand.New(mathrand.NewPCG(seed, 0)) //nolint:gosec // a picture need not be hard to guess
	light, blue, red := newTexture(rng, 9), newTexture(rng, 3), newTexture(rng, 3)
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio444)
	scale := 1 / float64(max(width, height))
	for y := range height {
		for x := range width {
			u, v := float64(x)*scale, float64(y)*scale
			i := img.YOffset(x, y)
			img.Y[i], img.Cb[i], img.Cr[i] = level(light.at(u, v)), level(blue.at(u, v)/2), level(red.at(u, v)/2)
		}
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, rgb{img}, &jpeg.Options{Quality: photoQuality}); err != nil {
		return Picture{}, err
	}
	return NewPicture(file.Bytes())
}

// rgb keeps the encoder from taking the colours as they are stored, so that it halves
// their resolution as it does those of photographs.
type rgb struct{ *image.YCbCr }

func (p rgb) ColorModel() color.Model { return color.RGBAModel }

// level makes a sample of a value of about -1 to 1.
func level(v float64) uint8 { return uint8(min(max(128+110*v, 0), 255)) }

// texture is value noise: random values on finer and finer grids, smoothed between
// their points.
type texture [][]float64 // of each octave, a grid of side² values

const side = 64 // of a grid, which repeats

func newTexture(rng *mathrand.Rand, octaves int) texture {
	t := make(texture, octaves)
	for i := range t {
		t[i] = make([]float64, side*side)
		for j := range t[i] {
			t[i][j] = 2*rng.Float64() - 1
		}
	}
	return t
}

// at is the sum of all octaves, each with a share of the strength of the one before, as
// natural images have it: D. Ruderman, "The statistics of natural images" (1994).
func (t texture) at(u, v float64) float64 {
	sum, strength, frequency := 0.0, 0.5, 4.0
	for _, grid := range t {
		sum += strength * smooth(grid, u*frequency, v*frequency)
		strength *= 0.72
		frequency *= 2
	}
	return sum
}

func smooth(grid []float64, x, y float64) float64 {
	x0, y0 := math.Floor(x), math.Floor(y)
	at := func(dx, dy int) float64 { return grid[(int(y0)+dy)%side*side+(int(x0)+dx)%side] }
	wx, wy := ease(x-x0), ease(y-y0)
	top := at(0, 0) + wx*(at(1, 0)-at(0, 0))
	bottom := at(0, 1) + wx*(at(1, 1)-at(0, 1))
	return top + wy*(bottom-top)
}

// ease goes from 0 to 1 without a corner at either end.
func ease(t float64) float64 { return t * t * (3 - 2*t) }
