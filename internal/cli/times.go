package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// parsePast reads a moment before now: "36h", "7d" and "2w" ago, or a date.
func parsePast(text string, now time.Time) (time.Time, error) {
	if d, ok := parseSpan(text); ok {
		return now.Add(-d), nil
	}
	return parseDate(text, now.Location())
}

// parseFuture reads a moment after now: in "36h", "7d" and "2w", or a date.
func parseFuture(text string, now time.Time) (time.Time, error) {
	if d, ok := parseSpan(text); ok {
		return now.Add(d), nil
	}
	return parseDate(text, now.Location())
}

func parseDate(text string, local *time.Location) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not allowed; give a time, such as 36h, 7d, 2026-01-31 or 2026-01-31T12:00:00Z", text)
}

// parseSpan reads what [time.ParseDuration] does, and whole days and weeks of 24
// and 168 hours.
func parseSpan(text string) (time.Duration, bool) {
	const longest = 100 * 365 * 24 * time.Hour
	for suffix, unit := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if digits, ok := strings.CutSuffix(text, suffix); ok {
			n, err := strconv.ParseUint(digits, 10, 16)
			d := time.Duration(n) * unit
			return d, err == nil && 0 < d && d <= longest
		}
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && 0 < d && d <= longest
}
