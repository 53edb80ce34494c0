package target

import "fmt"

// firstTry is the columns that [Fit] begins with: few enough to be cheap.
const firstTry = 32

// Fit returns the largest art of at most maxCols columns that a budget has room
// for. Draw makes the text of a width anew, of as many rows as it takes. Since that
// grows with the columns, Fit doubles them until they are too many, which keeps
// it from drawing much more than the answer, and then halves what is in doubt:
// no more than 2·log2(maxCols) widths in all.
//
// The error is a [*BudgetError] when not even a single column fits, or that of draw.
func Fit(draw func(cols int) ([]byte, error), b Budget, maxCols int) (text []byte, cols int, err error) {
	if maxCols < 1 {
		return nil, 0, fmt.Errorf("fit art into %d columns", maxCols)
	}
	fits, tooWide := 0, maxCols+1 // what is known: the answer is at least fits, and less than tooWide
	var over error
	for try := min(firstTry, maxCols); tooWide-fits > 1; try = nextTry(fits, tooWide, maxCols) {
		drawn, err := draw(try)
		if err != nil {
			return nil, 0, fmt.Errorf("draw %d columns: %w", try, err)
		}
		if over = b.Check(drawn); over != nil {
			tooWide = try
			continue
		}
		text, fits = drawn, try
	}
	if fits == 0 {
		return nil, 0, over
	}
	return text, fits, nil
}

func nextTry(fits, tooWide, maxCols int) int {
	if tooWide > maxCols {
		return min(2*fits, maxCols)
	}
	return (fits + tooWide) / 2
}
