package ascii

// brailleRunes are the 256 patterns of eight dots. The empty one is a space to the
// eye, but keeps its width where spaces are collapsed.
func brailleRunes() []rune { return upTo(0x2800, 0x28ff) }
