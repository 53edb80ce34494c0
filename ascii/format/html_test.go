package format_test

import (
	"bytes"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
)

// document is what a parser finds in HTML.
type document struct {
	title, label, role, style string
	text                      string   // of what is drawn
	schemes                   []string // of what is drawn: "dark" or "light"
	elements                  map[string]int
	attributes                map[string]int
	looks                     []string // class and style of the span of each cell
}

func parseHTML(t *testing.T, data []byte) document {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	d := document{elements: map[string]int{}, attributes: map[string]int{}}
	d.walk(root, false, "")
	return d
}

func (d *document) walk(n *html.Node, inPre bool, look string) {
	if n.Type == html.ElementNode {
		d.elements[n.Data]++
		look = ""
		for _, a := range n.Attr {
			d.attributes[a.Key]++
			look += a.Key + "=" + a.Val + ";"
		}
	}
	switch {
	case n.Type == html.ElementNode && n.Data == "title":
		d.title = n.FirstChild.Data
	case n.Type == html.ElementNode && n.Data == "style":
		d.style = n.FirstChild.Data
	case n.Type == html.ElementNode && n.Data == "pre":
		inPre, look = true, ""
		for _, a := range n.Attr {
			switch a.Key {
			case "role":
				d.role = a.Val
			case "aria-label":
				d.label = a.Val
			case "class":
				d.schemes = append(d.schemes, a.Val)
			}
		}
	case n.Type == html.TextNode && inPre:
		d.text += n.Data
		for _, r := range n.Data {
			if r != '\n' {
				d.looks = append(d.looks, look)
			}
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		d.walk(c, inPre, look)
	}
}

// A parser finds the same cells, and nothing that the art or its title put in.
func TestHTMLIsParsedBack(t *testing.T) {
	art := hostile()
	data := writeWith(t, "html", art, hostileSettings())
	d := parseHTML(t, data)
	if d.text != text(art) {
		t.Errorf("text: got %q, want %q", d.text, text(art))
	}
	if want := "</title><script>alert(1)</script>\uFFFD\uFFFD]0;x\uFFFD"; d.title != want {
		t.Errorf("title: got %q, want %q", d.title, want)
	}
	if want := "\" onload=\"alert(1)\" x='<&>]]>\u202e\uFFFD\uFFFD"; d.label != want || d.role != "img" {
		t.Errorf("label: got %q of role %q, want %q", d.label, d.role, want)
	}
	if got, want := slices.Sorted(maps.Keys(d.elements)), []string{"body", "head", "html", "meta", "pre", "span", "style", "title"}; !slices.Equal(got, want) {
		t.Errorf("elements: got %v, want %v", got, want)
	}
	for _, unwanted := range []string{"onload", "href", "src", "id"} {
		if d.attributes[unwanted] > 0 {
			t.Errorf("there is an attribute %s", unwanted)
		}
	}
	if strings.Contains(d.style, "url(") || strings.Contains(d.style, "@import") {
		t.Error("the style loads something")
	}
}

func TestHTMLColours(t *testing.T) {
	art := drawn("ab c█")
	art.Palette = []ascii.RGB{{R: 1, G: 2, B: 3}}
	red := ascii.Free(ascii.RGB{R: 255})
	for i, c := range []struct{ fg, bg ascii.Color }{{red, 0}, {red, 0}, {0, 0}, {0, ascii.Indexed(0)}, {ascii.Indexed(0), 0}} {
		art.Frames[0].Cells[i].FG, art.Frames[0].Cells[i].BG = c.fg, c.bg
	}
	d := parseHTML(t, write(t, "html", art))
	want := []string{"style=color:#ff0000;", "style=color:#ff0000;", "style=color:#ff0000;", "class=b0;", "class=g g2588 f0;"}
	if !slices.Equal(d.looks, want) {
		t.Errorf("looks: got %q, want %q", d.looks, want)
	}
	if d.elements["span"] != 3 {
		t.Errorf("there are %d spans, want one for each run of the same colours: 3", d.elements["span"])
	}
	for _, rule := range []string{".f0{color:#010203}", ".b0{background-color:#010203}", "pre{color:#ffffff;background:#000000}"} {
		if !strings.Contains(d.style, rule) {
			t.Errorf("the style lacks %s:\n%s", rule, d.style)
		}
	}
}

// Art without colours has those of the reader's own scheme, unless that would make
// it a negative.
func TestHTMLFollowsTheScheme(t *testing.T) {
	art := drawn("ab")
	for _, tt := range []struct{ name, want string }{
		{"light on dark", "@media (prefers-color-scheme:light){pre{color:#ffffff;background:#000000}}"},
		{"dark on light", "@media (prefers-color-scheme:dark){pre{color:#000000;background:#ffffff}}"},
	} {
		d := parseHTML(t, write(t, "html", art))
		outside := regexp.MustCompile(`@media[^}]*}}`).ReplaceAllString(d.style, "")
		if !strings.Contains(d.style, tt.want) || !strings.Contains(d.style, "color-scheme:light dark") || strings.Contains(outside, "color:#") {
			t.Errorf("%s: the style has not just %s:\n%s", tt.name, tt.want, d.style)
		}
		art.Page.Ink, art.Page.Ground = art.Page.Ground, art.Page.Ink
	}
}

// With the picture drawn for both, readers get the one for their scheme, in its
// colours, and none of the two is a negative.
func TestHTMLWithAnInverse(t *testing.T) {
	dark, light := drawn("ab"), drawn("cd")
	light.Page = ascii.Page{Ink: dark.Page.Ground, Ground: dark.Page.Ink}
	d := parseHTML(t, writeWith(t, "html", dark, format.Settings{Inverse: light}))
	if d.text != "ab\ncd\n" || !slices.Equal(d.schemes, []string{"dark", "light"}) {
		t.Errorf("got %q for %q, want both", d.text, d.schemes)
	}
	for _, want := range []string{
		"@media (prefers-color-scheme:light){pre.dark{display:none}}",
		"@media (prefers-color-scheme:dark){pre.light{display:none}}",
	} {
		if !strings.Contains(d.style, want) || strings.Contains(d.style, "color:#") {
			t.Errorf("the style has not just %s:\n%s", want, d.style)
		}
	}
	coloured := drawn("ab")
	coloured.Frames[0].Cells[0].FG = ascii.Free(ascii.RGB{R: 255})
	for name, arts := range map[string][2]*ascii.Art{"no other scheme": {dark, dark}, "colours": {coloured, light}, "colours of the other": {light, coloured}} {
		d := parseHTML(t, writeWith(t, "html", arts[0], format.Settings{Inverse: arts[1]}))
		if d.text != text(arts[0]) {
			t.Errorf("%s: got %q, want just the art", name, d.text)
		}
	}
	f, err := format.Lookup("html")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Write(io.Discard, dark, format.Settings{Inverse: drawn("\x1b")}); err == nil {
		t.Error("an inverse that cannot be shown: got no error")
	}
}

// Frames follow each other by their delays, without a script.
func TestHTMLAnimation(t *testing.T) {
	art := animated()
	d := parseHTML(t, write(t, "html", art))
	want := ""
	for _, f := range art.Frames {
		want += text(&ascii.Art{Cols: art.Cols, Rows: art.Rows, Frames: []ascii.Frame{f}})
	}
	if d.text != want || d.elements["span"] != 3 || d.elements["script"] != 0 {
		t.Errorf("got %q in %d spans, want %q in one a frame", d.text, d.elements["span"], want)
	}
	for _, want := range []string{
		"pre .k{grid-area:1/1;visibility:hidden;animation:1.073333333s step-end 2 both}",
		"@keyframes k0{0%{visibility:visible}3.727%{visibility:hidden}}",
		"@keyframes k1{0%{visibility:hidden}3.727%{visibility:visible}6.832%{visibility:hidden}}",
		"@keyframes k2{0%{visibility:hidden}6.832%{visibility:visible}100%{visibility:visible}}",
		"pre .k0{visibility:visible}\n@media (prefers-reduced-motion:reduce){pre .k{animation-name:none}}",
	} {
		if !strings.Contains(d.style, want) {
			t.Errorf("the style lacks %s:\n%s", want, d.style)
		}
	}
	art.Loops = 0
	if d := parseHTML(t, write(t, "html", art)); !strings.Contains(d.style, "step-end infinite") {
		t.Error("an animation that loops for ever ends")
	}
}
