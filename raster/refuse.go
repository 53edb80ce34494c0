package raster

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// sniffSize is how many bytes tell one kind of file from another.
const sniffSize = 512

// stranger is a kind of file that is known, but not decoded.
type stranger struct {
	name    string // with its article
	matches func(prefix []byte) bool
	why     string // it is not decoded and what to do; may be ""
}

// strangers are tried in order; the last ones are guesses.
func strangers() []stranger {
	return []stranger{
		{"a HEIC picture", brand("heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"),
			"its codec, HEVC, is under patents that have to be licensed; save it as JPEG, PNG or WebP"},
		{"a video", brand(""), ""},
		{"a JPEG XL picture", magic("\xff\x0a", "\x00\x00\x00\x0cJXL \r\n\x87\n"), ""},
		{"a JPEG 2000 picture", magic("\x00\x00\x00\x0cjP  \r\n\x87\n", "\xff\x4f\xff\x51"), ""},
		{"a Photoshop document", magic("8BPS"), ""},
		{"a DDS texture", magic("DDS "), ""},
		{"a BLP texture", magic("BLP1", "BLP2"), ""},
		{"a PDF document", magic("%PDF-"), ""},
		{"a PostScript document", magic("%!PS"), ""},
		{"a video", magic("\x1aE\xdf\xa3", "\x00\x00\x01\xba", "OggS", "FLV\x01"), ""},
		{"a RIFF file without a picture", magic("RIFF"), ""},
		{"a ZIP archive or an office document", magic("PK\x03\x04"), ""},
		{"a compressed archive", magic("\x1f\x8b", "BZh", "\xfd7zXZ\x00", "7z\xbc\xaf", "\x28\xb5\x2f\xfd"), ""},
		{"a program", magic("\x7fELF", "MZ"), ""},
		{"an SVG drawing", isSVG,
			"it is a program that draws, with fonts, scripts and files of its own to fetch, not pixels; export it as PNG"},
		{"a web page or XML", isMarkup, ""},
		{"text", isText, ""},
	}
}

// refusal says why a file that no format matches is refused.
func refusal(prefix []byte) string {
	if len(prefix) == 0 {
		return "the file is empty"
	}
	names := Formats()
	supported := strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
	for _, s := range strangers() {
		if s.matches(prefix) && s.why != "" {
			return fmt.Sprintf("this is %s, which is not supported: %s", s.name, s.why)
		}
		if s.matches(prefix) {
			return fmt.Sprintf("this is %s, which is not supported; supported are %s", s.name, supported)
		}
	}
	return "this is not a picture of a supported format; supported are " + supported
}

// magic matches files that start with one of the given strings.
func magic(starts ...string) func([]byte) bool {
	return func(prefix []byte) bool {
		for _, s := range starts {
			if bytes.HasPrefix(prefix, []byte(s)) {
				return true
			}
		}
		return false
	}
}

// brand matches files of the ISO base media family (ISO/IEC 14496-12) by the
// start of their major brand.
func brand(brands ...string) func([]byte) bool {
	return func(prefix []byte) bool {
		if len(prefix) < 12 || string(prefix[4:8]) != "ftyp" {
			return false
		}
		return magic(brands...)(prefix[8:12])
	}
}

func isMarkup(prefix []byte) bool { return bytes.HasPrefix(trimText(prefix), []byte("<")) }

func isSVG(prefix []byte) bool { return isMarkup(prefix) && bytes.Contains(prefix, []byte("<svg")) }

func trimText(prefix []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(prefix, []byte("\xef\xbb\xbf")))
}

// isText reports whether the bytes are UTF-8 without control characters. The
// last character may be cut.
func isText(prefix []byte) bool {
	prefix = prefix[:min(len(prefix), sniffSize)]
	for len(prefix) > 0 {
		r, n := utf8.DecodeRune(prefix)
		if r == utf8.RuneError && n <= 1 {
			return !utf8.FullRune(prefix)
		}
		if r < ' ' && !strings.ContainsRune("\t\r\n\f\x1b", r) {
			return false
		}
		prefix = prefix[n:]
	}
	return true
}
