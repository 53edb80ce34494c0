package v2

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/problem"
)

// coder sends what is written as the client takes it: compressed, in part, or not
// at all.
type coder struct {
	w        http.ResponseWriter
	r        *http.Request
	etag     string // with quotes; "" for none
	encoding string // "" for none
	ranged   bool   // a part of it may be asked for
	started  bool
}

// leastCells is how large art must be for compressing to pay.
const leastCells = 1024

func newCoder(w http.ResponseWriter, r *http.Request, a *artWriter) *coder {
	// A part of JSON is no JSON, though its type would say so.
	c := &coder{w: w, r: r, ranged: a.etag != "" && bareType(a.format.MediaType) != "application/json"}
	wantsPart := c.ranged && r.Header.Get("Range") != ""
	if a.cells >= leastCells && compressible(bareType(a.format.MediaType)) && !wantsPart {
		c.encoding = chooseEncoding(strings.Join(r.Header.Values("Accept-Encoding"), ","))
	}
	if a.etag != "" {
		c.etag = `"` + strings.TrimSuffix(a.etag+"-"+c.encoding, "-") + `"`
	}
	return c
}

func compressible(mediaType string) bool {
	return hasPrefix(mediaType, "text/") || hasPrefix(mediaType, "application/") || mediaType == "image/svg+xml"
}

// encodings are what can be sent, the best first.
var encodings = []string{"zstd", "gzip"}

// chooseEncoding returns what an Accept-Encoding header (RFC 9110, section 12.5.3)
// likes best of the encodings, "" for none.
func chooseEncoding(accept string) string {
	best, most := "", 0.0
	for _, name := range encodings {
		if q := encodingQuality(accept, name); q > most {
			best, most = name, q
		}
	}
	return best
}

func encodingQuality(accept, name string) float64 {
	weight := 0.0
	for part := range strings.SplitSeq(accept, ",") {
		coding, params, err := mime.ParseMediaType(part)
		if err != nil || coding != name && coding != "*" {
			continue
		}
		weight = 1
		if q, err := strconv.ParseFloat(params["q"], 64); err == nil {
			weight = q
		}
		if coding == name {
			break
		}
	}
	return weight
}

// notModified answers a client that has it already (RFC 9110, section 13.1.2).
func (c *coder) notModified() bool {
	if c.etag == "" {
		return false
	}
	c.w.Header().Set("Etag", c.etag)
	for tag := range strings.SplitSeq(strings.Join(c.r.Header.Values("If-None-Match"), ","), ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == c.etag || tag == "*" {
			c.w.WriteHeader(http.StatusNotModified)
			return true
		}
	}
	return false
}

// begun reports whether some of the answer was sent.
func (c *coder) begun() bool { return c.started }

// Write passes on what is to be sent.
func (c *coder) Write(p []byte) (int, error) {
	c.started = true
	return c.w.Write(p)
}

// write sends what a function writes, which is called twice when only a part is
// wanted: first to learn how long all of it is.
func (c *coder) write(all func(io.Writer) error) error {
	if c.ranged && c.encoding == "" {
		c.w.Header().Set("Accept-Ranges", "bytes")
		if c.wantsRange() {
			return c.writeRange(all)
		}
	}
	if c.encoding == "" {
		return all(c)
	}
	c.w.Header().Set("Content-Encoding", c.encoding)
	to, err := compressor(c.encoding, c)
	if err != nil {
		return err
	}
	if err := all(to); err != nil {
		return err
	}
	return to.Close()
}

// compressor compresses in the memory of about a megabyte.
func compressor(encoding string, to io.Writer) (io.WriteCloser, error) {
	if encoding == "gzip" {
		return gzip.NewWriterLevel(to, 5)
	}
	return zstd.NewWriter(to, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(256<<10))
}

// wantsRange reports whether a part is wanted of this very art.
func (c *coder) wantsRange() bool {
	ifRange := c.r.Header.Get("If-Range")
	return c.r.Header.Get("Range") != "" && (ifRange == "" || ifRange == c.etag)
}

func (c *coder) writeRange(all func(io.Writer) error) error {
	var total counter
	if err := all(&total); err != nil {
		return err
	}
	first, last, kind := parseRange(c.r.Header.Get("Range"), int64(total))
	switch kind {
	case rangeIgnored:
		return all(c)
	case rangeBeyond:
		c.w.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", int64(total)))
		return charcoal.Errorf(problem.RangeNotSatisfiable, "the art has %d bytes, none of which the range covers", int64(total))
	}
	h := c.w.Header()
	h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, int64(total)))
	h.Set("Content-Length", strconv.FormatInt(last-first+1, 10))
	c.started = true
	c.w.WriteHeader(http.StatusPartialContent)
	return all(&window{to: c.w, skip: first, left: last - first + 1})
}

// counter counts what is written to it.
type counter int64

func (n *counter) Write(p []byte) (int, error) {
	*n += counter(len(p))
	return len(p), nil
}

// window passes on a part of what is written to it.
type window struct {
	to         io.Writer
	skip, left int64
}

func (w *window) Write(p []byte) (int, error) {
	n := len(p)
	skipped := min(w.skip, int64(n))
	w.skip -= skipped
	p = p[skipped:]
	p = p[:min(w.left, int64(len(p)))]
	w.left -= int64(len(p))
	if len(p) > 0 {
		if _, err := w.to.Write(p); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// What a Range header comes to.
const (
	rangeIgnored = iota
	rangeBeyond
	rangeGiven
)

// parseRange reads a Range header of one range of bytes (RFC 9110, section 14.1.2).
// What is none, or more than one, is ignored, which is allowed.
func parseRange(header string, total int64) (first, last int64, kind int) {
	spec, ok := strings.CutPrefix(header, "bytes=")
	from, to, dash := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok || !dash || slices.Contains([]byte(spec), ',') {
		return 0, 0, rangeIgnored
	}
	first, errFirst := strconv.ParseInt(from, 10, 64)
	last, errLast := strconv.ParseInt(to, 10, 64)
	switch {
	case from == "" && errLast == nil && last >= 0:
		first, last = max(0, total-last), total-1
	case errFirst == nil && to == "":
		last = total - 1
	case errFirst != nil || errLast != nil || first < 0 || last < first:
		return 0, 0, rangeIgnored
	}
	last = min(last, total-1)
	if first > last {
		return 0, 0, rangeBeyond
	}
	return first, last, rangeGiven
}
