package format_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
)

// hello is art made by hand: one row, of which a part is red.
func hello() *ascii.Art {
	art := &ascii.Art{Cols: 2, Rows: 1, Page: ascii.Defaults().Page(), Depth: "16", Palette: ascii.TerminalPalette()[:16]}
	art.Frames = []ascii.Frame{{Cells: []ascii.Cell{{Rune: '<', FG: ascii.Indexed(9)}, {Rune: '3'}}}}
	return art
}

// The same art in several formats, each of which shows what it can.
func ExampleLookup_several() {
	for _, name := range []string{"text", "ansi", "irc", "bbcode"} {
		f, err := format.Lookup(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		var b bytes.Buffer
		if err := f.Write(&b, hello(), format.Settings{}); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %q\n", f.Name, b.String())
	}
	// Output:
	// text: "<3\n"
	// ansi: "\x1b[91m<\x1b[m3\n"
	// irc: "\x0304<\x0f3\n"
	// bbcode: "[font=monospace][color=#ff0000]<[/color]3\n[/font]\n"
}

// Whatever takes bytes takes art: a file, a response, an e-mail.
func ExampleFormat() {
	page, err := format.Lookup("html")
	if err != nil {
		fmt.Println(err)
		return
	}
	var b strings.Builder
	if err := page.Write(&b, hello(), format.Settings{Title: "A heart", Label: "A heart of two characters"}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(page.MediaType)
	fmt.Println(strings.Contains(b.String(), `aria-label="A heart of two characters"`))
	fmt.Println(strings.Contains(b.String(), "&lt;"))
	// Output:
	// text/html; charset=utf-8
	// true
	// true
}

// What another program drew can be read, and written in another format.
func ExampleRead() {
	o := ascii.Defaults()
	art, err := format.Read([]byte("\x1b[91m<\x1b[0m3\n"), o.Page(), o.CheckGrid)
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := format.Lookup("bbcode")
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := f.Write(os.Stdout, art, format.Settings{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// [font=monospace][color=#ff0000]<[/color]3
	// [/font]
}
