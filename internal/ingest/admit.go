package ingest

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/deskwire/deskwire/internal/desk"
)

// admit checks the request before its body is read.
func (a *api) admit(w http.ResponseWriter, r *http.Request) (*bulk, error) {
	by, err := a.enter(r.Context(), forBackend, r.PathValue("account"), r.Header.Get("Authorization"))
	if err != nil {
		return nil, err
	}
	b := &bulk{api: a, account: desk.AccountID(r.PathValue("account")), by: by, key: r.Header.Get("Idempotency-Key"), w: w, rc: http.NewResponseController(w)}
	if err := checkKey(b.key); err != nil {
		return nil, err
	}
	if b.size, err = stepSize(r.URL.Query().Get("step")); err != nil {
		return nil, err
	}
	if err = a.seats.take(b.account); err != nil {
		return nil, err
	}
	if b.body, err = b.unpack(r); err != nil {
		a.seats.leave(b.account)
		return nil, err
	}
	return b, nil
}

func stepSize(text string) (int, error) {
	if text == "" {
		return desk.MaxBulk, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > desk.MaxBulk {
		return 0, desk.Invalidf("", "the query parameter step is a number of lines from 1 to %d", desk.MaxBulk)
	}
	return n, nil
}

// unpack gives the body's lines, however they are sent.
func (b *bulk) unpack(r *http.Request) (io.Reader, error) {
	if err := isLines(r.Header.Get("Content-Type")); err != nil {
		return nil, err
	}
	b.patient = &patientReader{r: r.Body, rc: b.rc, silence: b.api.silence}
	switch strings.ToLower(r.Header.Get("Content-Encoding")) {
	case "", "identity":
		return b.patient, nil
	case "gzip":
		body, err := gzip.NewReader(b.patient)
		if err != nil {
			return nil, malformed("the body is not gzip, as Content-Encoding says")
		}
		return body, nil
	}
	return nil, unsupported("send the body plain or with Content-Encoding: gzip")
}

// isLines refuses a body that says it is something else than lines of JSON.
func isLines(contentType string) error {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	switch strings.TrimSpace(kind) {
	case "", ndjsonType, "application/ndjson", "application/jsonl", "application/x-jsonlines", jsonType, "application/octet-stream", "text/plain":
		return nil
	}
	return unsupported("send lines of JSON, with Content-Type: " + ndjsonType)
}
