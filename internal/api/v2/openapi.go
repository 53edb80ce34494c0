package v2

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/problem"
	"github.com/charcoal-art/charcoal/internal/api/schema"
)

// The document is made of the table of operations, as OpenAPI 3.1.1.

type object = map[string]any

func (a *API) document() object {
	a.schemas.Of(typeOf[problem.Problem]())
	paths := make(object)
	for i := range a.table {
		op := &a.table[i]
		a.addPath(paths, op, op.path, "")
		if op.files {
			a.addPath(paths, op, op.path+"{ext}", "As")
		}
	}
	return object{
		"openapi": "3.1.1",
		"info": object{
			"title": "Charcoal", "version": a.cfg.Version, "summary": "Turns pictures into text art.",
			"description": "Upload once, draw many times. Errors are problem details (RFC 9457), explained at /docs/problems. The headers RateLimit and RateLimit-Policy tell what is left.",
			"license":     object{"name": "Apache-2.0", "identifier": "Apache-2.0"},
		},
		"servers": []object{{"url": "/"}},
		"paths":   paths,
		"components": object{
			"schemas": a.namedSchemas(),
			"securitySchemes": object{
				"token":   object{"type": "http", "scheme": "bearer", "description": "a token of POST /v2/tokens"},
				"basic":   object{"type": "http", "scheme": "basic", "description": "name and password"},
				"session": object{"type": "apiKey", "in": "cookie", "name": "charcoal_session", "description": "of POST /v2/sessions; by https its name begins with __Host-"},
			},
		},
	}
}

// namedSchemas are those that others refer to, with those of options, which have
// no struct of their own.
func (a *API) namedSchemas() object {
	all := make(object)
	for name, s := range a.schemas.Schemas {
		all[name] = s
	}
	return all
}

func (a *API) addPath(paths object, op *operation, path, suffix string) {
	item, _ := paths[path].(object)
	if item == nil {
		item = make(object)
		paths[path] = item
	}
	doc := a.operationDoc(op)
	doc["operationId"] = op.id + suffix
	if suffix != "" {
		doc["parameters"] = append(doc["parameters"].([]object), extensionParameter())
	}
	item[strings.ToLower(op.method)] = doc
}

func (a *API) operationDoc(op *operation) object {
	doc := object{
		"summary": op.summary, "tags": []string{op.group}, "responses": a.responses(op),
		"parameters": a.parameters(op), "security": a.security(op),
	}
	if op.details != "" {
		doc["description"] = op.details
	}
	if op.body != nil || len(op.bodies) > 0 {
		doc["requestBody"] = a.requestBody(op)
	}
	return doc
}

// security says which credentials an operation takes, and whether it needs any.
func (a *API) security(op *operation) []object {
	scopes := []string{}
	if op.scope != "" {
		scopes = append(scopes, string(op.scope))
	}
	ways := []object{{"token": scopes}, {"basic": []string{}}, {"session": []string{}}}
	if op.scope == "" || !a.cfg.Features.AuthRequired && op.scope != charcoal.ScopeAdmin {
		ways = append(ways, object{})
	}
	return ways
}

func (a *API) parameters(op *operation) []object {
	all := []object{}
	for _, name := range op.params() {
		all = append(all, object{"name": name, "in": "path", "required": true, "schema": pathSchema(op, name)})
	}
	for _, p := range op.querySet.Properties {
		all = append(all, a.queryParameter(p))
	}
	for _, h := range op.headers {
		all = append(all, object{"name": h.name, "in": "header", "description": h.doc, "schema": object{"type": "string"}})
	}
	return all
}

func pathSchema(op *operation, name string) object {
	switch {
	case name == "name":
		return object{"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,39}$"}
	case op.pathDoc != "":
		return object{"type": "string", "description": op.pathDoc}
	}
	return object{"type": "string", "format": "uuid"}
}

func extensionParameter() object {
	var extensions []string
	for _, f := range formats() {
		extensions = append(extensions, f.Extension)
	}
	return object{"name": "ext", "in": "path", "required": true, "schema": object{"type": "string", "enum": extensions}}
}

func (a *API) queryParameter(p schema.Property) object {
	s := a.schemas.Resolve(p.Schema)
	said := object{"name": p.Name, "in": "query", "schema": s}
	if s.Description != "" {
		said["description"] = s.Description
	}
	if s.Type == "object" {
		said["schema"] = object{"type": "string", "pattern": `^[0-9.]+,[0-9.]+,[0-9.]+,[0-9.]+$`, "examples": []string{"0,0,0.5,0.5"}}
	}
	if p.Required {
		said["required"] = true
	}
	return said
}

func (a *API) requestBody(op *operation) object {
	contents := make(object)
	if op.body != nil {
		contents["application/json"] = object{"schema": op.bodySchema}
	}
	for _, b := range op.bodies {
		contents[b.mediaType] = object{"schema": b.schema}
	}
	return object{"required": !op.bodyOptional, "content": contents}
}

func (a *API) responses(op *operation) object {
	all := object{"default": object{
		"description": "a problem",
		"content":     object{problem.MediaType: object{"schema": a.schemas.Of(typeOf[problem.Problem]())}},
	}}
	for _, ans := range op.answers {
		all[strconv.Itoa(ans.status)] = a.response(ans)
	}
	return all
}

func (a *API) response(ans answer) object {
	doc := object{"description": ans.doc}
	contents := make(object)
	for _, mediaType := range ans.contents {
		contents[bareType(mediaType)] = object{"schema": object{}}
	}
	if s := a.answerSchema(ans); s != nil {
		if _, both := contents["application/json"]; !both {
			contents["application/json"] = object{"schema": s}
		}
	}
	if len(contents) > 0 {
		doc["content"] = contents
	}
	headers := make(object)
	for _, h := range ans.headers {
		headers[h.name] = object{"description": h.doc, "schema": object{"type": "string"}}
	}
	if len(headers) > 0 {
		doc["headers"] = headers
	}
	return doc
}

// answerSchema is that of the JSON of an answer, nil for none.
func (a *API) answerSchema(ans answer) *schema.Schema {
	switch {
	case ans.value == nil:
		return nil
	case ans.several == nil:
		return a.schemas.Of(ans.value)
	}
	return &schema.Schema{AnyOf: []*schema.Schema{a.schemas.Of(ans.value), a.schemas.Of(ans.several)}}
}

// encodeDocument returns the document as JSON and as YAML.
func encodeDocument(doc object) (asJSON, asYAML []byte, err error) {
	if asJSON, err = json.MarshalIndent(doc, "", " "); err != nil {
		return nil, nil, err
	}
	var plain any
	if err := json.Unmarshal(asJSON, &plain); err != nil {
		return nil, nil, err
	}
	asYAML, err = yaml.Marshal(plain)
	return asJSON, asYAML, err
}

// groups are the groups of operations in the order of the table.
func (a *API) groups() []string {
	var names []string
	for _, op := range a.table {
		if !slices.Contains(names, op.group) {
			names = append(names, op.group)
		}
	}
	return names
}
