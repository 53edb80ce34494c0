package target_test

import (
	"bytes"
	"fmt"
	"image"
	"unicode/utf8"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/ascii/target"
)

// The largest drawing that a message has room for.
func ExampleFit() {
	picture := image.NewGray(image.Rect(0, 0, 200, 200))
	for i := range picture.Pix {
		picture.Pix[i] = uint8(i)
	}
	discord, err := target.Lookup("discord")
	if err != nil {
		panic(err)
	}
	writer, err := format.Lookup(discord.Format)
	if err != nil {
		panic(err)
	}
	draw := func(cols int) ([]byte, error) {
		options := discord.Options()
		options.Cols = cols
		art, err := ascii.Convert(picture, options)
		if err != nil {
			return nil, err
		}
		var text bytes.Buffer
		err = writer.Write(&text, art, format.Settings{})
		return discord.Wrap(text.Bytes()), err
	}
	text, cols, err := target.Fit(draw, discord.Budget, discord.Cols)
	if err != nil {
		panic(err)
	}
	fmt.Println("fits:", utf8.RuneCount(text) <= 2000)
	fmt.Println("is as wide as it can be:", cols > 55)
	fmt.Printf("is fenced: %q … %q\n", text[:4], text[len(text)-4:])
	// Output:
	// fits: true
	// is as wide as it can be: true
	// is fenced: "```\n" … "```\n"
}
