package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	clientKinds = []string{Hello, Session, Cmd, Beat, Token, Shown, Bye}
	serverKinds = []string{Welcome, Patch, Gone, Beat, Done, Renew, Bye}
	codes       = []Code{GoingAway, BadFrame, NotProtocol, SignIn, Forbidden, Silent, TooLarge, Outdated, TooMany, NotNow}
)

// shape describes all that two sides must agree on.
func shape(t *testing.T) string {
	var b strings.Builder
	fmt.Fprintln(&b, Subprotocol, clientKinds, serverKinds, MaxFrame, MaxHave, MaxKey, MaxToken, MaxTopic)
	for _, frame := range []any{ClientFrame{}, ServerFrame{}, WelcomeFrame{}, Problem{}} {
		typ := reflect.TypeOf(frame)
		fmt.Fprintln(&b, typ.Name())
		for _, f := range reflect.VisibleFields(typ) {
			fmt.Fprintln(&b, " ", f.Tag.Get("json"), f.Type)
		}
	}
	for _, c := range codes {
		fmt.Fprintln(&b, c, c.Action())
	}
	for _, file := range []string{"client.jsonl", "server.jsonl", "commands.jsonl"} {
		for _, line := range lines(t, file) {
			fmt.Fprintf(&b, "%s\n", line)
		}
	}
	return b.String()
}

func protocol(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// section is the part of PROTOCOL.md under a heading.
func section(t *testing.T, heading string) string {
	t.Helper()
	_, part, found := strings.Cut(protocol(t), heading+"\n")
	if !found {
		t.Fatalf("PROTOCOL.md has no %q", heading)
	}
	part, _, _ = strings.Cut(part, "\n## ")
	return part
}

// protocolTable gives the first column of the table under a heading.
func protocolTable(t *testing.T, heading, column string) (cells []string) {
	t.Helper()
	for _, m := range regexp.MustCompile("(?m)^\\| `?([^`|]+?)`? \\|").FindAllStringSubmatch(section(t, heading), -1) {
		if m[1] != column && !strings.HasPrefix(m[1], "---") {
			cells = append(cells, m[1])
		}
	}
	if len(cells) == 0 {
		t.Fatalf("PROTOCOL.md has no table under %q", heading)
	}
	return cells
}

// TestFramesAreThoseOfTheVersion fails when the frames, codes, limits or golden
// examples are not those that PROTOCOL.md notes for this version.
func TestFramesAreThoseOfTheVersion(t *testing.T) {
	text := shape(t)
	sum := sha256.Sum256([]byte(text))
	now := hex.EncodeToString(sum[:6])
	rows := regexp.MustCompile("(?m)^\\| (\\d+) \\| [^|]+ \\| [^|]+ \\| `([0-9a-f]+)` \\|").FindAllStringSubmatch(section(t, "## Versions"), -1)
	for i, row := range rows {
		if row[1] != strconv.Itoa(i+1) {
			t.Errorf("PROTOCOL.md: row %d of the versions is of version %s; the history is kept whole", i+1, row[1])
		}
	}
	if len(rows) != Version {
		t.Fatalf("PROTOCOL.md has %d versions, wire.Version is %d", len(rows), Version)
	}
	if was := rows[Version-1][2]; was != now {
		t.Errorf("the frames have changed: their shape is %s, PROTOCOL.md notes %s for version %d.\n"+
			"If that version was released: raise wire.Version and VERSION in web/client/src/wire.ts, and add a row.\nThe shape:\n%s", now, was, Version, text)
	}
	if title, _, _ := strings.Cut(protocol(t), "\n"); title != fmt.Sprintf("# The Deskwire protocol, version %d", Version) {
		t.Errorf("PROTOCOL.md is titled %q", title)
	}
}

// TestTheProtocolTellsEveryKind holds the tables of frames against the code.
func TestTheProtocolTellsEveryKind(t *testing.T) {
	for heading, kinds := range map[string][]string{"## Frames from the client": clientKinds, "## Frames from the server": serverKinds} {
		told := map[string]bool{}
		for _, m := range regexp.MustCompile("(?m)^\\| `\\{\"t\":\"(\\w+)\"").FindAllStringSubmatch(section(t, heading), -1) {
			told[m[1]] = true
		}
		for _, kind := range kinds {
			if !told[kind] {
				t.Errorf("%q does not tell of %s", heading, kind)
			}
			delete(told, kind)
		}
		for kind := range told {
			t.Errorf("%q tells of %s, which the code does not have", heading, kind)
		}
	}
}

// TestTheProtocolTellsEveryCode holds the table of codes against the code.
func TestTheProtocolTellsEveryCode(t *testing.T) {
	told := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\| ([\d, ]+) \| (\w+) \|`).FindAllStringSubmatch(section(t, "## Close codes"), -1) {
		for _, code := range strings.Split(m[1], ", ") {
			told[code] = m[2]
		}
	}
	for _, c := range codes {
		if got := told[strconv.Itoa(int(c))]; got != string(c.Action()) {
			t.Errorf("PROTOCOL.md says %q for %d, the code %q", got, c, c.Action())
		}
	}
}
