package vp8

// Kinds of blocks, each with probabilities of its own (RFC 6386, section 13.3).
const (
	lumaAC      = iota // luma whose DC coefficients are in the block of second order
	secondOrder        // the DC coefficients of the luma of a macroblock
	chroma
	luma
	planes
)

const (
	bands      = 8
	contexts   = 3
	tokenNodes = 11
)

// positionBands gives the band of each coefficient (section 13.3). The entry past the
// last coefficient is pointed at, but never read.
var positionBands = [17]uint8{0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 7}

// zigzag is the order of the coefficients of a block (section 13).
var zigzag = [16]uint8{0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15}

// planeProbs are the probabilities of one kind of block by position and context, which
// is 0, 1 or 2 for the coefficient before: zero, one, or more.
type planeProbs [17][contexts][tokenNodes]uint8

// byPosition spreads the probabilities of bands over positions.
func byPosition(probs *[planes][bands][contexts][tokenNodes]uint8) *[planes]planeProbs {
	var p [planes]planeProbs
	for plane := range p {
		for i, band := range positionBands {
			p[plane][i] = probs[plane][band]
		}
	}
	return &p
}

// tokenUse is the bits that a token of 0 or ±1 needs: whether the block ends, whether
// it is zero, whether it is one, and its sign.
const tokenUse = 3*symbolUse + symbolLook

// coefficients reads a block (section 13.2) from position n on, each times its step.
// It returns the position after the last that was coded, or n when there is none.
func (r *boolReader) coefficients(probs *planeProbs, context, n int, steps *[16]int32, out *[16]int16) int {
	w := r.window
	for p := &probs[n][context]; n < 16; {
		if w.bits < tokenUse {
			w = r.fill(w)
		}
		split := w.split(p[0])
		if w.below(split) { // the end of the block
			w = w.zero(split)
			break
		}
		w = w.one(split)

		for split = w.split(p[1]); w.below(split); split = w.split(p[1]) { // a zero
			w = w.zero(split)
			if n++; n == 16 {
				r.window = w
				return n
			}
			p = &probs[n][0]
			if w.bits < tokenUse {
				w = r.fill(w)
			}
		}
		w = w.one(split)

		v, next := int32(1), 1
		split = w.split(p[2])
		if w.below(split) {
			w = w.zero(split)
		} else {
			w, v = r.magnitude(w.one(split), p)
			next = 2
		}
		w, v = w.signed(v)
		out[zigzag[n]&15] = int16(v * steps[n])
		n++
		p = &probs[n][next]
	}
	r.window = w
	return n
}

// magnitudeUse is the bits that magnitudes below 11 need, and a sign.
const magnitudeUse = 5*symbolUse + symbolLook

// magnitude reads the rest of the token of a coefficient of 2 or more (section 13.2,
// coeff_tree). It leaves enough bits for a sign.
func (r *boolReader) magnitude(w window, p *[tokenNodes]uint8) (window, int32) {
	if w.bits < magnitudeUse {
		w = r.fill(w)
	}
	w, large := w.symbol(p[3])
	if large == 0 {
		w, v := w.symbol(p[4])
		if v == 0 {
			return w, 2
		}
		w, v = w.symbol(p[5])
		return w, 3 + v
	}
	w, larger := w.symbol(p[6])
	if larger != 0 {
		return r.category(w, p)
	}
	w, second := w.symbol(p[7])
	if second == 0 {
		w, v := w.symbol(159)
		return w, 5 + v
	}
	w, high := w.symbol(165)
	w, low := w.symbol(145)
	return w, 7 + 2*high + low
}

// categories are the probabilities of the extra bits of DCT_CAT3 to DCT_CAT6 (section
// 13.2, Pcat3 to Pcat6).
var categories = [4][]uint8{
	{173, 148, 140},
	{176, 155, 140, 135},
	{180, 157, 141, 134, 130},
	{254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129},
}

// category reads a magnitude of 11 or more.
func (r *boolReader) category(w window, p *[tokenNodes]uint8) (window, int32) {
	w, high := w.symbol(p[8])
	w, low := w.symbol(p[9+high])
	c := 2*high + low
	extra := int32(0)
	for _, p := range categories[c] {
		if w.bits < 2*symbolLook {
			w = r.fill(w)
		}
		var bit int32
		w, bit = w.symbol(p)
		extra = 2*extra + bit
	}
	return w, 3 + 8<<c + extra
}
