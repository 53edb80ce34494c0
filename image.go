package charcoal

import (
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Image is an uploaded original. Its bytes never change.
type Image struct {
	ID       ID
	Filename string // as [CleanFilename] leaves it
	Created  time.Time
	Size     int64    // bytes
	SHA256   [32]byte // of the bytes
	Picture           // what the bytes are
}

// Picture is what can be said of a picture without its pixels.
type Picture struct {
	Format    string // "PNG", "JPEG", …: by content, never by name
	MediaType string // "image/png"
	Width     int    // in pixels as shown, after EXIF orientation; 0 while unknown
	Height    int
}

const maxFilename = 255 // bytes; what common file systems take

// CleanFilename makes a name from outside fit to store, show and send in a
// header: no folders, valid UTF-8, no control or formatting characters (quotes stay:
// headers escape them), at most 255 bytes cut between characters and keeping
// the extension. It returns "" when nothing is left.
func CleanFilename(name string) string {
	name = strings.ToValidUTF8(name, "\uFFFD")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, name)
	name = strings.TrimSpace(name)
	if name == "." || name == ".." {
		return ""
	}
	return strings.TrimSpace(shorten(name, maxFilename))
}

func shorten(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 16 {
		ext = ""
	}
	stem := name[:limit-len(ext)]
	for !utf8.ValidString(stem) { // the cut fell inside a character
		stem = stem[:len(stem)-1]
	}
	return stem + ext
}
