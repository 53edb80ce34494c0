package target

import "slices"

const (
	noBreakSpace = '\u00a0'
	blankBraille = '\u2800' // as wide as other braille, and no space to any program
)

// fence is the line around code in Markdown and its kin.
const fence = "```\n"

// Sets of characters. Chats count the characters beyond U+FFFF twice, and few of
// their fonts have them, so there are no sextants and octants.
var (
	typed   = []string{"ascii", "lines"}
	chat    = []string{"ascii", "lines", "blocks", "braille"}
	braille = []string{"braille"} // where letters have different widths
)

// All is every target, in the order to show them. A column more than a place has
// breaks every line, so widths are those of common windows, not of the largest.
func All() []Target { return slices.Concat(terminals(), chats(), posts(), plain()) }

func terminals() []Target {
	return []Target{
		{
			Name: "terminal", Notes: "256 colours, which every terminal has.",
			Format: "ansi", Color: "256", Paint: "both",
		},
		{
			Name: "terminal-16", Notes: "The 16 colours of old terminals and consoles.",
			Format: "ansi", Glyphs: []string{"ascii", "lines", "blocks"}, Color: "16", Paint: "both",
		},
		{
			Name: "terminal-true", Notes: "All colours, which most terminals have.",
			Format: "ansi", Color: "true", Paint: "both",
		},
	}
}

// chats show code as it is written.
func chats() []Target {
	return []Target{
		{
			Name: "discord", Notes: "A code block in a message of at most 2,000 characters, on a dark page.",
			Format: "text", Glyphs: chat, Color: "none", Cols: 80, Budget: Budget{Chars: 2000},
			Before: fence, After: fence, Trim: true, Tick: '\'',
		},
		{
			Name: "slack", Notes: "A code block in a message of at most 4,000 characters, beyond which Slack cuts it up.",
			Format: "text", Glyphs: chat, Color: "none", Invert: true, Cols: 80, Budget: Budget{Chars: 4000},
			Before: fence, After: fence, Trim: true, Tick: '\'',
		},
		{
			Name: "telegram", Notes: "A code block in a message of at most 4,096 characters, as wide as a phone.",
			Format: "text", Glyphs: chat, Color: "none", Invert: true, Cols: 40, Budget: Budget{Chars: 4096},
			Before: fence, After: fence, Trim: true, Tick: '\'',
		},
		{
			Name: "whatsapp", Notes: "Monospaced text as wide as a phone, of at most 65,536 characters.",
			Format: "text", Glyphs: chat, Color: "none", Invert: true, Cols: 30, Budget: Budget{Chars: 65536},
			Before: fence, After: fence, Trim: true, Tick: '\'',
		},
		{
			Name: "github", Notes: "A code block in a comment of at most 65,536 characters.",
			Format: "text", Glyphs: chat, Color: "none", Invert: true, Cols: 100, Budget: Budget{Chars: 65536},
			Before: fence, After: fence, Trim: true, Tick: '\'',
		},
		{
			Name: "reddit", Notes: "A code block, made by indenting so that old Reddit knows it, too, in a comment of at most 10,000 characters.",
			Format: "text", Glyphs: chat, Color: "none", Invert: true, Cols: 80, Budget: Budget{Chars: 10000},
			Indent: "    ", Trim: true,
		},
	}
}

// posts do not keep columns by themselves.
func posts() []Target {
	return []Target{
		{
			Name: "forum", Notes: "BBCode with coloured characters, on a light page.",
			Format: "bbcode", Glyphs: []string{"ascii", "lines", "blocks"}, Color: "true", Paint: "ink", Invert: true, Cols: 80,
			Budget: Budget{Chars: 50000},
		},
		{
			Name: "mastodon", Notes: "A post of at most 500 characters; letters have different widths there, so it is braille.",
			Format: "text", Glyphs: braille, Color: "none", Cols: 36, Budget: Budget{Chars: 500}, Blank: blankBraille,
		},
		{
			Name: "bluesky", Notes: "A post of at most 300 characters; letters have different widths there, so it is braille.",
			Format: "text", Glyphs: braille, Color: "none", Cols: 30, Budget: Budget{Chars: 300, Bytes: 3000}, Blank: blankBraille,
		},
	}
}

// plain are places of nothing but lines.
func plain() []Target {
	return []Target{
		{
			Name: "irc", Notes: "Lines that fit a message of 512 bytes with the sender's name, few enough not to be cut off as a flood.",
			Format: "irc", Glyphs: chat, Color: "16", Paint: "both", Cols: 72, Budget: Budget{Lines: 30, LineBytes: 400},
			Blank: noBreakSpace, Trim: true,
		},
		{
			Name: "email", Notes: "Plain text of at most 78 columns with room to be quoted, without spaces at the end of lines, which mail programs take for flowing text.",
			Format: "text", Glyphs: typed, Color: "none", Invert: true, Cols: 72, Budget: Budget{LineBytes: 998}, Trim: true,
		},
		{
			Name: "printer", Notes: "A page of 80 columns and 66 lines on white paper.",
			Format: "text", Glyphs: typed, Color: "none", Invert: true, Cols: 80, Budget: Budget{Lines: 60}, CellAspect: 0.6, Trim: true,
		},
		{
			Name: "lcd", Notes: "A character display of 20 × 4.",
			Format: "text", Glyphs: typed, Color: "none", Invert: true, Cols: 20, Budget: Budget{Lines: 4}, CellAspect: 0.6,
		},
	}
}
