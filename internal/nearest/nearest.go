// Package nearest finds what a mistyped name was probably meant to be.
package nearest

import "strings"

// Name returns the known name closest to name, or "" when none is close enough
// to be worth suggesting. Of equally close ones the first wins.
//
// Close means an edit distance of at most a third of the name, or that the name
// is how a known one begins or ends ("pixels" for "limits.pixels").
func Name(name string, known []string) string {
	if len(name) > longest {
		return ""
	}
	best, bestDistance := "", max(1, len(name)/3)+1
	for _, k := range known {
		if d := distance(name, k); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best
}

const (
	longest      = 64 // bytes; what is longer is no slip, and costs time to compare
	shortestPart = 3  // bytes; shorter beginnings and ends match by accident
)

func distance(name, known string) int {
	if len(name) >= shortestPart && (strings.HasPrefix(known, name) || strings.HasSuffix(known, name)) {
		return 1
	}
	return edits(name, known)
}

// edits counts the insertions, deletions and replacements of bytes and the swaps
// of neighbors that turn a into b: the optimal string alignment distance
// (Damerau 1964, in the recurrence of Wagner and Fischer 1974).
func edits(a, b string) int {
	d := make([][]int, len(a)+1) // d[i][j] is the distance of a[:i] and b[:j]
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+differ(a[i-1], b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func differ(a, b byte) int {
	if a == b {
		return 0
	}
	return 1
}
