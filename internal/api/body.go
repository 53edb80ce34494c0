package api

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/charcoal-art/charcoal"
)

const (
	slowStart = 30 * time.Second // before a body must have come at least
	leastRate = 1 << 10          // bytes a second
)

// timedBody is the body of a request whose read deadline moves along with the
// data: a client may be slow, but not silent, not slower than leastRate, and not
// for ever. Every request that has a body gets one, since the server reads on
// by itself where a handler does not.
type timedBody struct {
	io.ReadCloser
	control *http.ResponseController
	idle    time.Duration
	start   time.Time
	limit   time.Duration // for all of it

	read int64
	set  time.Time // when the deadline was moved last
	err  error     // how reading ended
}

func (a *API) timeBody(w http.ResponseWriter, r *http.Request) *timedBody {
	b := &timedBody{
		ReadCloser: r.Body, control: http.NewResponseController(w),
		idle: a.cfg.ReadIdle, limit: a.cfg.UploadTime, start: time.Now(),
	}
	b.move(b.start)
	return b
}

// move sets the deadline. Not every connection has one.
func (b *timedBody) move(now time.Time) {
	b.set = now
	enough := slowStart + time.Duration(b.read/leastRate)*time.Second
	end := b.start.Add(min(b.limit, enough))
	if idle := now.Add(b.idle); idle.Before(end) {
		end = idle
	}
	_ = b.control.SetReadDeadline(end)
}

func (b *timedBody) Read(p []byte) (int, error) {
	if now := time.Now(); now.Sub(b.set) > b.idle/8 { // not a system call for each read
		b.move(now)
	}
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = charcoal.Errorf(charcoal.TooSlow, "the upload was too slow: nothing came for %s, or less than 1 kB a second, or it took longer than %s",
			b.idle, b.limit).Because(err)
	}
	b.err = err
	return n, err
}

const (
	lingerTime  = 5 * time.Second
	lingerBytes = 256 << 20
)

// finish takes in what is left of a body that was refused, within reason: a
// client that is still sending would otherwise see a broken connection in place
// of the answer. The deadline stays, since the server itself reads on before it
// answers; of a body that was read to its end it is lifted.
func (b *timedBody) finish() {
	if errors.Is(b.err, io.EOF) {
		_ = b.control.SetReadDeadline(time.Time{})
		return
	}
	_ = b.control.SetReadDeadline(time.Now().Add(lingerTime))
	if b.err == nil { // there may be more
		_, _ = io.CopyN(io.Discard, b.ReadCloser, lingerBytes)
	}
}
