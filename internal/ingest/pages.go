package ingest

import (
	"embed"
	"io/fs"
	"net/http"
)

// page is the docs page: it renders /openapi.json by itself, with nothing from
// elsewhere.
//
//go:embed page
var page embed.FS

func pages(mux *http.ServeMux) {
	files, _ := fs.Sub(page, "page") // embedded: it is there
	serve := func(name, kind string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Cache-Control", "no-cache")
			w.Header().Set("Content-Security-Policy", "default-src 'self'; object-src 'none'; frame-ancestors 'none'")
			http.ServeFileFS(w, r, files, name)
		}
	}
	mux.HandleFunc("GET /docs", serve("docs.html", "text/html; charset=utf-8"))
	mux.HandleFunc("GET /docs/docs.js", serve("docs.js", "text/javascript; charset=utf-8"))
	mux.HandleFunc("GET /docs/docs.css", serve("docs.css", "text/css; charset=utf-8"))
}
