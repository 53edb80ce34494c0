package pnm

import (
	"bufio"
	"bytes"
	"fmt"
	"strconv"
)

// maxWidth bounds the row that is held. It stops a header that claims a width of a
// thousand million pixels.
const maxWidth = 1 << 24

func readHeader(r *bufio.Reader) (Config, error) {
	c, err := readMagic(r)
	if err == nil && c.magic == '7' {
		err = c.readPAM(r)
	} else if err == nil {
		err = c.readSizes(r)
	}
	if err != nil {
		return Config{}, explain("read the header", err)
	}
	switch {
	case c.Width == 0 || c.Height == 0:
		return Config{}, FormatError("the picture is empty")
	case c.Width > maxWidth:
		return Config{}, FormatError("the picture is too wide")
	case c.Max == 0 || c.Max > 1<<16-1:
		return Config{}, FormatError("white is not in 1…65535")
	case c.Channels == 0 || c.Channels > 4:
		return Config{}, UnsupportedError(fmt.Sprintf("a picture of %d channels", c.Channels))
	}
	return c, nil
}

func readMagic(r *bufio.Reader) (c Config, err error) {
	b, err := r.Peek(2)
	if err != nil {
		return c, err
	}
	if b[0] != 'P' || b[1] < '1' || b[1] > '7' {
		return c, FormatError("it has no magic number")
	}
	c = Config{magic: b[1], Channels: 1, Max: 1}
	if c.magic == '3' || c.magic == '6' {
		c.Channels = 3
	}
	_, err = r.Discard(2)
	return c, err
}

// bitmap reports whether pixels are bits, of which 1 is black.
func (c *Config) bitmap() bool { return c.magic == '1' || c.magic == '4' }

// readSizes reads the numbers of all formats but PAM, and the one white space behind
// them.
func (c *Config) readSizes(r *bufio.Reader) error {
	numbers := []*int{&c.Width, &c.Height, &c.Max}
	if c.bitmap() {
		numbers = numbers[:2]
	}
	for _, n := range numbers {
		var err error
		if *n, err = readNumber(r); err != nil {
			return err
		}
	}
	return nil
}

// maxNumber bounds the numbers of a header, so that areas do not overflow.
const maxNumber = 1<<31 - 1

// readNumber reads a number behind white space and comments, and one byte after it.
func readNumber(r *bufio.Reader) (int, error) {
	b, err := skipSpace(r)
	if err != nil {
		return 0, err
	}
	n := int64(0) // also where an int has 32 bits
	for ; isDigit(b); b, err = r.ReadByte() {
		if n = 10*n + int64(b-'0'); n > maxNumber {
			return 0, FormatError("a number is too large")
		}
	}
	switch {
	case err != nil:
		return 0, err
	case b == '#':
		return int(n), skipComment(r)
	case !isSpace(b):
		return 0, FormatError("there is no number where one is due")
	}
	return int(n), nil
}

// skipSpace returns the first byte that is neither white space nor in a comment.
func skipSpace(r *bufio.Reader) (byte, error) {
	for {
		b, err := r.ReadByte()
		switch {
		case err != nil:
			return 0, err
		case b == '#':
			if err := skipComment(r); err != nil {
				return 0, err
			}
		case !isSpace(b):
			return b, nil
		}
	}
}

// skipComment reads to the end of a line of any length.
func skipComment(r *bufio.Reader) error {
	for {
		b, err := r.ReadByte()
		if err != nil || b == '\n' || b == '\r' {
			return err
		}
	}
}

func isDigit(b byte) bool { return b-'0' < 10 }
func isSpace(b byte) bool { return b == ' ' || b-'\t' < 5 }

// maxLines bounds the header of a PAM, whose lines bufio bounds.
const maxLines = 1000

// readPAM reads the lines of a header of PAM. What the type says of the channels shows
// in their number, but for the types that other programs made up.
func (c *Config) readPAM(r *bufio.Reader) error {
	c.Channels, c.Max = 0, 0
	for range maxLines {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err // also that a line is longer than the buffer
		}
		fields := bytes.Fields(line)
		if len(fields) == 0 || fields[0][0] == '#' {
			continue
		}
		if string(fields[0]) == "ENDHDR" {
			return nil
		}
		if err := c.setPAM(fields); err != nil {
			return err
		}
	}
	return FormatError("the header does not end")
}

func (c *Config) setPAM(fields [][]byte) error {
	var number *int
	switch string(fields[0]) {
	case "WIDTH":
		number = &c.Width
	case "HEIGHT":
		number = &c.Height
	case "DEPTH":
		number = &c.Channels
	case "MAXVAL":
		number = &c.Max
	default: // TUPLTYPE, or a line of the future
		return nil
	}
	if len(fields) != 2 {
		return FormatError("a line of the header has no number")
	}
	n, err := strconv.ParseUint(string(fields[1]), 10, 31)
	if err != nil {
		return FormatError("a line of the header has no number")
	}
	*number = int(n)
	return nil
}
