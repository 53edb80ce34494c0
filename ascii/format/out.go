package format

import (
	"bufio"
	"strconv"

	"github.com/charcoal-art/charcoal/ascii"
)

// out writes the parts of a document without making strings of them: there may be
// several for each cell. The buffer keeps the first error for Flush.
type out struct{ *bufio.Writer }

// put writes texts one after another.
func (o out) put(texts ...string) {
	for _, s := range texts {
		_, _ = o.WriteString(s)
	}
}

func (o out) num(n int) { _, _ = o.Write(strconv.AppendInt(o.AvailableBuffer(), int64(n), 10)) }

// hex writes a colour as the web does.
func (o out) hex(c ascii.RGB) { _, _ = o.Write(appendHex(o.AvailableBuffer(), c)) }

// hex is a colour as the web writes it.
func hex(c ascii.RGB) string { return string(appendHex(nil, c)) }

func appendHex(b []byte, c ascii.RGB) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '#')
	for _, v := range [3]uint8{c.R, c.G, c.B} {
		b = append(b, digits[v>>4], digits[v&15])
	}
	return b
}
