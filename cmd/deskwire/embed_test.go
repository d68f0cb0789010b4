package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/deskwire/deskwire/internal/follow"
)

// asMain makes this test's binary the command itself.
const asMain = "DESKWIRE_TEST_AS_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

const (
	guide   = "../../docs/embed.md"
	address = "http://127.0.0.1:8080" // as the guide writes it
)

// block is a fenced part of the guide.
type block struct{ kind, text string }

func blocks(t *testing.T) (all []block) {
	t.Helper()
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		all = append(all, block{m[1], m[2]})
	}
	return all
}

// TestTheGuideIsRight does what docs/embed.md says, in its order, with the
// command itself, and holds what comes to what the page says.
func TestTheGuideIsRight(t *testing.T) {
	for _, tool := range []string{"bash", "curl", "sed", "gzip"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("docs/embed.md is written for a machine with %s: %v", tool, err)
		}
	}
	dir := t.TempDir()
	env := append(os.Environ(), asMain+"=1", "DESKWIRE_LISTEN=127.0.0.1:0", "DESKWIRE_DATA="+filepath.Join(dir, "data"), "PATH="+dir+":"+os.Getenv("PATH"))
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "deskwire")); err != nil {
		t.Fatal(err)
	}
	all := blocks(t)
	url := serve(t, dir, env, all[0])
	var script strings.Builder
	script.WriteString("set -euo pipefail\n" + strings.Split(all[0].text, "\n")[0] + "\n")
	var want []string
	for _, b := range all[1:] {
		switch b.kind {
		case "sh":
			script.WriteString("echo '### block'\n" + strings.ReplaceAll(b.text, address, url) + "\n")
			want = append(want, "")
		case "out":
			want[len(want)-1] = b.text
		}
	}
	got := run(t, dir, env, script.String())
	parts := strings.Split(got, "### block\n")[1:]
	if len(parts) != len(want) || len(want) < 9 {
		t.Fatalf("%d of %d blocks ran:\n%s", len(parts), len(want), got)
	}
	for i, w := range want {
		compare(t, w, parts[i])
	}
	sees(t, dir, url)
}

// serve runs the guide's server and gives its address.
func serve(t *testing.T, dir string, env []string, b block) string {
	t.Helper()
	if b.kind != "serve" {
		t.Fatalf("the guide begins with %+v", b)
	}
	// exec: the signal at the end is for the server, not for its shell.
	c := exec.Command("bash", "-c", strings.Replace(b.text, "deskwire serve", "exec deskwire serve", 1))
	c.Dir, c.Env = dir, env
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt)
		if err := c.Wait(); err != nil {
			t.Errorf("the server ended with %v: %s", err, said.String())
		}
	})
	line, _ := bufio.NewReader(out).ReadString('\n')
	_, rest, _ := strings.Cut(line, " listens on ")
	url, _, _ := strings.Cut(rest, " ")
	if !strings.HasPrefix(url, "http://127.0.0.1:") {
		t.Fatalf("the server said %q and %s", line, said.String())
	}
	return url
}

func run(t *testing.T, dir string, env []string, script string) string {
	t.Helper()
	c := exec.Command("bash", "-c", script)
	c.Dir, c.Env = dir, env
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	return string(out)
}

// compare holds the lines that came to those of the page, in which … stands for
// anything. A block without such lines only has to go well.
func compare(t *testing.T, want, got string) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(want), "\n") {
		parts := strings.Split(line, "…")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		if !regexp.MustCompile("(?m)^" + strings.Join(parts, ".*") + "$").MatchString(got) {
			t.Errorf("the guide says\n\t%s\nand this came:\n%s", line, got)
		}
	}
	if strings.Count(want, "\n") == 0 && strings.Contains(got, `"problem`) {
		t.Errorf("a block without an answer on the page was refused: %s", got)
	}
}

// sees looks with the guide's token as its agent's browser would.
func sees(t *testing.T, dir, url string) {
	t.Helper()
	token, err := os.ReadFile(filepath.Join(dir, "token.txt"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	f, err := follow.Dial(ctx, follow.Options{URL: "ws" + strings.TrimPrefix(url, "http") + "/live", Account: "acme", Token: strings.TrimSpace(string(token)), Follow: []string{"counts"}})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	err = f.WaitCounts(ctx, func(c map[string]follow.Count) bool {
		return c["urgent"].Exact && c["urgent"].N == 0 && c["all-open"].Exact && c["all-open"].N == 1
	})
	if err != nil {
		t.Errorf("%v: %+v", err, f.Counts())
	}
}

// TestThePageUsesWhatTheClientHas: what the guide calls on the client is there.
func TestThePageUsesWhatTheClientHas(t *testing.T) {
	client, err := os.ReadFile("../../web/client/src/live.ts")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks(t) {
		if b.kind != "ts" {
			continue
		}
		used := regexp.MustCompile(`\blive\.(\w+)`).FindAllStringSubmatch(strings.ReplaceAll(b.text, "live.acme.example", ""), -1)
		if len(used) < 4 {
			t.Errorf("only %d uses of the client on the page", len(used))
		}
		for _, u := range used {
			if !regexp.MustCompile(`(?m)^  (get )?` + u[1] + `\(`).Match(client) {
				t.Errorf("the client has no %s", u[1])
			}
		}
		for _, option := range []string{"url", "account", "token"} {
			if !regexp.MustCompile(`(?m)^  ` + option + `\??: `).Match(client) {
				t.Errorf("the client takes no %s", option)
			}
		}
	}
}
