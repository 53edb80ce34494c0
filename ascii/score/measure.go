package score

import (
	"context"
	"math"
)

// lightness maps linear light to CIE 1976 L*, 0 to 100 (CIE 15:2018).
func lightness(p *plane) *plane {
	o := newPlane(p.width, p.height)
	for i, y := range p.v {
		y = max(0, y)
		if y > 216./24389 {
			o.v[i] = 116*math.Cbrt(y) - 16
		} else {
			o.v[i] = y * 24389 / 27
		}
	}
	return o
}

// tone is the root mean square of the difference in L* from so far away that cells
// run together, after the gain and offset of light that make it least, if they do.
func tone(art, picture *plane) float64 {
	a, p := blur(art, cellHeight/2), blur(picture, cellHeight/2)
	l := lightness(p)
	return min(rms(lightness(a), l), rms(lightness(fitted(a, p)), l))
}

func rms(a, b *plane) float64 {
	var sum float64
	for i, v := range a.v {
		sum += (v - b.v[i]) * (v - b.v[i])
	}
	return math.Sqrt(sum / float64(len(a.v)))
}

// maxGain bounds the gain, up and down, that an eye may adapt by.
const maxGain = 3

// fitted returns a with the gain and offset that bring it nearest to p.
func fitted(a, p *plane) *plane {
	ma, mp := a.mean(), p.mean()
	var aa, ap float64
	for i, v := range a.v {
		aa += (v - ma) * (v - ma)
		ap += (v - ma) * (p.v[i] - mp)
	}
	gain := 1. / maxGain
	if aa > 1e-12*float64(len(a.v)) {
		gain = min(maxGain, max(1./maxGain, ap/aa))
	}
	o := newPlane(a.width, a.height)
	for i, v := range a.v {
		o.v[i] = (v-ma)*gain + mp
	}
	return o
}

// structure is the mean agreement of L* at several blurs. The only error is that of
// ctx.
func structure(ctx context.Context, art, picture *plane, sigmas ...float64) (sum float64, err error) {
	for _, sigma := range sigmas {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		a, p := lightness(blur(art, sigma)), lightness(blur(picture, sigma))
		sum += agreement(a, p, 2*sigma) / float64(len(sigmas))
	}
	return sum, nil
}

// stillness is the variance of L* that counts as none: the constant of SSIM.
const stillness = 9

// agreement is the contrast and structure of SSIM (Wang et al., 2004) in Gaussian
// windows, weighed by how much there is in the picture to agree with.
func agreement(art, picture *plane, sigma float64) float64 {
	ma, mp := blur(art, sigma), blur(picture, sigma)
	aa, pp, ap := blur(product(art, art), sigma), blur(product(picture, picture), sigma), blur(product(art, picture), sigma)
	var sum, weights float64
	for i := range ma.v {
		va, vp := aa.v[i]-ma.v[i]*ma.v[i], pp.v[i]-mp.v[i]*mp.v[i]
		common := ap.v[i] - ma.v[i]*mp.v[i]
		weight := vp + stillness
		sum += weight * (2*common + stillness) / (va + vp + stillness)
		weights += weight
	}
	return sum / weights
}

func product(a, b *plane) *plane {
	o := newPlane(a.width, a.height)
	for i, v := range a.v {
		o.v[i] = v * b.v[i]
	}
	return o
}

// distance is the mean distance in OKLab, times 100, after a blur.
func distance(art, picture raster, sigma float64) float64 {
	var a, p raster
	for i := range a {
		a[i], p[i] = blur(art[i], sigma), blur(picture[i], sigma)
	}
	var sum float64
	for i := range a[0].v {
		l1, a1, b1 := oklab(a[0].v[i], a[1].v[i], a[2].v[i])
		l2, a2, b2 := oklab(p[0].v[i], p[1].v[i], p[2].v[i])
		sum += math.Sqrt((l1-l2)*(l1-l2) + (a1-a2)*(a1-a2) + (b1-b2)*(b1-b2))
	}
	return 100 * sum / float64(len(a[0].v))
}

// oklab maps linear sRGB (Ottosson, 2020).
func oklab(r, g, b float64) (l, a, bb float64) {
	x := math.Cbrt(max(0, 0.4122214708*r+0.5363325363*g+0.0514459929*b))
	y := math.Cbrt(max(0, 0.2119034982*r+0.6806995451*g+0.1073969566*b))
	z := math.Cbrt(max(0, 0.0883024619*r+0.2817188376*g+0.6299787005*b))
	return 0.2104542553*x + 0.7936177850*y - 0.0040720468*z,
		1.9779984951*x - 2.4285922050*y + 0.4505937099*z,
		0.0259040371*x + 0.7827717662*y - 0.8086757660*z
}

// blur is a Gaussian of a deviation in pixels. What is beyond an edge is as on it.
func blur(p *plane, sigma float64) *plane {
	weights := gauss(sigma)
	return convolve(convolve(p, weights).turned(), weights).turned()
}

func gauss(sigma float64) []float64 {
	radius := int(math.Ceil(3 * sigma))
	weights := make([]float64, 2*radius+1)
	var sum float64
	for i := range weights {
		d := float64(i - radius)
		weights[i] = math.Exp(-d * d / (2 * sigma * sigma))
		sum += weights[i]
	}
	for i := range weights {
		weights[i] /= sum
	}
	return weights
}

// convolve weighs each row.
func convolve(p *plane, weights []float64) *plane {
	o := newPlane(p.width, p.height)
	radius := len(weights) / 2
	row := make([]float64, p.width+2*radius)
	for y := range p.height {
		src, dst := p.v[y*p.width:][:p.width], o.v[y*p.width:][:p.width]
		for i := range row {
			row[i] = src[min(max(i-radius, 0), p.width-1)]
		}
		for x := range dst {
			var sum float64
			for i, v := range row[x:][:len(weights)] {
				sum += weights[i] * v
			}
			dst[x] = sum
		}
	}
	return o
}

// turned swaps columns and rows.
func (p *plane) turned() *plane {
	o := newPlane(p.height, p.width)
	for y := range p.height {
		for x, v := range p.v[y*p.width:][:p.width] {
			o.v[x*p.height+y] = v
		}
	}
	return o
}
