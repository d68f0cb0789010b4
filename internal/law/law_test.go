package law

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/deskwire/deskwire/"

// pure packages are told the time: they have no clock, no goroutine, no lock
// and no I/O. Of account only State is pure, see impureFiles.
var pure = []string{"internal/desk", "internal/wire", "internal/account/views"}

// impureFiles are the files of internal/account that are not State's.
var impureFiles = []string{"run.go", "shelf.go", "directory.go", "sleep.go"}

var (
	worldly = []string{"context", "log/slog", "math/rand", "math/rand/v2", "crypto/rand", "net", "net/http", "os", "sync", "sync/atomic"}
	clocks  = []string{"After", "AfterFunc", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Until"}
)

// sources gives every Go file that is part of the product, by its name.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	root, files := os.DirFS("../.."), map[string]*ast.File{}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata") {
			return skip(err)
		}
		if d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		src, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		files[name], err = parser.ParseFile(token.NewFileSet(), name, src, parser.ParseComments)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func skip(err error) error {
	if err != nil {
		return err
	}
	return fs.SkipDir
}

// arrows reads the table of the house in ARCHITECTURE.md: each package with
// those it may import.
func arrows(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	may := map[string][]string{}
	row := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([^|]*) \\|")
	_, rooms, _ := strings.Cut(string(text), "## The rooms")
	rooms, _, _ = strings.Cut(rooms, "\n## ")
	for _, m := range row.FindAllStringSubmatch(rooms, -1) {
		may[m[1]] = strings.Fields(strings.NewReplacer("`", "", ",", " ", "—", "").Replace(m[2]))
	}
	if len(may) < 10 {
		t.Fatalf("ARCHITECTURE.md shows only %d packages; has its table changed its form?", len(may))
	}
	return may
}

func TestEveryImportIsAnArrowOnTheMap(t *testing.T) {
	may := arrows(t)
	for name, file := range sources(t) {
		pkg := path.Dir(name)
		allowed, known := may[pkg]
		if !known {
			t.Errorf("%s: package %s is not on the map in ARCHITECTURE.md", name, pkg)
			continue
		}
		for _, spec := range file.Imports {
			imp, _ := strconv.Unquote(spec.Path.Value)
			own, ours := strings.CutPrefix(imp, module)
			if ours && own != "internal/desk" && !slices.Contains(allowed, own) {
				t.Errorf("%s imports %s; the map has no such arrow", name, own)
			}
		}
	}
}

func TestEveryRoomOnTheMapIsThere(t *testing.T) {
	there := map[string]bool{"internal/law": true}
	for name := range sources(t) {
		there[path.Dir(name)] = true
	}
	for pkg := range arrows(t) {
		if !there[pkg] {
			t.Errorf("ARCHITECTURE.md shows %s, which is not there", pkg)
		}
	}
}

func TestRulesAreToldTheTime(t *testing.T) {
	for name, file := range sources(t) {
		if !isPure(name) {
			continue
		}
		for _, spec := range file.Imports {
			if imp, _ := strconv.Unquote(spec.Path.Value); slices.Contains(worldly, imp) {
				t.Errorf("%s is pure but imports %s", name, imp)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%s is pure but starts a goroutine", name)
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(clocks, n.Sel.Name) {
					t.Errorf("%s is pure but reads the clock with time.%s", name, n.Sel.Name)
				}
			}
			return true
		})
	}
}

func isPure(name string) bool {
	pkg := path.Dir(name)
	return slices.Contains(pure, pkg) || pkg == "internal/account" && !slices.Contains(impureFiles, path.Base(name))
}

func TestEveryPackageSaysWhatItPromises(t *testing.T) {
	said := map[string]int{}
	for name, file := range sources(t) {
		said[path.Dir(name)] += len(strings.TrimSpace(file.Doc.Text()))
	}
	for pkg, n := range said {
		if n == 0 {
			t.Errorf("%s has no package comment", pkg)
		}
	}
}

// TestNoRoomIsCalledUtils refuses names that say nothing.
func TestNoRoomIsCalledUtils(t *testing.T) {
	for name, file := range sources(t) {
		if slices.Contains([]string{"util", "utils", "common", "helpers", "shared", "models", "types", "misc"}, file.Name.Name) {
			t.Errorf("%s: package %s has a name that says nothing", name, file.Name.Name)
		}
	}
}
