package target

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// Budget is how long a text may be. Zero fields do not limit it.
type Budget struct {
	Chars     int // Unicode code points, line ends included
	Bytes     int // of UTF-8
	Lines     int // a last one without a line end included
	LineBytes int // of any line, without its end
}

// Check returns a [*BudgetError] for the first limit that a text is over.
func (b Budget) Check(text []byte) error {
	for _, c := range []struct {
		limit int
		count func([]byte) int
		unit  string
	}{
		{b.Chars, utf8.RuneCount, "characters"},
		{b.Bytes, func(text []byte) int { return len(text) }, "bytes"},
		{b.Lines, countLines, "lines"},
		{b.LineBytes, longestLine, "bytes in a line"},
	} {
		if c.limit == 0 {
			continue
		}
		if n := c.count(text); n > c.limit {
			return &BudgetError{Limit: c.limit, Actual: n, Unit: c.unit}
		}
	}
	return nil
}

// Within returns the narrower of two budgets, limit by limit.
func (b Budget) Within(other Budget) Budget {
	return Budget{
		Chars: narrower(b.Chars, other.Chars), Bytes: narrower(b.Bytes, other.Bytes),
		Lines: narrower(b.Lines, other.Lines), LineBytes: narrower(b.LineBytes, other.LineBytes),
	}
}

func narrower(a, b int) int {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

func countLines(text []byte) int {
	n := bytes.Count(text, []byte("\n"))
	if len(text) > 0 && text[len(text)-1] != '\n' {
		n++
	}
	return n
}

func longestLine(text []byte) int {
	longest := 0
	for line := range bytes.Lines(text) {
		longest = max(longest, len(bytes.TrimSuffix(line, []byte("\n"))))
	}
	return longest
}

// BudgetError says that a text is over a limit of a [Budget].
type BudgetError struct {
	Limit, Actual int
	Unit          string // "characters", "bytes", "lines" or "bytes in a line"
}

func (e *BudgetError) Error() string {
	return fmt.Sprintf("the art is over its budget: %d of at most %d %s", e.Actual, e.Limit, e.Unit)
}
