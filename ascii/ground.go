package ascii

import "math"

// ground is a colour that shows through a picture, in linear light.
type ground struct{ light, red, green, blue float32 }

func groundOf(c RGB) *ground {
	linear := linear8() // and not that of 16 bits, which takes longer to make than many a drawing
	r, g, b := linear[c.R], linear[c.G], linear[c.B]
	light := scale(r, redLight) + scale(g, greenLight) + scale(b, blueLight)
	return &ground{light: float32(light) / one, red: float32(r) / one, green: float32(g) / one, blue: float32(b) / one}
}

// leastContrast is how far the mean lightness of what is opaque must be from the
// lightness of the page, on a scale of 0 to 1, to be drawn on it. The darkest
// colours of logos (navy is 0.13, maroon 0.2) are not; photographs, whose mean is
// near 0.4, and pure red (0.46) are.
const leastContrast = 0.3

// chooseGround decides once what shows through, from the light without a ground
// and the opacity of the first frame. An animation whose ground changed halfway
// would flash.
func (d *drawing) chooseGround(luminance func() []float32, alpha []float32) {
	if d.ground != nil {
		return
	}
	d.ground = groundOf(d.page.Ground)
	if alpha == nil || d.Alpha != "" && d.Alpha != "auto" {
		return
	}
	mean, ok := opaqueLightness(luminance(), alpha)
	if !ok || math.Abs(mean-float64(lightness(d.ground.light))) >= leastContrast {
		return
	}
	opposite := RGB{}
	if mean < 0.5 {
		opposite = RGB{255, 255, 255}
	}
	d.ground = groundOf(opposite)
}

// lightness is the square root of light: near to how the eye sees it (CIE 1976 L*
// is a cube root with a linear foot, sRGB a power of about 1/2.2), and, other than
// those, the same to the last bit on every machine.
func lightness(light float32) float32 { return float32(math.Sqrt(float64(max(0, light)))) }

// opaqueLightness is the mean lightness of a picture, weighted by opacity. It is not
// ok for what is opaque or transparent everywhere. As the light is already less by
// the opacity, √(y/a)·a is √(y·a).
func opaqueLightness(y, alpha []float32) (mean float64, ok bool) {
	var sum, weight float64
	for i, a := range alpha {
		sum += float64(lightness(y[i] * a))
		weight += float64(a)
	}
	if weight < 1e-6 || weight > float64(len(alpha))-1e-6 {
		return 0, false
	}
	return sum / weight, true
}

// layOver shows a ground where light is transparent.
func layOver(light, alpha []float32, ground float32) {
	for i, a := range alpha {
		light[i] += float32(ground * (1 - a))
	}
}

// clearTransparent makes cells that are mostly transparent spaces of the page, if
// that is what transparency becomes.
func (d *drawing) clearTransparent(cells []Cell, alpha plane) {
	if d.Alpha != "spaces" || alpha.pix == nil {
		return
	}
	for i, opacity := range alpha.cells(d.cols, d.rows) {
		if opacity < 0.5 {
			cells[i] = Cell{Rune: ' '}
		}
	}
}

// cells averages a plane over cells that each have the same whole number of samples.
func (p plane) cells(cols, rows int) []float32 {
	sx, sy := p.width/cols, p.height/rows
	means := make([]float32, cols*rows)
	for y := range rows * sy {
		row := p.pix[y*p.width:][:p.width]
		for x, v := range row {
			means[y/sy*cols+x/sx] += v
		}
	}
	for i := range means {
		means[i] /= float32(sx * sy)
	}
	return means
}
