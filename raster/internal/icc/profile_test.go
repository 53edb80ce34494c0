package icc

import (
	"bytes"
	"encoding/binary"
	"math"
)

// builder makes profiles as programs write them.
type builder struct {
	space, pcs string
	tags       []tag
}

type tag struct {
	signature string
	data      []byte
}

// rgb has the primaries, red, green and blue as XYZ adapted to D50, and one curve.
func rgb(primaries [3][3]float64, curve []byte) builder {
	b := builder{space: "RGB ", pcs: "XYZ "}
	for i, name := range []string{"r", "g", "b"} {
		b.tags = append(b.tags, tag{name + "XYZ", xyzTag(primaries[i])}, tag{name + "TRC", curve})
	}
	return b
}

func grey(curve []byte) builder {
	return builder{space: "GRAY", pcs: "XYZ ", tags: []tag{{"kTRC", curve}}}
}

func (b builder) bytes() []byte {
	out := append([]byte(nil), make([]byte, headerSize)...)
	copy(out[8:], "\x02\x40\x00\x00mntr")
	copy(out[16:], b.space)
	copy(out[20:], b.pcs)
	copy(out[36:], "acsp")
	copy(out[68:], "\x00\x00\xf6\xd6\x00\x01\x00\x00\x00\x00\xd3\x2d") // D50
	tags := append([]tag{{"wtpt", xyzTag([3]float64{0.9642, 1, 0.8249})}}, b.tags...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(tags)))
	at := len(out) + tagSize*len(tags)
	var data []byte
	for _, t := range tags {
		out = append(out, t.signature...)
		out = binary.BigEndian.AppendUint32(out, uint32(at+len(data)))
		out = binary.BigEndian.AppendUint32(out, uint32(len(t.data)))
		data = append(data, t.data...)
		data = append(data, make([]byte, -len(data)&3)...)
	}
	out = append(out, data...)
	binary.BigEndian.PutUint32(out, uint32(len(out)))
	return out
}

func xyzTag(v [3]float64) []byte {
	return fixedNumbers([]byte("XYZ \x00\x00\x00\x00"), v[:]...)
}

// para is a parametricCurveType.
func para(kind uint8, parameters ...float64) []byte {
	return fixedNumbers([]byte{'p', 'a', 'r', 'a', 0, 0, 0, 0, 0, kind, 0, 0}, parameters...)
}

// curv is a curveType.
func curv(values ...uint16) []byte {
	b := binary.BigEndian.AppendUint32([]byte("curv\x00\x00\x00\x00"), uint32(len(values)))
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	return b
}

// exponent is a curveType of one number.
func exponent(g float64) []byte { return curv(uint16(math.Round(g * 256))) }

// sampled is a curveType of n samples of a function.
func sampled(n int, at func(float64) float64) []byte {
	values := make([]uint16, n)
	for i := range values {
		values[i] = uint16(math.Round(at(float64(i)/float64(n-1)) * 0xffff))
	}
	return curv(values...)
}

func fixedNumbers(b []byte, numbers ...float64) []byte {
	for _, v := range numbers {
		b = binary.BigEndian.AppendUint32(b, uint32(int32(math.Round(v*(1<<16)))))
	}
	return b
}

// The primaries that the makers of these spaces publish, adapted to D50.
var (
	srgbD50     = [3][3]float64{{0.43607, 0.22249, 0.01392}, {0.38515, 0.71687, 0.09708}, {0.14307, 0.06061, 0.71410}}
	displayP3   = [3][3]float64{{0.51512, 0.24120, -0.00105}, {0.29198, 0.69225, 0.04189}, {0.15710, 0.06657, 0.78407}}
	adobeRGB    = [3][3]float64{{0.60974, 0.31111, 0.01947}, {0.20528, 0.62567, 0.06087}, {0.14919, 0.06322, 0.74457}}
	proPhotoRGB = [3][3]float64{{0.79767, 0.28804, 0}, {0.13519, 0.71187, 0}, {0.03134, 0.00009, 0.82491}}
	rec2020     = [3][3]float64{{0.67348, 0.27904, -0.00193}, {0.16566, 0.67535, 0.02998}, {0.12505, 0.04561, 0.79686}}
	srgbPara    = para(3, 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045)
	rec2020Para = para(4, 1/0.45, 1/1.0993, 0.0993/1.0993, 1/4.5, 0.0812, 0, 0)
	proPhotoTab = sampled(1024, func(v float64) float64 {
		if v < 1./32 {
			return v / 16
		}
		return math.Pow(v, 1.8)
	})
)

// spaces are profiles by the names of what they describe.
func spaces() map[string][]byte {
	return map[string][]byte{
		"sRGB":                     rgb(srgbD50, srgbPara).bytes(),
		"sRGB by samples":          rgb(srgbD50, sampled(1024, srgb.at)).bytes(),
		"Display P3":               rgb(displayP3, srgbPara).bytes(),
		"Adobe RGB (1998)":         rgb(adobeRGB, exponent(2.19921875)).bytes(),
		"ProPhoto RGB":             rgb(proPhotoRGB, proPhotoTab).bytes(),
		"Rec. 2020":                rgb(rec2020, rec2020Para).bytes(),
		"linear light":             rgb(srgbD50, curv()).bytes(),
		"a curve of type 0":        rgb(srgbD50, para(0, 1.8)).bytes(),
		"a curve of type 1":        rgb(srgbD50, para(1, 2, 1.25, -0.25)).bytes(),
		"a curve of type 2":        rgb(srgbD50, para(2, 2, 1.25, -0.25, 0.0625)).bytes(),
		"a curve of type 4":        rgb(srgbD50, para(4, 2, 0.875, 0.0625, 0.25, 0.25, 0.125, 0.1416)).bytes(),
		"two samples":              rgb(srgbD50, curv(0, 0xffff)).bytes(),
		"grey of exponent 2.2":     grey(exponent(2.19921875)).bytes(),
		"grey by falling samples":  grey(sampled(16, func(v float64) float64 { return 1 - v })).bytes(),
		"sRGB before adaptation":   rgb([3][3]float64{{0.41239, 0.21264, 0.01933}, {0.35758, 0.71517, 0.11919}, {0.18048, 0.07219, 0.95053}}, srgbPara).bytes(),
		"with a hole between tags": append(rgb(displayP3, srgbPara).bytes(), make([]byte, 100)...),
	}
}

// jpegWith is the start of a JPEG file with the given APP2 segments.
func jpegWith(segments ...[]byte) []byte {
	b := bytes.NewBufferString("\xff\xd8\xff\xe0\x00\x04JF")
	for _, s := range segments {
		b.WriteString("\xff\xff\xe2") // a fill byte is allowed
		b.Write(binary.BigEndian.AppendUint16(nil, uint16(len(s)+2)))
		b.Write(s)
	}
	b.WriteString("\xff\xda\x00\x08")
	return b.Bytes()
}

func part(number, count uint8, data []byte) []byte {
	return append(append([]byte("ICC_PROFILE\x00"), number, count), data...)
}
