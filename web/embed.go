// Package web is the agents' workspace as built files, embedded, so that a Go
// build needs no Node and gives the whole product.
//
// The files have fixed names in the tree and names with a digest of their bytes
// when served: a browser keeps them for ever, and a new release is a new name.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed dist
var dist embed.FS

// asset is one file as it is served.
type asset struct {
	kind   string
	plain  []byte
	zipped []byte
}

// policy is what pages of ours may load and talk to: this server, and nothing
// else.
const policy = "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; style-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

// Handler serves the workspace: its page at every path that is not a file, for
// the page finds its way by itself.
func Handler() http.Handler {
	files, index := load()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "only GET", http.StatusMethodNotAllowed)
			return
		}
		if a, ok := files[r.URL.Path]; ok {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			a.serve(w, r)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/assets/") {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		index.serve(w, r)
	})
}

// load reads the files, names them by their digests, and puts those names into
// the page.
func load() (map[string]asset, asset) {
	files := map[string]asset{}
	page, _ := fs.ReadFile(dist, "dist/index.html") // embedded: it is there
	entries, _ := fs.ReadDir(dist, "dist")
	for _, e := range entries {
		if e.IsDir() || e.Name() == "index.html" {
			continue
		}
		b, _ := fs.ReadFile(dist, "dist/"+e.Name())
		sum := sha256.Sum256(b)
		name := "/assets/" + hex.EncodeToString(sum[:6]) + "/" + e.Name()
		files[name] = newAsset(e.Name(), b)
		page = bytes.ReplaceAll(page, []byte(`"/`+e.Name()+`"`), []byte(`"`+name+`"`))
	}
	return files, newAsset("index.html", page)
}

func newAsset(name string, b []byte) asset {
	var z bytes.Buffer
	w, _ := gzip.NewWriterLevel(&z, gzip.BestCompression)
	_, _ = w.Write(b)
	_ = w.Close()
	return asset{kind: mime.TypeByExtension(path.Ext(name)), plain: b, zipped: z.Bytes()}
}

func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	b := a.plain
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		b = a.zipped
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(b)
	}
}
