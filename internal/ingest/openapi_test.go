package ingest_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/openapi.json anew")

const golden = "testdata/openapi.json"

// A change of the API is a change of this file, which somebody reads.
func TestTheDescriptionIsTheOneInTheFile(t *testing.T) {
	var got bytes.Buffer
	if err := json.Indent(&got, described(t), "", " "); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || !bytes.Equal(want, got.Bytes()) {
		t.Errorf("the API has changed (%v): go test ./internal/ingest -run TestTheDescription -update, and read the difference", err)
	}
}

func described(t *testing.T) []byte {
	t.Helper()
	w := new(till).call(t, "GET", "/openapi.json", "", "Authorization", "")
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/") {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	return w.Body.Bytes()
}

type description struct {
	OpenAPI string
	Info    struct{ Title, Version string }
	Paths   map[string]map[string]operation
	raw     any
}

type operation struct {
	OperationID, Summary, Description string
	Tags                              []string
	Security                          []map[string][]string
	Parameters                        []parameter
	RequestBody                       *struct{ Content map[string]media }
	Responses                         map[string]struct {
		Description string
		Content     map[string]media
	}
}

type parameter struct {
	Name, In, Description string
	Required              bool
	Schema                any
}

type media struct{ Schema, Example any }

func describedAs(t *testing.T) (d description) {
	t.Helper()
	raw := described(t)
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &d.raw); err != nil {
		t.Fatal(err)
	}
	return d
}

// What a machine can ask of OpenAPI 3.1 without its whole schema; the document
// was held to that by hand, with openapi-spec-validator.
func TestEveryOperationIsDescribedWhole(t *testing.T) {
	d := describedAs(t)
	if !strings.HasPrefix(d.OpenAPI, "3.1.") || d.Info.Title == "" || d.Info.Version != "test" {
		t.Errorf("%q %+v", d.OpenAPI, d.Info)
	}
	seen, n := map[string]bool{}, 0
	for path, item := range d.Paths {
		for method, o := range item {
			n++
			where := method + " " + path
			if o.OperationID == "" || seen[o.OperationID] {
				t.Errorf("%s: operationId %q is none of its own", where, o.OperationID)
			}
			seen[o.OperationID] = true
			if o.Summary == "" || o.Description == "" || len(o.Tags) != 1 || len(o.Security) == 0 {
				t.Errorf("%s lacks a summary, description, tag or security: %+v", where, o)
			}
			o.checkParameters(t, where, path, method)
			o.checkResponses(t, where)
		}
	}
	if n < 40 {
		t.Errorf("only %d operations", n)
	}
}

func (o *operation) checkParameters(t *testing.T, where, path, method string) {
	var in []string
	for _, p := range o.Parameters {
		if p.Description == "" || p.Schema == nil || p.In == "path" && !p.Required {
			t.Errorf("%s: parameter %+v", where, p)
		}
		in = append(in, p.In+" "+p.Name)
	}
	for _, part := range strings.Split(path, "/") {
		if name := strings.Trim(part, "{}"); name != part && !slices.Contains(in, "path "+name) {
			t.Errorf("%s does not say what %s is", where, part)
		}
	}
	asks := slices.Contains([]string{"validate-view", "preview-view", "import-view"}, o.OperationID)
	if method != "get" && !asks && !slices.Contains(in, "header Idempotency-Key") {
		t.Errorf("%s writes and takes no Idempotency-Key", where)
	}
}

func (o *operation) checkResponses(t *testing.T, where string) {
	var good int
	for status, r := range o.Responses {
		if r.Description == "" {
			t.Errorf("%s: %s has no description", where, status)
		}
		if status[0] == '2' {
			good++
			continue
		}
		if ref, _ := r.Content["application/problem+json"].Schema.(map[string]any); ref["$ref"] != "#/components/schemas/Problem" {
			t.Errorf("%s: %s is no problem document but %v", where, status, r.Content)
		}
	}
	for _, status := range []string{"401", "422", "500", "503"} {
		if _, ok := o.Responses[status]; !ok {
			t.Errorf("%s does not describe %s", where, status)
		}
	}
	if good == 0 {
		t.Errorf("%s describes no success", where)
	}
	if o.RequestBody != nil {
		for kind, m := range o.RequestBody.Content {
			if m.Schema == nil || m.Example == nil {
				t.Errorf("%s: the body %s has no schema or no example", where, kind)
			}
		}
	}
}

func TestEveryReferenceLeadsSomewhere(t *testing.T) {
	d := describedAs(t)
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok && !leads(d.raw, ref) {
				t.Errorf("%s leads nowhere", ref)
			}
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(d.raw)
}

func leads(v any, ref string) bool {
	for _, key := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		m, _ := v.(map[string]any)
		if v = m[key]; v == nil {
			return false
		}
	}
	return true
}

// An example that the API would refuse teaches the wrong thing.
func TestEveryExampleIsAccepted(t *testing.T) {
	d := &till{}
	for path, item := range describedAs(t).Paths {
		for method, o := range item {
			if o.RequestBody == nil || slices.Contains([]string{"create-account", "create-key", "put-account"}, o.OperationID) {
				continue // of the registry; embed_test has them
			}
			for kind, m := range o.RequestBody.Content {
				body, lines := m.Example.(string)
				if !lines {
					b, _ := json.Marshal(m.Example)
					body = string(b)
				}
				address := strings.NewReplacer("{account}", "acme", "{id}", exampleID(m.Example)).Replace(path)
				w := d.call(t, strings.ToUpper(method), address, body, "Content-Type", kind)
				if w.Code >= 300 && !strings.Contains(w.Body.String(), "nothing here") {
					t.Errorf("%s %s %s: %d %s", method, address, body, w.Code, w.Body)
				}
			}
		}
	}
}

func exampleID(example any) string {
	m, _ := example.(map[string]any)
	if id, ok := m["id"].(string); ok {
		return id
	}
	return "1001"
}

func TestTheDocsPageStandsAlone(t *testing.T) {
	for path, kind := range map[string]string{"/docs": "text/html", "/docs/docs.js": "text/javascript", "/docs/docs.css": "text/css"} {
		w := new(till).call(t, "GET", path, "", "Authorization", "")
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), kind) || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'self'") {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		if strings.Contains(w.Body.String(), "http://") || strings.Contains(w.Body.String(), "https://") {
			t.Errorf("%s asks for something from elsewhere", path)
		}
	}
}

// The type of a problem is an address: the page has to have it.
func TestTheDocsPageExplainsEveryProblem(t *testing.T) {
	page := new(till).call(t, "GET", "/docs/docs.js", "").Body.String()
	for _, kind := range []string{"unauthorized", "forbidden", "not-found", "stale", "conflict", "too-large", "invalid", "malformed", "unsupported", "unavailable", "internal"} {
		if !strings.Contains(page, `["`+kind+`"`) {
			t.Errorf("the page does not explain #problem-%s", kind)
		}
	}
}
