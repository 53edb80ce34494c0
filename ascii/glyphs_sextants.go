package ascii

// sextantRunes are all 64 ways to fill a cell cut into two columns and three rows.
func sextantRunes() []rune { return append([]rune(" ▌▐█"), upTo(0x1fb00, 0x1fb3b)...) }
