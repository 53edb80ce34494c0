package ascii

// lineRunes trace outlines: strokes of ASCII in every direction, and light box
// drawing with its arcs, diagonals and half lines.
func lineRunes() []rune { return []rune(" |/-\\_'`.,:;~^<>()[]{}+=\"" + lightBox) }

// lightBox is box drawing with light lines.
const lightBox = "─│┄┆┈┊┌┐└┘├┤┬┴┼╌╎╭╮╯╰╱╲╳╴╵╶╷"
