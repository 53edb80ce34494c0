package icc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestParseUnderstandsCommonSpaces(t *testing.T) {
	values := [][3]uint8{
		{0, 0, 0}, {255, 255, 255}, {128, 128, 128}, {255, 0, 0}, {0, 255, 0},
		{0, 0, 255}, {200, 100, 50}, {30, 60, 20}, {120, 140, 200}, {250, 240, 230},
	}
	// What LittleCMS 2.19 makes of the same profiles and values, by the relative
	// colorimetric intent without optimisation.
	tests := map[string][][3]uint8{
		"sRGB":                     values,
		"sRGB by samples":          values,
		"sRGB before adaptation":   values, // LittleCMS takes its white for blue; here white is white
		"Display P3":               {{0, 0, 0}, {255, 255, 255}, {128, 128, 128}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {215, 93, 31}, {17, 61, 13}, {115, 141, 205}, {252, 240, 229}},
		"with a hole between tags": {{0, 0, 0}, {255, 255, 255}, {128, 128, 128}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {215, 93, 31}, {17, 61, 13}, {115, 141, 205}, {252, 240, 229}},
		"Adobe RGB (1998)":         {{0, 0, 0}, {255, 255, 255}, {129, 129, 129}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {227, 100, 42}, {0, 57, 7}, {111, 141, 203}, {254, 240, 230}},
		"ProPhoto RGB":             {{0, 0, 0}, {255, 255, 255}, {146, 146, 146}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 80, 47}, {0, 83, 1}, {79, 161, 217}, {255, 241, 234}},
		"Rec. 2020":                {{0, 0, 0}, {255, 255, 255}, {140, 140, 140}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {246, 94, 50}, {7, 78, 28}, {111, 153, 211}, {255, 241, 231}},
		"linear light":             {{0, 0, 0}, {255, 255, 255}, {188, 188, 188}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {229, 168, 122}, {96, 133, 79}, {182, 196, 229}, {253, 248, 244}},
		"two samples":              {{0, 0, 0}, {255, 255, 255}, {188, 188, 188}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {229, 168, 122}, {96, 133, 79}, {182, 196, 229}, {253, 248, 244}},
		"a curve of type 0":        {{0, 0, 0}, {255, 255, 255}, {146, 146, 146}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {210, 119, 65}, {40, 77, 26}, {139, 158, 210}, {251, 243, 235}},
		"a curve of type 1":        {{0, 0, 0}, {255, 255, 255}, {105, 105, 105}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {193, 68, 0}, {0, 6, 0}, {95, 121, 193}, {249, 238, 227}},
		"a curve of type 2":        {{71, 71, 71}, {255, 255, 255}, {125, 125, 125}, {255, 71, 71}, {71, 255, 71}, {71, 71, 255}, {203, 97, 71}, {71, 72, 71}, {117, 138, 203}, {255, 246, 235}},
		"a curve of type 4":        {{105, 105, 105}, {255, 255, 255}, {165, 165, 165}, {255, 105, 105}, {105, 255, 105}, {105, 105, 255}, {216, 146, 121}, {115, 124, 112}, {160, 173, 216}, {252, 245, 237}},
		"grey of exponent 2.2":     {{0, 0, 0}, {255, 255, 255}, {129, 129, 129}, {255, 255, 255}, {0, 0, 0}, {0, 0, 0}, {201, 201, 201}, {24, 24, 24}, {121, 121, 121}, {250, 250, 250}},
		"grey by falling samples":  {{255, 255, 255}, {0, 0, 0}, {187, 187, 187}, {0, 0, 0}, {255, 255, 255}, {255, 255, 255}, {128, 128, 128}, {241, 241, 241}, {192, 192, 192}, {38, 38, 38}},
	}
	for name, profile := range spaces() {
		t.Run(name, func(t *testing.T) {
			p, err := Parse(profile)
			if err != nil {
				t.Fatal(err)
			}
			if isGrey := string(profile[16:20]) == "GRAY"; isGrey {
				checkGreys(t, p, values, tests[name])
				return
			}
			narrow, wide := p.narrow(), p.wide()
			for i, v := range values {
				got, want := triple(narrow.at(v[0], v[1], v[2])), tests[name][i]
				if differ(got, want, 1) {
					t.Errorf("%v of 8 bits: got %v, want %v", v, got, want)
				}
				r, g, b := wide.at(uint16(v[0])*257, uint16(v[1])*257, uint16(v[2])*257)
				if got := triple(rounded(r), rounded(g), rounded(b)); differ(got, want, 1) {
					t.Errorf("%v of 16 bits: got %v, want %v", v, got, want)
				}
			}
		})
	}
}

func checkGreys(t *testing.T, p *Profile, values, want [][3]uint8) {
	t.Helper()
	greys := p.narrow().greys()
	for i, v := range values {
		if got := greys[v[0]]; distance(int(got), int(want[i][0])) > 1 {
			t.Errorf("grey %d: got %d, want %d", v[0], got, want[i][0])
		}
	}
}

func triple(r, g, b uint8) [3]uint8 { return [3]uint8{r, g, b} }
func rounded(v uint16) uint8        { return uint8((uint32(v) + 128) / 257) }

func differ(a, b [3]uint8, tolerance int) bool {
	for i := range a {
		if distance(int(a[i]), int(b[i])) > tolerance {
			return true
		}
	}
	return false
}

// TestTablesAreExact holds both tables against floating-point numbers.
func TestTablesAreExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, profile := range spaces() {
		p, err := Parse(profile)
		if err != nil {
			t.Fatal(err)
		}
		narrow, wide := p.narrow(), p.wide()
		for range 10_000 {
			v := vector{random.Float64(), random.Float64(), random.Float64()}
			if i := random.IntN(6); i < 3 {
				v[i] = v[i] * v[i] * v[i] // more of the dark ones
			}
			checkNarrow(t, name, p, narrow, v)
			checkWide(t, name, p, wide, v)
		}
		if t.Failed() {
			return
		}
	}
}

func checkNarrow(t *testing.T, name string, p *Profile, table *narrow, v vector) {
	t.Helper()
	r, g, b := uint8(v[0]*255), uint8(v[1]*255), uint8(v[2]*255)
	want := exact(p, vector{float64(r) / 255, float64(g) / 255, float64(b) / 255})
	x, y, z := table.at(r, g, b)
	for i, got := range []uint8{x, y, z} {
		if math.Abs(float64(got)-255*want[i]) > 0.53 { // rounding, and a little of light
			t.Fatalf("%s: %d %d %d: got %d in channel %d, want %.3f", name, r, g, b, got, i, 255*want[i])
		}
	}
}

func checkWide(t *testing.T, name string, p *Profile, table *wide, v vector) {
	t.Helper()
	r, g, b := uint16(v[0]*0xffff), uint16(v[1]*0xffff), uint16(v[2]*0xffff)
	want := exact(p, vector{float64(r) / 0xffff, float64(g) / 0xffff, float64(b) / 0xffff})
	x, y, z := table.at(r, g, b)
	for i, got := range []uint16{x, y, z} {
		if math.Abs(float64(got)-0xffff*want[i]) > 3 {
			t.Fatalf("%s: %d %d %d: got %d in channel %d, want %.3f", name, r, g, b, got, i, 0xffff*want[i])
		}
	}
}

// exact is what the tables stand for.
func exact(p *Profile, v vector) (out vector) {
	for i := range v {
		v[i] = p.curves[i].at(v[i])
	}
	light := p.matrix.apply(v)
	for i := range out {
		out[i] = encode(unit(light[i]))
	}
	return out
}

func TestIsSRGB(t *testing.T) {
	same := []string{"sRGB", "sRGB by samples", "sRGB before adaptation"}
	for name, profile := range spaces() {
		p, err := Parse(profile)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := p.IsSRGB(), slices.Contains(same, name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestSRGBStaysAsItIs(t *testing.T) {
	p, err := Parse(rgb(srgbD50, srgbPara).bytes())
	if err != nil {
		t.Fatal(err)
	}
	greys := p.narrow().greys()
	for v, got := range greys {
		if int(got) != v {
			t.Errorf("%d became %d", v, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	good := rgb(displayP3, srgbPara).bytes()
	curved := func(curve []byte) []byte { return rgb(displayP3, curve).bytes() }
	changed := func(at int, b ...byte) []byte {
		p := bytes.Clone(good)
		copy(p[at:], b)
		return p
	}
	inSpace := func(space, pcs string) []byte {
		return builder{space: space, pcs: pcs, tags: []tag{{"A2B0", []byte("mft2")}}}.bytes()
	}
	tests := map[string]struct {
		profile     []byte
		unsupported bool
	}{
		"nothing":                       {nil, false},
		"a header alone":                {good[:headerSize], false},
		"no mark":                       {changed(36, 'A'), false},
		"more than allowed":             {append(bytes.Clone(good), make([]byte, MaxSize)...), false},
		"more tags than fit":            {changed(headerSize, 0, 0, 0, 200), false},
		"four thousand million tags":    {changed(headerSize, 0xff, 0xff, 0xff, 0xff), false},
		"a tag outside":                 {changed(headerSize+4+tagSize+4, 0xff, 0xff, 0xff, 0xff), false},
		"a tag that wraps around":       {changed(headerSize+4+tagSize+4, 0, 0, 0, 200, 0xff, 0xff, 0xff, 0xff), false},
		"CMYK":                          {inSpace("CMYK", "Lab "), true},
		"Lab":                           {inSpace("RGB ", "Lab "), true},
		"a device link":                 {inSpace("RGB ", "RGB "), true},
		"colours by a table":            {inSpace("RGB ", "XYZ "), true},
		"grey without a curve":          {builder{space: "GRAY", pcs: "XYZ "}.bytes(), true},
		"a primary that is none":        {rgbWith("gXYZ", []byte("text\x00\x00\x00\x00rubbish")), false},
		"a curve of an unknown type":    {curved([]byte("wave\x00\x00\x00\x00\x00\x00\x00\x00")), true},
		"a parametric curve of type 5":  {curved(para(5, 1, 1, 1, 1, 1, 1, 1)), true},
		"a parametric curve cut off":    {curved(para(4, 1, 1)), false},
		"a curve cut off":               {curved([]byte("curv\x00\x00\x00\x00")), false},
		"a curve of a lying length":     {curved([]byte("curv\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00")), false},
		"samples without end":           {curved([]byte("curv\x00\x00\x00\x00\xff\xff\xff\xff\x00\x00")), false},
		"primaries of nothing":          {rgb([3][3]float64{}, srgbPara).bytes(), false},
		"primaries with a negative sum": {rgb([3][3]float64{{-1, -1, -1}, {-1, -2, -1}, {-1, -1, -2}}, srgbPara).bytes(), false},
		"primaries beyond all sense":    {rgb([3][3]float64{{32000, -32000, 0}, {-31999, 32001, 0}, {0, 0, 1}}, srgbPara).bytes(), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := Parse(tt.profile)
			if err == nil {
				t.Fatalf("got %v", p)
			}
			if got := errors.Is(err, ErrUnsupported); got != tt.unsupported {
				t.Errorf("unsupported: got %v, want %v (%v)", got, tt.unsupported, err)
			}
		})
	}
}

// rgbWith has one tag of Display P3 replaced.
func rgbWith(signature string, data []byte) []byte {
	b := rgb(displayP3, srgbPara)
	i := slices.IndexFunc(b.tags, func(t tag) bool { return t.signature == signature })
	b.tags[i].data = data
	return b.bytes()
}

func TestFromPNG(t *testing.T) {
	p3 := [8]uint32{31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000}
	wideD50 := [8]uint32{34567, 35850, 73469, 26531, 15960, 84040, 3660, 10} // ProPhoto's, under its own white
	tests := map[string]struct {
		gamma        uint32
		chromaticity [8]uint32
		value, want  [3]uint8
		same         bool // as sRGB
	}{
		"nothing told":          {0, [8]uint32{}, [3]uint8{200, 100, 50}, [3]uint8{200, 100, 50}, true},
		"gamma of sRGB":         {45455, [8]uint32{}, [3]uint8{200, 100, 50}, [3]uint8{200, 100, 50}, true},
		"gamma near it":         {45000, [8]uint32{}, [3]uint8{30, 3, 1}, [3]uint8{30, 3, 1}, true},
		"all of sRGB":           {45455, srgbChromaticity, [3]uint8{200, 100, 50}, [3]uint8{200, 100, 50}, true},
		"light":                 {100000, [8]uint32{}, [3]uint8{200, 100, 50}, [3]uint8{229, 168, 122}, false},
		"an old Macintosh":      {55556, [8]uint32{}, [3]uint8{200, 100, 50}, [3]uint8{210, 119, 65}, false},
		"primaries of P3":       {0, p3, [3]uint8{200, 100, 50}, [3]uint8{215, 93, 31}, false},
		"P3 by its exponent":    {45455, p3, [3]uint8{255, 255, 255}, [3]uint8{255, 255, 255}, false},
		"ProPhoto, white is so": {55556, wideD50, [3]uint8{128, 128, 128}, [3]uint8{146, 146, 146}, false},
		"ProPhoto":              {55556, wideD50, [3]uint8{120, 140, 200}, [3]uint8{79, 161, 217}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := FromPNG(tt.gamma, tt.chromaticity)
			if err != nil {
				t.Fatal(err)
			}
			if got := triple(p.narrow().at(tt.value[0], tt.value[1], tt.value[2])); differ(got, tt.want, 1) {
				t.Errorf("%v: got %v, want %v", tt.value, got, tt.want)
			}
			if got := p.IsSRGB(); got != tt.same {
				t.Errorf("as sRGB: got %v, want %v", got, tt.same)
			}
		})
	}
}

func TestFromPNGRefuses(t *testing.T) {
	tests := map[string]struct {
		gamma        uint32
		chromaticity [8]uint32
	}{
		"an exponent of nearly nothing": {1, [8]uint32{}},
		"an exponent beyond all":        {math.MaxUint32, [8]uint32{}},
		"white without luminance":       {0, [8]uint32{31270, 0, 64000, 33000, 30000, 60000, 15000, 6000}},
		"a primary without luminance":   {0, [8]uint32{31270, 32900, 64000, 0, 30000, 60000, 15000, 6000}},
		"all primaries the same":        {0, [8]uint32{31270, 32900, 1, 1, 1, 1, 1, 1}},
		"white of no colour":            {0, [8]uint32{1, 100000, 64000, 33000, 30000, 60000, 15000, 6000}},
	}
	for name, tt := range tests {
		if p, err := FromPNG(tt.gamma, tt.chromaticity); err == nil {
			t.Errorf("%s: got %v", name, p)
		}
	}
}

// FuzzParse checks that no profile panics, and that tables of what is accepted
// are within their bounds.
func FuzzParse(f *testing.F) {
	for _, profile := range spaces() {
		if len(profile) < 1000 { // long ones only slow down
			f.Add(profile)
		}
	}
	f.Add(rgb(adobeRGB, curv(1, 2, 3)).bytes())
	f.Fuzz(func(t *testing.T, profile []byte) {
		p, err := Parse(profile)
		if err != nil {
			return
		}
		for _, c := range p.curves {
			for i := range 65 {
				if v := c.at(float64(i) / 64); !(v >= 0 && v <= 1) {
					t.Fatalf("%v leads %d/64 to %v", c, i, v)
				}
			}
		}
		src := image.NewNRGBA(image.Rect(0, 0, 3, 1))
		src.Set(0, 0, color.NRGBA{255, 0, 127, 3})
		src.Set(1, 0, color.NRGBA{255, 255, 255, 255})
		if got := p.Convert(src); got.Bounds() != src.Rect {
			t.Fatalf("got bounds %v", got.Bounds())
		}
	})
}

// FuzzFromPNG checks that no chunks panic, and that white stays white.
func FuzzFromPNG(f *testing.F) {
	f.Add(uint32(45455), make([]byte, 32))
	f.Add(uint32(0), binary.BigEndian.AppendUint32(make([]byte, 28), 6000))
	f.Fuzz(func(t *testing.T, gamma uint32, cHRM []byte) {
		if len(cHRM) != 32 {
			return
		}
		var xy [8]uint32
		for i := range xy {
			xy[i] = binary.BigEndian.Uint32(cHRM[4*i:])
		}
		p, err := FromPNG(gamma, xy)
		if err != nil {
			return
		}
		if got := triple(p.narrow().at(255, 255, 255)); differ(got, [3]uint8{255, 255, 255}, 1) {
			t.Fatalf("white became %v by %v", got, p.matrix)
		}
	})
}
