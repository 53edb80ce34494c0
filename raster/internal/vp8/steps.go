package vp8

// steps are what the coefficients of a segment are multiplied by, by position: the
// first is of DC (RFC 6386, section 9.6).
type steps struct{ luma, secondOrder, chroma [16]int32 }

func readSteps(r *boolReader, seg *segmentHeader) (s [segments]steps) {
	base := r.literal(7)
	lumaDC, secondDC, secondAC := r.optional(4), r.optional(4), r.optional(4)
	chromaDC, chromaAC := r.optional(4), r.optional(4)
	for i := range s {
		q := base
		switch {
		case seg.enabled && seg.absolute:
			q = seg.quantizer[i]
		case seg.enabled:
			q += seg.quantizer[i]
		}
		s[i].luma = stepTable(dcStep(q+lumaDC), acStep(q))
		// The factors and bounds below are those of section 14.1.
		s[i].secondOrder = stepTable(2*dcStep(q+secondDC), max(8, acStep(q+secondAC)*155/100))
		s[i].chroma = stepTable(min(132, dcStep(q+chromaDC)), acStep(q+chromaAC))
	}
	return s
}

func stepTable(dc, ac int32) (t [16]int32) {
	for i := range t {
		t[i] = ac
	}
	t[0] = dc
	return t
}

func dcStep(q int) int32 { return dcSteps[min(max(q, 0), 127)] }
func acStep(q int) int32 { return acSteps[min(max(q, 0), 127)] }

// Step sizes by index (section 14.1).
var dcSteps = [128]int32{
	4, 5, 6, 7, 8, 9, 10, 10, 11, 12, 13, 14, 15, 16, 17, 17,
	18, 19, 20, 20, 21, 21, 22, 22, 23, 23, 24, 25, 25, 26, 27, 28,
	29, 30, 31, 32, 33, 34, 35, 36, 37, 37, 38, 39, 40, 41, 42, 43,
	44, 45, 46, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58,
	59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74,
	75, 76, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89,
	91, 93, 95, 96, 98, 100, 101, 102, 104, 106, 108, 110, 112, 114, 116, 118,
	122, 124, 126, 128, 130, 132, 134, 136, 138, 140, 143, 145, 148, 151, 154, 157,
}

var acSteps = [128]int32{
	4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
	20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,
	36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
	52, 53, 54, 55, 56, 57, 58, 60, 62, 64, 66, 68, 70, 72, 74, 76,
	78, 80, 82, 84, 86, 88, 90, 92, 94, 96, 98, 100, 102, 104, 106, 108,
	110, 112, 114, 116, 119, 122, 125, 128, 131, 134, 137, 140, 143, 146, 149, 152,
	155, 158, 161, 164, 167, 170, 173, 177, 181, 185, 189, 193, 197, 201, 205, 209,
	213, 217, 221, 225, 229, 234, 239, 245, 249, 254, 259, 264, 269, 274, 279, 284,
}
