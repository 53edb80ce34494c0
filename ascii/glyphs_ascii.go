package ascii

// printableASCII is what every terminal, font and chat has.
func printableASCII() []rune { return upTo(' ', '~') }
