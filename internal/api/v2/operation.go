package v2

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/schema"
)

// operation is one row of the table: a route and all that is known of it.
type operation struct {
	id      string // of OpenAPI: "getImage"
	method  string
	path    string         // with {parameters}
	pathDoc string         // of its parameters, when they are not ids
	files   bool           // the path stands for itself and for itself with each extension of a format
	scope   charcoal.Scope // that the caller needs; "" when the use case decides, or nobody needs any
	group   string
	summary string
	details string

	query        reflect.Type   // a struct of parameters; nil for none
	querySet     *schema.Schema // instead of query, or what describe makes of it
	openQuery    bool           // the query may hold what is not known, too
	headers      []parameter    // of requests, that mean something here
	body         reflect.Type   // of JSON; nil for none
	bodies       []content      // besides JSON
	bodyOptional bool
	answers      []answer

	bodySchema *schema.Schema
	serve      func(*call) error
}

// parameter is a header of requests or answers.
type parameter struct{ name, doc string }

// content is a body that is not JSON.
type content struct {
	mediaType string
	schema    *schema.Schema
}

// answer is one status that an operation answers with when all is well.
type answer struct {
	status   int
	doc      string
	value    reflect.Type // of JSON; nil for another body, or none
	several  reflect.Type // of JSON in its place, when more than one thing was sent; nil: never
	contents []string     // media types of a body that is not JSON
	headers  []parameter
}

// withQuery gives an operation its query and who serves it.
func withQuery[Q any](op operation, serve func(*call, Q) error) operation {
	op.query = reflect.TypeFor[Q]()
	op.serve = func(c *call) error {
		var q Q
		if err := c.decodeQuery(&q); err != nil {
			return err
		}
		return serve(c, q)
	}
	return op
}

// withBody gives an operation its JSON body and who serves it.
func withBody[B any](op operation, serve func(*call, B) error) operation {
	op.body = reflect.TypeFor[B]()
	op.serve = func(c *call) error {
		var b B
		if err := c.decodeBody(&b); err != nil {
			return err
		}
		return serve(c, b)
	}
	return op
}

// describe makes the schemas of what the operation takes.
func (op *operation) describe(r *schema.Registry) {
	if op.query != nil {
		op.querySet = r.Fields(op.query)
	}
	if op.querySet == nil {
		op.querySet = schema.Object()
	}
	if op.body != nil {
		op.bodySchema = r.Of(op.body)
	}
	for _, a := range op.answers {
		for _, t := range []reflect.Type{a.value, a.several} {
			if t != nil {
				r.Of(t)
			}
		}
	}
}

// patterns are the routes: one, or one for each extension.
func (op *operation) patterns() []string {
	base := op.method + " " + op.path
	if !op.files {
		return []string{base}
	}
	all := []string{base}
	for _, f := range formats() {
		all = append(all, base+f.Extension)
	}
	return all
}

// params are the names in the path, in their order.
func (op *operation) params() []string {
	var names []string
	for part := range strings.SplitSeq(op.path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// ok is the plain answer with a value.
func ok[V any](doc string) answer {
	return answer{status: http.StatusOK, doc: doc, value: reflect.TypeFor[V]()}
}

func typeOf[V any]() reflect.Type { return reflect.TypeFor[V]() }

func created[V any](doc string) answer {
	return answer{status: http.StatusCreated, doc: doc, value: reflect.TypeFor[V](), headers: []parameter{{"Location", "where it is"}}}
}

func accepted[V any](doc string) answer {
	return answer{status: http.StatusAccepted, doc: doc, value: reflect.TypeFor[V](), headers: []parameter{{"Location", "where to look for it"}}}
}

func nothing(doc string) answer { return answer{status: http.StatusNoContent, doc: doc} }

var (
	preferHeader = parameter{"Prefer", "wait=N: answer when the rendering is final, or after N seconds, at most 60 (RFC 7240)"}
	onceHeader   = parameter{"Idempotency-Key", "1 to 255 printable characters. Within a day, the same request with the same key is carried out once, and answered the same; another request with it is refused"}
	digestHeader = parameter{"Content-Digest", "sha-256=:BASE64: of a body that is a picture: checked before anything is kept (RFC 9530). In a form, on the part of the file"}
)
