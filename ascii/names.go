package ascii

import (
	"fmt"
	"slices"
	"strings"
)

func checkColor(name string) error {
	if slices.Contains(ColorDepths(), name) {
		return nil
	}
	return unknown("color", name, ColorDepths())
}

// unknown says which names there are, and which is meant when one is near.
func unknown(option, value string, names []string) error {
	shown := shorten(value)
	message := fmt.Sprintf("%s is %q, but must be one of: %s", option, shown, strings.Join(names, ", "))
	if name, ok := nearest(value, names); ok {
		message += fmt.Sprintf(" (did you mean %q?)", name)
	}
	return &OptionError{Option: option, Value: shown, Message: message}
}

// shorten cuts a value down to what a message can quote.
func shorten(value string) string {
	if len(value) <= 64 {
		return value
	}
	return strings.ToValidUTF8(value[:64], "") + "…"
}

// nearest returns the name that takes the fewest edits to get from value, if few
// enough for a slip.
func nearest(value string, names []string) (string, bool) {
	best, least := "", 3
	for _, name := range names {
		if len(value) > 2*len(name) {
			continue
		}
		if d := distance(strings.ToLower(value), name); d < least {
			best, least = name, d
		}
	}
	return best, best != ""
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
