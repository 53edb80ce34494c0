package client

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// message is one server-sent event.
type message struct {
	id, event, data string
	retry           time.Duration // 0: not said
}

// maxMessage bounds a message, so that one without end is not kept.
const maxMessage = 256 << 10 // bytes

var errMessageTooLong = errors.New("an event is longer than this client reads")

// sse reads server-sent events as the HTML standard interprets them (section
// 9.2.6), except that a message without data is returned when it says something
// else, and ids hold for their own message only.
type sse struct {
	lines  int // read so far, comments included
	source *bufio.Scanner
	afterR bool // the line before ended with CR, so that LF ends none
}

func newSSE(r io.Reader) *sse {
	s := &sse{source: bufio.NewScanner(r)}
	s.source.Buffer(nil, maxMessage)
	s.source.Split(s.split)
	return s
}

// split ends lines at LF, CR and CRLF. At a CR it does not wait for what follows,
// which may be long in coming. A line that the end of the stream cuts off is dropped.
func (s *sse) split(data []byte, atEOF bool) (advance int, line []byte, err error) {
	skip := 0
	if s.afterR && len(data) > 0 {
		s.afterR = false
		if data[0] == '\n' {
			skip = 1
		}
	}
	rest := data[skip:]
	if i := bytes.IndexAny(rest, "\r\n"); i >= 0 {
		s.afterR = rest[i] == '\r'
		return skip + i + 1, rest[:i:i], nil
	}
	if atEOF {
		return len(data), nil, nil
	}
	return skip, nil, nil
}

// next returns the next message. Its error is io.EOF at the end of the stream.
func (s *sse) next() (message, error) {
	var m message
	var data strings.Builder
	said := false
	for s.source.Scan() {
		s.lines++
		line := s.source.Text()
		if line == "" {
			if said {
				m.data = strings.TrimSuffix(data.String(), "\n")
				return m, nil
			}
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		said = m.take(name, strings.TrimPrefix(value, " "), &data) || said
		if data.Len() > maxMessage {
			return m, errMessageTooLong
		}
	}
	switch err := s.source.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return m, errMessageTooLong
	case err != nil:
		return m, err
	}
	return m, io.EOF
}

// take reads one field and reports whether it means something.
func (m *message) take(name, value string, data *strings.Builder) bool {
	switch name {
	case "data":
		data.WriteString(value + "\n")
	case "event":
		m.event = value
	case "id":
		if strings.ContainsRune(value, 0) {
			return false
		}
		m.id = value
	case "retry":
		ms, err := strconv.ParseUint(value, 10, 31)
		if err != nil {
			return false
		}
		m.retry = time.Duration(ms) * time.Millisecond
	default: // a comment, or what we do not know
		return false
	}
	return true
}
