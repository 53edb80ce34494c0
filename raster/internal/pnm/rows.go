package pnm

import (
	"bufio"
	"encoding/binary"
	"io"
)

// rows makes a function that gives one row after the other, as [reduce.Layout] wants
// it; a row is valid until the next.
func (c *Config) rows(r *bufio.Reader) func() ([]byte, error) {
	samples := c.Width * c.Channels
	switch {
	case c.magic == '1':
		return plainBits(&scanner{r: r}, make([]byte, samples))
	case c.magic <= '3':
		return c.plain(&scanner{r: r}, samples)
	case c.magic == '4':
		return rawBits(r, make([]byte, samples))
	case c.Max > 255:
		return c.wide(r, make([]byte, 2*samples))
	}
	return c.narrow(r, make([]byte, samples))
}

// narrow reads samples of a byte. One that is more than white is white.
func (c *Config) narrow(r io.Reader, row []byte) func() ([]byte, error) {
	scaled := c.scale()
	return func() ([]byte, error) {
		if _, err := io.ReadFull(r, row); err != nil || c.Max == 255 {
			return row, err
		}
		for i, v := range row {
			row[i] = scaled[v]
		}
		return row, nil
	}
}

// scale makes a table from samples of a byte to those where 255 is white.
func (c *Config) scale() *[256]byte {
	var scaled [256]byte
	for v := range scaled {
		scaled[v] = byte((min(v, c.Max)*255 + c.Max/2) / c.Max)
	}
	return &scaled
}

// wide reads samples of two bytes.
func (c *Config) wide(r io.Reader, row []byte) func() ([]byte, error) {
	return func() ([]byte, error) {
		if _, err := io.ReadFull(r, row); err != nil || c.Max == 65535 {
			return row, err
		}
		for i := 0; i < len(row); i += 2 {
			c.putWide(row[i:], int(binary.BigEndian.Uint16(row[i:])))
		}
		return row, nil
	}
}

func (c *Config) putWide(dst []byte, v int) {
	binary.BigEndian.PutUint16(dst, uint16((min(v, c.Max)*65535+c.Max/2)/c.Max))
}

// rawBits reads eight pixels of a byte, the first at the top.
func rawBits(r io.Reader, row []byte) func() ([]byte, error) {
	packed := make([]byte, (len(row)+7)/8)
	return func() ([]byte, error) {
		_, err := io.ReadFull(r, packed)
		for x := range row {
			row[x] = packed[x/8]>>(7-x%8)&1 - 1 // 0 is white
		}
		return row, err
	}
}
