package charcoal

import (
	"math/bits"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Image is an uploaded original. Its bytes never change; what people say about
// them may.
type Image struct {
	ID       ID
	Owner    ID     // zero: of nobody, where nobody signs in
	Filename string // as [CleanFilename] leaves it
	Created  time.Time
	Size     int64    // bytes
	SHA256   [32]byte // of the bytes
	Picture           // what the bytes are

	Title      string   // as [CleanTitle] leaves it
	Tags       []string // as [CleanTags] leaves them
	Visibility Visibility
	Expires    time.Time // when it is deleted by itself; zero: never
	Deleted    time.Time // since when it is in the bin; zero: it is not

	State State // of its newest rendering
}

// Visibility is who may see an image besides its owner.
type Visibility string

// The visibilities.
const (
	Private  Visibility = "private"  // nobody
	Unlisted Visibility = "unlisted" // who knows its id
	Public   Visibility = "public"   // everybody, and it is found by searches
)

// Visibilities returns all of them, the default first.
func Visibilities() []Visibility { return []Visibility{Private, Unlisted, Public} }

// CheckVisibility returns nil for one that there is, else Invalid.
func CheckVisibility(v Visibility) error {
	if !slices.Contains(Visibilities(), v) {
		return Errorf(Invalid, "visibility is private, unlisted or public, not %q", clip(string(v), 40))
	}
	return nil
}

// ImageEdit is a change to what people say about an image. Nil leaves a field.
type ImageEdit struct {
	Title      *string
	Tags       *[]string
	Visibility *Visibility
	Expires    *time.Time // the zero time: never
}

// Picture is what can be said of a picture without its pixels.
type Picture struct {
	Format    string // "PNG", "JPEG", …: by content, never by name
	MediaType string // "image/png"
	Width     int    // in pixels as shown, after EXIF orientation; 0 while unknown
	Height    int
	Frames    int            // of an animation; 1 for a still; 0 while unknown
	Hash      PerceptualHash // how it looks; 0 while unknown
}

// PerceptualHash is a hash of how a picture looks: pictures that look alike have
// hashes that differ in few bits. 0 stands for none, which pictures of one colour have, too.
type PerceptualHash uint64

// Distance is the number of bits in which two hashes differ, 0 to 64.
func (h PerceptualHash) Distance(g PerceptualHash) int { return bits.OnesCount64(uint64(h ^ g)) }

// What people may say about an image.
const (
	MaxTitle = 200 // bytes
	MaxTag   = 64  // bytes
	MaxTags  = 32
)

// CleanTitle makes a title from outside fit to store and show: one line of valid
// UTF-8 without control or formatting characters, at most [MaxTitle] bytes. It is
// [Invalid] when it is longer.
func CleanTitle(title string) (string, error) {
	title = strings.Join(strings.Fields(strings.Map(printable, strings.ToValidUTF8(title, "\uFFFD"))), " ")
	if len(title) > MaxTitle {
		return "", OverLimitAs(Invalid, "the title", MaxTitle, int64(len(title)), "bytes")
	}
	return title, nil
}

// CleanTags makes tags from outside fit to store and compare: lower case, one line
// each, sorted, none twice, none empty. Too many or too long ones are [Invalid].
func CleanTags(tags []string) ([]string, error) {
	var clean []string
	for _, tag := range tags {
		tag = strings.ToLower(strings.Join(strings.Fields(strings.Map(printable, strings.ToValidUTF8(tag, "\uFFFD"))), " "))
		if len(tag) > MaxTag {
			return nil, OverLimitAs(Invalid, "a tag", MaxTag, int64(len(tag)), "bytes")
		}
		if tag == "" || slices.Contains(clean, tag) {
			continue
		}
		if clean = append(clean, tag); len(clean) > MaxTags {
			return nil, OverLimitAs(Invalid, "the list of tags", MaxTags, int64(len(tags)), "tags")
		}
	}
	slices.Sort(clean)
	return clean, nil
}

// printable makes spaces of what breaks lines and drops what is not to be seen.
func printable(r rune) rune {
	switch {
	case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029':
		return ' '
	case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
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
