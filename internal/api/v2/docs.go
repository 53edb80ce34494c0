package v2

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charcoal-art/charcoal/internal/api/problem"
	"github.com/charcoal-art/charcoal/internal/api/schema"
)

//go:embed pages
var pageFiles embed.FS

// pages are what the API says about itself. They are made once, and work without
// any other server.
type pages []page

type page struct {
	path, mediaType string
	body            []byte
	etag            string
}

// pagePolicy lets pages have their style and nothing else: no script, no frames.
const pagePolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// publish makes the pages. It panics when one cannot be made, since they are ours.
func (a *API) publish() pages {
	asJSON, asYAML, err := encodeDocument(a.document())
	if err != nil {
		panic(fmt.Sprintf("v2: the OpenAPI document: %v", err))
	}
	style, err := pageFiles.ReadFile("pages/docs.css")
	if err != nil {
		panic(fmt.Sprintf("v2: %v", err))
	}
	const html = "text/html; charset=utf-8"
	return pages{
		newPage("/openapi.json", "application/json", asJSON),
		newPage("/openapi.yaml", "application/yaml", asYAML),
		newPage("/docs", html, render("docs.html", a.guide())),
		newPage("/docs/problems", html, render("problems.html", problem.Codes())),
		newPage("/docs/docs.css", "text/css; charset=utf-8", style),
	}
}

func newPage(path, mediaType string, body []byte) page {
	sum := sha256.Sum256(body)
	return page{path, mediaType, body, fmt.Sprintf(`"%x"`, sum[:12])}
}

func (p pages) register(mux *http.ServeMux) {
	for _, one := range p {
		mux.HandleFunc("GET "+one.path, one.serve)
	}
}

func (p page) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", p.mediaType)
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Cache-Control", "no-cache") // ask whether it changed
	h.Set("Etag", p.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(p.body))
}

func render(name string, data any) []byte {
	t := template.Must(template.ParseFS(pageFiles, "pages/"+name))
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		panic(fmt.Sprintf("v2: the page %s: %v", name, err))
	}
	return out.Bytes()
}

// guide is what the page of the document shows.
type guide struct {
	Version string
	Groups  []guideGroup
	Types   []guideType
}

type guideGroup struct {
	Name       string
	Operations []guideOperation
}

type guideOperation struct {
	ID, Method, Path, Scope, Summary, Details, Curl string
	Query, Headers                                  []guideField
	Bodies                                          []string
	BodyType                                        string // name of a type; "" for none
	Answers                                         []guideAnswer
}

type guideAnswer struct {
	Status int
	Doc    string
	Types  []string
	Forms  string
}

type guideType struct {
	Name   string
	Fields []guideField
}

type guideField struct {
	Name, Kind, Ref, Doc string
	Required             bool
}

func (a *API) guide() guide {
	g := guide{Version: a.cfg.Version}
	for _, name := range a.groups() {
		group := guideGroup{Name: name}
		for i := range a.table {
			if a.table[i].group == name {
				group.Operations = append(group.Operations, a.guideOperation(&a.table[i]))
			}
		}
		g.Groups = append(g.Groups, group)
	}
	for _, name := range sortedNames(a.schemas.Schemas) {
		g.Types = append(g.Types, guideType{name, a.guideFields(a.schemas.Schemas[name].Properties)})
	}
	return g
}

func (a *API) guideOperation(op *operation) guideOperation {
	g := guideOperation{
		ID: op.id, Method: op.method, Path: op.path, Scope: string(op.scope), Summary: op.summary, Details: op.details,
		Query: a.guideFields(op.querySet.Properties), Curl: curl(op),
	}
	if op.files {
		g.Path += "[.ext]"
	}
	for _, h := range op.headers {
		g.Headers = append(g.Headers, guideField{Name: h.name, Doc: h.doc})
	}
	for _, b := range op.bodies {
		g.Bodies = append(g.Bodies, b.mediaType)
	}
	if op.body != nil {
		g.BodyType = refName(op.bodySchema)
	}
	for _, ans := range op.answers {
		g.Answers = append(g.Answers, a.guideAnswer(ans))
	}
	return g
}

func (a *API) guideAnswer(ans answer) guideAnswer {
	g := guideAnswer{Status: ans.status, Doc: ans.doc, Forms: strings.Join(ans.contents, ", ")}
	if s := a.answerSchema(ans); s != nil {
		for _, one := range append([]*schema.Schema{s}, s.AnyOf...) {
			if name := refName(one); name != "" {
				g.Types = append(g.Types, name)
			}
		}
	}
	return g
}

func (a *API) guideFields(properties []schema.Property) []guideField {
	var fields []guideField
	for _, p := range properties {
		kind := a.schemas.Resolve(p.Schema)
		field := guideField{Name: p.Name, Ref: refName(p.Schema), Doc: p.Description, Required: p.Required, Kind: kind.Type}
		if kind.Type == "array" {
			field.Ref, field.Kind = refName(kind.Items), "list of "+or(a.schemas.Resolve(kind.Items).Type, "anything")
		}
		field.Kind += rangeOf(kind)
		if words := enumOf(kind); words != "" {
			field.Kind = words
		}
		fields = append(fields, field)
	}
	return fields
}

func enumOf(s *schema.Schema) string {
	if s.Type == "array" {
		s = s.Items
	}
	return strings.Join(s.Enum, " | ")
}

// rangeOf is from where to where a number goes, as it follows the name of its type.
func rangeOf(s *schema.Schema) string {
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	switch {
	case s.Min != nil && s.Max != nil:
		return ", " + number(*s.Min) + " to " + number(*s.Max)
	case s.Min != nil:
		return " from " + number(*s.Min)
	case s.Max != nil:
		return " up to " + number(*s.Max)
	}
	return ""
}

func refName(s *schema.Schema) string { return strings.TrimPrefix(s.Ref, schema.RefPrefix) }

// curl is an example of the operation.
func curl(op *operation) string {
	path := strings.NewReplacer("{id}", "ID", "{name}", "NAME").Replace(op.path)
	words := []string{"curl"}
	switch {
	case len(op.bodies) > 0:
		words = append(words, "-F file=@cat.jpg")
	case op.body != nil:
		if op.method != http.MethodPost {
			words = append(words, "-X "+op.method)
		}
		words = append(words, "-H 'Content-Type: application/json' -d '{…}'")
	case op.method != http.MethodGet:
		words = append(words, "-X "+op.method)
	}
	if op.scope != "" {
		words = append(words, `-H "Authorization: Bearer $TOKEN"`)
	}
	return strings.Join(append(words, "$CHARCOAL"+path), " ")
}

func sortedNames(schemas map[string]*schema.Schema) []string {
	return slices.Sorted(maps.Keys(schemas))
}
