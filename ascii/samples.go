package ascii

import "context"

// light is the light of a picture in linear primaries from 0 to 1, averaged over
// the boxes of a grid. Where the picture is transparent it shows its ground.
type light struct {
	width, height int
	r, g, b       []float32 // height × width, row by row
	a             []float32 // opacity; nil: opaque
}

// turn turns all planes.
func (l *light) turn(t turn) {
	for _, p := range []*[]float32{&l.r, &l.g, &l.b, &l.a} {
		*p = t.apply(*p, l.width, l.height)
	}
	if t.quarters%2 == 1 {
		l.width, l.height = l.height, l.width
	}
}

// luminance weighs the primaries as the eye does.
func (l *light) luminance() []float32 {
	y := make([]float32, len(l.r))
	const red, green, blue = float32(redLight) / one, float32(greenLight) / one, float32(blueLight) / one
	for i := range y {
		y[i] = float32(red*l.r[i]) + float32(green*l.g[i]) + float32(blue*l.b[i])
	}
	return y
}

// plane is one number for each box of a grid.
type plane struct {
	width, height int
	pix           []float32 // height × width, row by row
}

// sampleLight averages the colours of a picture over a grid. Transparency is kept:
// the light is yet without any ground.
func sampleLight(ctx context.Context, s source, width, height int) (*light, error) {
	img := s.pixels()
	planes := alphaPlane
	if !isOpaque(img) {
		planes++
	}
	p, err := samplePlanes(ctx, s, colorReader(img, planes > alphaPlane), planes, width, height)
	if err != nil {
		return nil, err
	}
	l := &light{width: width, height: height, r: p[redPlane], g: p[greenPlane], b: p[bluePlane]}
	if planes > alphaPlane {
		l.a = p[alphaPlane]
	}
	return l, nil
}

// sampleGray averages the luminance of a picture over a grid, which is faster than
// its colours. The opacity is nil where the picture is opaque.
func sampleGray(ctx context.Context, s source, width, height int) (y, alpha []float32, err error) {
	img := s.pixels()
	if isOpaque(img) {
		p, err := samplePlanes(ctx, s, lightReader(img), 1, width, height)
		if err != nil {
			return nil, nil, err
		}
		return p[0], nil, nil
	}
	p, err := samplePlanes(ctx, s, lightAndAlphaReader(img), 2, width, height)
	if err != nil {
		return nil, nil, err
	}
	return p[0], p[1], nil
}

// samplePlanes averages what read reads of the pixels of a source over a grid. The only error
// is that of ctx.
func samplePlanes(ctx context.Context, src source, read planesReader, planes, width, height int) ([][]float32, error) {
	across, down := src.sides()
	s := newSampler(read, planes, across, down, width, height)
	out := makePlanes[float32](planes, width*height)
	unit := 1 / (float64(s.full()) * one)
	for y := range height {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for p, sums := range s.row(y) {
			row := out[p][y*width:][:width]
			for x, sum := range sums {
				row[x] = float32(float64(int64(sum)) * unit) // signed numbers convert faster
			}
		}
	}
	return out, nil
}
