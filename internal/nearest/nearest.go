// Package nearest finds what a mistyped name was probably meant to be.
package nearest

import "strings"

// Name returns the known name closest to name, or "" when none is close enough
// to be worth suggesting. Of equally close ones the first wins.
//
// Close means an edit distance of at most a third of the name, or that the name
// is how a known one begins or ends ("pixels" for "limits.pixels").
func Name(name string, known []string) string {
	best, bestDistance := "", max(1, len(name)/3)+1
	for _, k := range known {
		if d := distance(name, k); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best
}

const shortestPart = 3 // letters; shorter beginnings and ends match by accident

func distance(name, known string) int {
	if len(name) >= shortestPart && (strings.HasPrefix(known, name) || strings.HasSuffix(known, name)) {
		return 1
	}
	return levenshtein(name, known)
}

// levenshtein counts the insertions, deletions and replacements of bytes that
// turn a into b, by the row-wise recurrence of Wagner and Fischer (1974).
func levenshtein(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
