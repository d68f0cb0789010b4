package ingest

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/deskwire/deskwire/internal/desk"
)

// config describes the API as a whole: OpenAPI 3.1 at /openapi.json.
func config(version string) huma.Config {
	c := huma.DefaultConfig("Deskwire", version)
	c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", nil
	c.OpenAPIPath = "/openapi"
	c.Info.Description = "The live layer of a helpdesk: send what happens, and every agent's screen is right."
	c.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	c.Servers = []*huma.Server{{URL: "/", Description: "The server that tells this"}}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"bearer": {Type: "http", Scheme: "bearer",
		Description: "The account's API key, the operator's key, or an agent's token."}}
	c.Components.Schemas = registry()
	return c
}

// registry describes our types as their JSON is, not as their Go is.
func registry() huma.Registry {
	r := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	r.RegisterTypeAlias(reflect.TypeFor[desk.Time](), reflect.TypeFor[time.Time]())
	r.RegisterTypeAlias(reflect.TypeFor[json.RawMessage](), reflect.TypeFor[map[string]any]())
	return r
}

// describe adds to the description what huma does not know of the routes.
func (a *api) describe() {
	for _, r := range a.routes {
		o := methodOf(a.huma.OpenAPI().Paths[r.path], r.method)
		r.describeAnswer(o)
		if o.RequestBody != nil { // huma adds what a raw body is without us
			delete(o.RequestBody.Content, "application/octet-stream")
		}
	}
	a.describeBulk()
	a.describeSchemas()
}

func methodOf(p *huma.PathItem, method string) *huma.Operation {
	return map[string]*huma.Operation{"GET": p.Get, "PUT": p.Put, "POST": p.Post, "PATCH": p.Patch, "DELETE": p.Delete}[method]
}

// describeAnswer shows an example of the answer, and that what was not there
// before answers 201.
func (r *route) describeAnswer(o *huma.Operation) {
	ok := o.Responses["200"]
	if ok == nil {
		o.Responses["204"].Description = "It is done, or was so already"
		return
	}
	ok.Description = "It is so"
	for _, m := range ok.Content {
		m.Example = r.answer
	}
	_, writes := r.answer.(receipt)
	if !writes {
		return
	}
	ok.Description = "It is durable, and on its way to every screen"
	made := *ok
	made.Description = "The same, and it was not there before"
	o.Responses["201"] = &made
	if r.id == "create-account" {
		delete(o.Responses, "200")
	}
}

const (
	bulkPath   = accountPath + "/bulk"
	ndjsonType = "application/x-ndjson"
)

const bulkDetail = "The body is NDJSON of any size, plain or with Content-Encoding: gzip. It is read, done and answered in steps of at most 5,000 lines; " +
	"each step is seen by every screen whole or not at all, and is durable when its lines are answered. Answers stream back while the body is still sent, " +
	"in the order of the lines; reading them only at the end is fine. A refused line does not stop the others: its answer has a problem. " +
	"The last line of the answer is {\"done\":true,\"lines\":N,\"failed\":F}; when it is missing or done is false, send the bulk again with the same " +
	"Idempotency-Key: what was done stays done and is answered with again. A bulk of which nothing could be done is answered with a problem as any request is."

// describeBulk describes the one route that huma does not serve.
func (a *api) describeBulk() {
	r := route{method: http.MethodPost, path: bulkPath, id: "bulk", tag: "Bulk", summary: "Write any number of lines, each answered with a line",
		detail: bulkDetail + "\n\nA line is " + opForms() + ".", door: forBackend, body: map[string]any{}, format: ndjsonType}
	o := a.operation(r)
	text := func(example string) map[string]*huma.MediaType {
		return map[string]*huma.MediaType{ndjsonType: {Schema: &huma.Schema{Type: huma.TypeString}, Example: example}}
	}
	o.RequestBody.Content = text(`{"op":"ticket.put","ticket":{"id":"1001","version":1,"subject":"Where is my order?","status":"open"}}` + "\n" + `{"op":"ticket.delete","id":"1002"}` + "\n")
	low, high := 1.0, float64(desk.MaxBulk)
	longest := MaxKey
	o.Parameters = []*huma.Param{
		{Name: "account", In: "path", Required: true, Description: "The account's id", Example: "acme", Schema: &huma.Schema{Type: huma.TypeString}},
		{Name: "step", In: "query", Description: "Lines a step; fewer are seen sooner", Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: &low, Maximum: &high, Default: desk.MaxBulk}},
		{Name: "Idempotency-Key", In: "header", Description: "1 to 200 visible ASCII characters. Makes the whole bulk safe to send again", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &longest}}}
	example := string((&result{Line: 1, ID: "1001", Version: 1, Changed: true, Seq: 4711}).append(nil)) +
		`{"line":2,"changed":false,"problem":{"type":"/docs#problem-not-found","title":"Not Found","status":404,"detail":"there is no ticket 1002; create it with PUT first","pointer":"/id"}}` + "\n" +
		`{"done":true,"lines":2,"failed":1}` + "\n"
	o.Responses = map[string]*huma.Response{"200": {Description: "A line for each line, then the sum", Content: text(example)}}
	problem := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[problem](), true, "")
	for _, status := range append(o.Errors, http.StatusUnsupportedMediaType) {
		o.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status), Content: map[string]*huma.MediaType{problemType: {Schema: problem}}}
	}
	a.huma.OpenAPI().AddOperation(&o)
}

// opForms lists the lines of a bulk with what each takes.
func opForms() (text string) {
	for i, name := range opNames() {
		if i > 0 {
			text += ", "
		}
		text += `{"op":"` + name + `"`
		for _, o := range ops[name].takes {
			text += `, "` + o.name + `"`
			if o.optional {
				text += "?"
			}
		}
		text += "}"
	}
	return text
}

// words are the only values of some texts, by schema and property.
var words = map[string]map[string][]any{
	"Ticket":  {"status": anyOf(desk.Statuses), "priority": anyOf(desk.Priorities)},
	"Message": {"kind": {desk.Public, desk.Note, desk.System}},
	"Author":  {"kind": {desk.FromAgent, desk.FromCustomer, desk.FromBot, desk.FromRule}},
	"Agent":   {"role": {desk.Admin, desk.Lead, desk.Regular, desk.Light, desk.Observer}},
	"View":    {"kind": {desk.PublicView, desk.SharedView, desk.PrivateView, desk.SystemView}},
}

func anyOf[T any](all []T) (out []any) {
	for _, v := range all {
		out = append(out, v)
	}
	return out
}

// given are properties that every answer has and no request needs: they come
// from the address, or follow.
var given = []string{"id", "version", "message_count", "ticket", "seq", "at"}

func (a *api) describeSchemas() {
	all := a.huma.OpenAPI().Components.Schemas.Map()
	for name, properties := range words {
		s := all[name]
		for property, values := range properties {
			s.Properties[property].Enum = values
		}
	}
	for _, name := range []string{"Ticket", "Message", "Agent", "Team", "Customer", "View", "Account"} {
		s := all[name]
		s.Required = slices.DeleteFunc(s.Required, func(p string) bool { return slices.Contains(given, p) && !(name == "Account" && p == "id") })
	}
	texts := &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}}
	*all["Value"] = huma.Schema{Description: "A custom field's value, of the field's type: answers write it as an object with one member (text, number, bool, time or set)",
		AnyOf: []*huma.Schema{{Type: huma.TypeString}, {Type: huma.TypeNumber}, {Type: huma.TypeBoolean}, texts, {Type: huma.TypeObject, AdditionalProperties: true}}}
}
