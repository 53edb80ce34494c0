package reduce

// Each of these functions is for one layout, and sums k pixels of a row at a time; of
// the last box, those that exist. They are written out because they are where most
// of the time of reducing goes.

func sumGray(sums []uint64, pixels []byte, k int, light *[256]uint32) {
	for i := range sums {
		box := pixels[:min(k, len(pixels))]
		pixels = pixels[len(box):]
		var s uint64
		for _, v := range box {
			s += uint64(light[v])
		}
		sums[i] = s
	}
}

func sumGrayAlpha(sums []uint64, pixels []byte, k int, light *[256]uint32) {
	for ; len(sums) >= 2; sums = sums[2:] {
		box := pixels[:min(2*k, len(pixels))]
		pixels = pixels[len(box):]
		var s, alpha uint64
		for i := 0; i < len(box)-1; i += 2 {
			a := uint64(box[i+1])
			s += a * uint64(light[box[i]])
			alpha += a
		}
		sums[0], sums[1] = s, alpha
	}
}

func sumRGB(sums []uint64, pixels []byte, k int, light *[256]uint32) {
	for ; len(sums) >= 3; sums = sums[3:] {
		box := pixels[:min(3*k, len(pixels))]
		pixels = pixels[len(box):]
		var r, g, b uint64
		for i := 0; i < len(box)-2; i += 3 {
			r += uint64(light[box[i]])
			g += uint64(light[box[i+1]])
			b += uint64(light[box[i+2]])
		}
		sums[0], sums[1], sums[2] = r, g, b
	}
}

func sumRGBA(sums []uint64, pixels []byte, k int, light *[256]uint32) {
	for ; len(sums) >= 4; sums = sums[4:] {
		box := pixels[:min(4*k, len(pixels))]
		pixels = pixels[len(box):]
		var r, g, b, alpha uint64
		for i := 0; i < len(box)-3; i += 4 {
			a := uint64(box[i+3])
			r += a * uint64(light[box[i]])
			g += a * uint64(light[box[i+1]])
			b += a * uint64(light[box[i+2]])
			alpha += a
		}
		sums[0], sums[1], sums[2], sums[3] = r, g, b, alpha
	}
}

// Samples of 16 bits are looked up in a table of 256 KB.

func sumGray16(sums []uint64, pixels []byte, k int, light *[1 << 16]uint32) {
	for ; len(sums) >= 1; sums = sums[1:] {
		box := pixels[:min(2*k, len(pixels))]
		pixels = pixels[len(box):]
		var s uint64
		for i := 0; i < len(box)-1; i += 2 {
			s += uint64(light[uint16(box[i])<<8|uint16(box[i+1])])
		}
		sums[0] = s
	}
}

func sumGrayAlpha16(sums []uint64, pixels []byte, k int, light *[1 << 16]uint32) {
	for ; len(sums) >= 2; sums = sums[2:] {
		box := pixels[:min(4*k, len(pixels))]
		pixels = pixels[len(box):]
		var s, alpha uint64
		for i := 0; i < len(box)-3; i += 4 {
			a := uint64(box[i+2])<<8 | uint64(box[i+3])
			s += a * uint64(light[uint16(box[i])<<8|uint16(box[i+1])])
			alpha += a
		}
		sums[0], sums[1] = s, alpha
	}
}

func sumRGB16(sums []uint64, pixels []byte, k int, light *[1 << 16]uint32) {
	for ; len(sums) >= 3; sums = sums[3:] {
		box := pixels[:min(6*k, len(pixels))]
		pixels = pixels[len(box):]
		var r, g, b uint64
		for i := 0; i < len(box)-5; i += 6 {
			r += uint64(light[uint16(box[i])<<8|uint16(box[i+1])])
			g += uint64(light[uint16(box[i+2])<<8|uint16(box[i+3])])
			b += uint64(light[uint16(box[i+4])<<8|uint16(box[i+5])])
		}
		sums[0], sums[1], sums[2] = r, g, b
	}
}

func sumRGBA16(sums []uint64, pixels []byte, k int, light *[1 << 16]uint32) {
	for ; len(sums) >= 4; sums = sums[4:] {
		box := pixels[:min(8*k, len(pixels))]
		pixels = pixels[len(box):]
		var r, g, b, alpha uint64
		for i := 0; i < len(box)-7; i += 8 {
			a := uint64(box[i+6])<<8 | uint64(box[i+7])
			r += a * uint64(light[uint16(box[i])<<8|uint16(box[i+1])])
			g += a * uint64(light[uint16(box[i+2])<<8|uint16(box[i+3])])
			b += a * uint64(light[uint16(box[i+4])<<8|uint16(box[i+5])])
			alpha += a
		}
		sums[0], sums[1], sums[2], sums[3] = r, g, b, alpha
	}
}
