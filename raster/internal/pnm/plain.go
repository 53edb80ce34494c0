package pnm

import "bufio"

// scanner gives bytes out of the buffer of a reader, with less ado than the reader does.
type scanner struct {
	r    *bufio.Reader
	in   []byte // what is left of the buffer
	seen int    // the size of the buffer
	err  error  // why there is nothing more
}

// next gives the next byte, or false where there is none.
func (s *scanner) next() (byte, bool) {
	if len(s.in) == 0 && !s.fill() {
		return 0, false
	}
	b := s.in[0]
	s.in = s.in[1:]
	return b, true
}

func (s *scanner) fill() bool {
	_, _ = s.r.Discard(s.seen) // which was peeked at
	_, s.err = s.r.Peek(1)
	s.seen = s.r.Buffered()
	s.in, _ = s.r.Peek(s.seen)
	return s.seen > 0
}

// token gives the first byte that is neither white space nor in a comment.
func (s *scanner) token() (byte, bool) {
	for {
		b, ok := s.next()
		if ok && b == '#' {
			b, ok = s.skipLine()
		}
		if !ok || !isSpace(b) {
			return b, ok
		}
	}
}

// skipLine gives the byte that ends a line.
func (s *scanner) skipLine() (byte, bool) {
	for {
		b, ok := s.next()
		if !ok || b == '\n' || b == '\r' {
			return b, ok
		}
	}
}

// plainBits reads the digits 0 and 1, with or without space between.
func plainBits(s *scanner, row []byte) func() ([]byte, error) {
	return func() ([]byte, error) {
		for x := range row {
			b, ok := s.token()
			if !ok {
				return row, s.err
			}
			if b -= '0'; b > 1 {
				return row, FormatError("a pixel is neither 0 nor 1")
			}
			row[x] = b - 1 // 0 is white
		}
		return row, nil
	}
}

// plain reads decimal numbers.
func (c *Config) plain(s *scanner, samples int) func() ([]byte, error) {
	if c.Max > 255 {
		return c.plainWide(s, make([]byte, 2*samples))
	}
	row, scaled := make([]byte, samples), c.scale()
	return func() ([]byte, error) {
		for i := range row {
			v, err := s.sample(c.Max)
			if err != nil {
				return row, err
			}
			row[i] = scaled[v&0xff]
		}
		return row, nil
	}
}

func (c *Config) plainWide(s *scanner, row []byte) func() ([]byte, error) {
	return func() ([]byte, error) {
		for i := 0; i < len(row); i += 2 {
			v, err := s.sample(c.Max)
			if err != nil {
				return row, err
			}
			c.putWide(row[i:], v)
		}
		return row, nil
	}
}

// sample reads a number and, if it is white space, the byte after it. The last number
// of a file may end it.
func (s *scanner) sample(limit int) (int, error) {
	if v, n := quickNumber(s.in); n > 0 && v <= limit {
		s.in = s.in[n:]
		return v, nil
	}
	b, ok := s.token()
	if !ok {
		return 0, s.err
	}
	if !isDigit(b) {
		return 0, FormatError("a sample is no number")
	}
	v := 0
	for ; ok && isDigit(b); b, ok = s.next() {
		if v = 10*v + int(b-'0'); v > limit {
			return 0, FormatError("a sample is more than white")
		}
	}
	if ok && b == '#' {
		s.skipLine()
	} else if ok && !isSpace(b) {
		return 0, FormatError("a sample is no number")
	}
	return v, nil
}

// quickNumber reads a number of up to five digits between white space, which is all that
// most files have, and returns what it took, or 0 when in has something else or ends.
func quickNumber(in []byte) (v, n int) {
	i := 0
	for i < len(in) && isSpace(in[i]) {
		i++
	}
	first := i
	for i < len(in) && isDigit(in[i]) {
		v = 10*v + int(in[i]-'0')
		i++
	}
	if i == first || i > first+5 || i == len(in) || !isSpace(in[i]) {
		return 0, 0
	}
	return v, i + 1
}
