package avif

// cursor reads the fields of a box. What lies behind the end reads as zero and sets
// failed, which is looked at once, after all fields.
type cursor struct {
	data   []byte
	failed bool
}

func (c *cursor) take(n int) []byte {
	if n > len(c.data) {
		c.failed = true
		c.data = nil
		return make([]byte, min(n, 16))
	}
	taken := c.data[:n]
	c.data = c.data[n:]
	return taken
}

// number reads a big-endian number of 0 to 8 bytes.
func (c *cursor) number(size int) (v uint64) {
	for _, b := range c.take(size) {
		v = v<<8 | uint64(b)
	}
	return v
}

// versioned reads what a FullBox begins with (ISO/IEC 14496-12, 4.2).
func (c *cursor) versioned() (version uint8, flags uint32) {
	v := c.number(4)
	return uint8(v >> 24), uint32(v & 0xffffff)
}

// box reads the next box (ISO/IEC 14496-12, 4.2), and reports whether there is one.
func (c *cursor) box() (kind string, body cursor, ok bool) {
	if len(c.data) == 0 {
		return "", cursor{}, false
	}
	whole := uint64(len(c.data))
	header, size := uint64(8), c.number(4)
	kind = string(c.take(4))
	switch size {
	case 0:
		size = whole
	case 1:
		header, size = 16, c.number(8)
	}
	if c.failed || size < header || size > whole {
		c.failed = true
		return "", cursor{}, false
	}
	return kind, cursor{data: c.take(int(size - header))}, true
}
