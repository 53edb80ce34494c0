package cli

import (
	"io"
	"unicode/utf8"
)

// tame passes on text from elsewhere to a terminal, without what could steer it:
// of the control characters only line ends, and of the sequences only those that
// set colours (ECMA-48, SGR). Anything else becomes U+FFFD. So art from a server
// that means ill cannot change titles, clipboards or keys.
type tame struct {
	w       io.Writer
	pending []byte // a sequence or a character that is not whole yet
	out     []byte
}

const longestSequence = 64 // bytes; four colours with all their parts are shorter

// Write implements [io.Writer].
func (t *tame) Write(p []byte) (int, error) {
	t.out = t.out[:0]
	data := append(t.pending, p...)
	for len(data) > 0 {
		n := t.pass(data)
		if n == 0 {
			break
		}
		data = data[n:]
	}
	t.pending = append([]byte(nil), data...)
	if _, err := t.w.Write(t.out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// pass takes the first character or sequence of data and returns its length, or 0
// when more is needed to tell.
func (t *tame) pass(data []byte) int {
	if data[0] == 0x1b {
		return t.sequence(data)
	}
	if !utf8.FullRune(data) {
		return 0
	}
	r, n := utf8.DecodeRune(data)
	switch {
	case r == '\n':
		t.out = append(t.out, '\n')
	case r < ' ', 0x7f <= r && r < 0xa0, r == utf8.RuneError, isDirection(r):
		t.out = utf8.AppendRune(t.out, utf8.RuneError)
	default:
		t.out = append(t.out, data[:n]...)
	}
	return n
}

// isDirection reports characters that turn around what follows.
func isDirection(r rune) bool {
	return 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069
}

// sequence passes "ESC [ digits and separators m" and takes the ESC off any other.
func (t *tame) sequence(data []byte) int {
	if len(data) == 1 {
		return 0
	}
	for i := 2; data[1] == '[' && i < longestSequence; i++ {
		switch {
		case i == len(data):
			return 0
		case data[i] == 'm':
			t.out = append(t.out, data[:i+1]...)
			return i + 1
		case (data[i] < '0' || data[i] > '9') && data[i] != ';' && data[i] != ':':
			i = longestSequence
		}
	}
	t.out = utf8.AppendRune(t.out, utf8.RuneError)
	return 1
}
