// Package icc brings the colours of pictures into sRGB (IEC 61966-2-1).
//
// It reads the ICC profiles of cameras, monitors and working spaces, which
// describe a space by three primaries and three curves, those of grey pictures,
// and what PNG says by gAMA and cHRM. Profiles are untrusted: nothing is
// allocated that they size, beyond a small multiple of their length.
//
// The package keeps no state but tables that are made once.
package icc

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// MaxSize is how many bytes a profile may have. Those of three primaries have
// some thousands; the bound is for files that carry megabytes in their place.
const MaxSize = 1 << 20

// ErrUnsupported is wrapped by what [Parse] says of a profile that may be good,
// but is not of primaries and curves: tables of colours, CMYK, Lab.
var ErrUnsupported = errors.New("the kind of colour profile is not supported")

// A Profile tells what the values of a picture mean. It never changes, so it is
// safe for concurrent use.
type Profile struct {
	curves [3]curve // from values of red, green and blue to light
	matrix matrix   // from light of the primaries to that of sRGB
}

// The layout of a profile: ICC.1:2010, clause 7.
const (
	headerSize = 128
	tagSize    = 12
	maxTags    = 256 // stops a table of tags as long as the file; real ones have 9 to 60
)

// Parse reads an ICC profile (ICC.1:2010, versions 2 and 4). A profile that has
// tables of colours beside primaries is read by its primaries. The error wraps
// [ErrUnsupported], or else the profile is damaged.
func Parse(profile []byte) (*Profile, error) {
	f := file(profile)
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("read a colour profile: %w", err)
	}
	p, err := f.parse()
	if err != nil {
		return nil, fmt.Errorf("read a colour profile: %w", err)
	}
	return p, nil
}

// file is a whole profile.
type file []byte

func (f file) check() error {
	if len(f) > MaxSize {
		return fmt.Errorf("it has %d bytes, and %d are allowed", len(f), MaxSize)
	}
	if len(f) < headerSize+4 || string(f[36:40]) != "acsp" {
		return errors.New("it has no header")
	}
	if n := f.tags(); n > maxTags || len(f) < headerSize+4+int(n)*tagSize {
		return fmt.Errorf("it cannot have %d tags", n)
	}
	return nil
}

// tags is how many the profile says that it has.
func (f file) tags() uint32 { return binary.BigEndian.Uint32(f[headerSize:]) }

func (f file) parse() (*Profile, error) {
	if pcs := string(f[20:24]); pcs != "XYZ " {
		return nil, fmt.Errorf("%w: it leads to %q", ErrUnsupported, pcs)
	}
	switch space := string(f[16:20]); space {
	case "RGB ":
		return f.parseRGB()
	case "GRAY":
		return f.parseGrey()
	default:
		return nil, fmt.Errorf("%w: it is for %q", ErrUnsupported, space)
	}
}

// parseRGB reads a three-component matrix-based profile (ICC.1:2010, 8.3.3).
func (f file) parseRGB() (*Profile, error) {
	var p Profile
	var primaries matrix
	for i, name := range []string{"r", "g", "b"} {
		xyz, err := f.xyz(name + "XYZ")
		if err != nil {
			return nil, err
		}
		primaries.setColumn(i, xyz)
		if p.curves[i], err = f.curve(name + "TRC"); err != nil {
			return nil, err
		}
	}
	var err error
	p.matrix, err = toSRGB(primaries)
	return &p, err
}

// parseGrey reads a monochrome profile (ICC.1:2010, 8.3.4). Its greys are given
// the white of sRGB.
func (f file) parseGrey() (*Profile, error) {
	c, err := f.curve("kTRC")
	return &Profile{curves: [3]curve{c, c, c}, matrix: identity}, err
}

func (f file) curve(signature string) (curve, error) {
	data, err := f.tag(signature)
	if err != nil {
		return nil, err
	}
	c, err := parseCurve(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", signature, err)
	}
	return c, nil
}

// xyz reads the first number of an XYZType (ICC.1:2010, clause 10).
func (f file) xyz(signature string) (vector, error) {
	data, err := f.tag(signature)
	if err != nil {
		return vector{}, err
	}
	if len(data) < 20 || string(data[:4]) != "XYZ " {
		return vector{}, fmt.Errorf("%s is no colour", signature)
	}
	return vector{fixed(data[8:]), fixed(data[12:]), fixed(data[16:])}, nil
}

// tag returns the data of the first tag of that name. Tags may share data.
func (f file) tag(signature string) ([]byte, error) {
	for i := range int(f.tags()) {
		entry := f[headerSize+4+i*tagSize:][:tagSize]
		if string(entry[:4]) != signature {
			continue
		}
		offset := uint64(binary.BigEndian.Uint32(entry[4:]))
		size := uint64(binary.BigEndian.Uint32(entry[8:]))
		if offset+size > uint64(len(f)) {
			return nil, fmt.Errorf("%s lies outside", signature)
		}
		return f[offset:][:size], nil
	}
	return nil, fmt.Errorf("%w: it has no %s", ErrUnsupported, signature)
}

// fixed reads an s15Fixed16Number.
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / (1 << 16) }
