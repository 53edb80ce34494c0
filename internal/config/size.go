package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes, written with a unit: "64MiB".
type Size int64

var errSize = errors.New("not a size")

type unit struct {
	name  string
	bytes int64
}

// The units of IEC 80000-13 and the decimal ones, largest first. "B" comes
// last because the other names end in it.
var units = []unit{
	{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3},
	{"B", 1},
}

// ParseSize reads a whole number and a unit, from B over kB and KiB to TB and
// TiB. The case of the unit does not matter; a space before it is allowed. A
// number without a unit is not a size: too many people would mean another one.
func ParseSize(s string) (Size, error) {
	for _, u := range units {
		cut := len(s) - len(u.name)
		if cut < 1 || !strings.EqualFold(s[cut:], u.name) {
			continue
		}
		n, err := parseCount(strings.TrimSuffix(s[:cut], " "))
		if err != nil || n < 0 || n > math.MaxInt64/u.bytes {
			return 0, errSize
		}
		return Size(n * u.bytes), nil
	}
	return 0, errSize
}

// String writes s in the largest unit that needs no fraction, so that
// [ParseSize] reads the same size again.
func (s Size) String() string {
	for _, u := range units {
		if int64(s)%u.bytes == 0 && s != 0 {
			return strconv.FormatInt(int64(s)/u.bytes, 10) + u.name
		}
	}
	return "0B"
}
