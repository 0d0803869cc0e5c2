//go:build unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// The console blocks of the pages show what the commands print. Each page is a
// session in a fresh copy of the shop.
func TestDocumentedConsole(t *testing.T) {
	for _, page := range []string{"README.md", "docs/audit.md", "docs/diff.md", "docs/findings.md", "docs/init.md", "docs/permissions.md", "docs/reports.md", "docs/run.md", "docs/sbom.md", "docs/signing.md", "docs/trace.md", "docs/why.md"} {
		t.Run(page, func(t *testing.T) {
			u := newUser(t)
			ran := 0
			for _, block := range fenced(t, page, "console") {
				if strings.Contains(block, "$ go ") || strings.Contains(block, "$ curl ") {
					continue // go needs the repository, and serve runs curl
				}
				ran++
				if diff := cmp.Diff(timeless(block), timeless(u.placeless(u.session(block)))); diff != "" {
					t.Errorf("output in the page (-) and of the commands (+):\n%s", diff)
				}
			}
			if ran == 0 {
				t.Error("the page has no console block that can be run")
			}
		})
	}
}

// The recipes of docs/signing.md work, one after the other. Each uses another tool.
// The one for cosign is skipped if cosign is not installed, in CI too: Debian has no
// package for it.
func TestDocumentedRecipes(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no real programs")
	}
	if _, err := exec.LookPath("openssl"); err != nil {
		testenv.Unavailable(t, "%v", err)
	}
	u := newUser(t)
	recipes := fenced(t, "docs/signing.md", "sh")
	if len(recipes) != 4 {
		t.Errorf("docs/signing.md has %d recipes, want 4", len(recipes))
	}
	for i, recipe := range recipes {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			if _, err := exec.LookPath("cosign"); err != nil && strings.Contains(recipe, "cosign ") {
				t.Skip(err)
			}
			// The proxy keeps cosign from using the network, which it does not need here.
			out := u.sh("set -e\nexport HOME=$PWD/.. HTTPS_PROXY=http://127.0.0.1:9\n" + recipe)
			if u.status != 0 {
				t.Fatalf("status %d\n%s", u.status, out)
			}
			for _, want := range promised[i] {
				if !strings.Contains(out, want) {
					t.Errorf("the output does not contain %q:\n%s", want, out)
				}
			}
		})
	}
}

// promised is what the recipes print at their end.
var promised = [][]string{
	nil,
	{"the map has 2 valid signatures (serial 1)"},
	{"Signature Verified Successfully", "Verified OK", "https://in-toto.io/Statement/v1"},
	{"Verified OK"},
}

// docs/run.md shows the report line of the shop with a changed rate. Its table lists
// the members of a line that a worker thread writes.
func TestDocumentedReportLine(t *testing.T) {
	u := newUser(t)
	u.sh("sed -i s/0.9/0.09/ node_modules/world-rates/rates.json")
	line := u.reported("server.js", "--once")
	shown := fenced(t, "docs/run.md", "json")
	if len(shown) != 1 {
		t.Fatalf("docs/run.md has %d blocks of JSON", len(shown))
	}
	pid := regexp.MustCompile(`"pid":\d+`)
	if diff := cmp.Diff(pid.ReplaceAllString(shown[0], `"pid":N`), pid.ReplaceAllString(line, `"pid":N`)); diff != "" {
		t.Errorf("in the page (-) and in the file (+):\n%s", diff)
	}

	u.write("main.js", "new (require('node:worker_threads').Worker)('./worker.js');\n")
	u.write("worker.js", "require('./late.js');\n")
	u.write("late.js", "")
	u.sh("nodeint generate main.js worker.js")
	u.write("late.js", "// changed\n")
	var members map[string]any
	if err := json.Unmarshal([]byte(u.reported("main.js")), &members); err != nil {
		t.Fatal(err)
	}
	want := slices.Sorted(maps.Keys(members))
	if diff := cmp.Diff(want, testenv.DocumentedNames(t, "docs/run.md", "The line of a report")); diff != "" {
		t.Errorf("in the line (-) and in the table (+):\n%s", diff)
	}
}

// timeless replaces durations and the ids of new keys.
func timeless(text string) string {
	text = regexp.MustCompile(` in (\d+ ms|\d+\.\d s)`).ReplaceAllString(text, " in N ms")
	return regexp.MustCompile(`\b[0-9a-f]{64}\b`).ReplaceAllString(text, "KEY")
}

// placeless replaces the shop's directory by the one in the pages.
func (u *user) placeless(text string) string {
	u.Helper()
	real, err := filepath.EvalSymlinks(u.shop)
	if err != nil {
		u.Fatal(err)
	}
	return strings.ReplaceAll(text, filepath.Dir(real), "/srv")
}

// fenced returns the code blocks of one language in a page.
func fenced(t *testing.T, page, language string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testenv.Root(t), filepath.FromSlash(page)))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, part := range strings.Split(string(text), "\n```"+language+"\n")[1:] {
		block, _, ok := strings.Cut(part, "```\n")
		if !ok {
			t.Fatalf("%s: unterminated %s block", page, language)
		}
		blocks = append(blocks, block)
	}
	return blocks
}

// A user works in a copy of the shop.
type user struct {
	*testing.T
	shop   string
	status int // of the last command
}

func newUser(t *testing.T) *user {
	testenv.Nodeint(t) // skips with -short
	u := &user{T: t, shop: filepath.Join(t.TempDir(), "shop")}
	u.reset()
	return u
}

// reset restores the shop.
func (u *user) reset() {
	u.Helper()
	if err := os.RemoveAll(u.shop); err != nil {
		u.Fatal(err)
	}
	if err := os.CopyFS(u.shop, os.DirFS(filepath.Join("..", "..", "fixtures", "shop"))); err != nil {
		u.Fatal(err)
	}
}

func (u *user) write(name, text string) {
	u.Helper()
	if err := os.WriteFile(filepath.Join(u.shop, name), []byte(text), 0o666); err != nil {
		u.Fatal(err)
	}
}

func (u *user) path() string {
	u.Helper()
	dirs := []string{filepath.Dir(testenv.Nodeint(u)), filepath.Dir(testenv.Node(u, 24)), os.Getenv("PATH")}
	return "PATH=" + strings.Join(dirs, string(os.PathListSeparator))
}

// sh runs a command and returns its output, stderr included. The environment is not
// that of a CI server, where verify suggests other steps.
func (u *user) sh(command string) string {
	u.Helper()
	out, _, status := testenv.Run(u, u.shop, []string{u.path(), "CI=false"}, "sh", "-c", "exec 2>&1\n"+command)
	u.status = status
	return out
}

// session runs the commands of a block, and returns what a terminal would show.
func (u *user) session(block string) string {
	u.Helper()
	var screen strings.Builder
	for line := range strings.Lines(block) {
		command, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			continue
		}
		screen.WriteString(line)
		switch command = strings.TrimSuffix(command, "\n"); command {
		case "cd fixtures/shop":
		case "git checkout -q . && rm lib/cart":
			u.reset()
		case "echo $?":
			fmt.Fprintln(&screen, u.status)
		case "nodeint run node server.js":
			screen.WriteString(u.serve())
		default:
			screen.WriteString(u.sh(command))
		}
	}
	return screen.String()
}

// serve starts the server, runs the commands that README.md runs in another terminal,
// and returns what the server's terminal shows.
func (u *user) serve() string {
	u.Helper()
	u.reset()
	port := freePort(u.T)
	ctx, cancel := context.WithTimeout(u.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", "exec 2>&1\nexec nodeint run node server.js")
	cmd.Dir, cmd.Env = u.shop, append(os.Environ(), u.path(), "CI=false", "PORT="+port, "NODE_OPTIONS=")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		u.Fatal(err)
	}
	screen := bufio.NewReader(out)
	first, err := screen.ReadString('\n')
	if err != nil {
		u.Fatal(err)
	}
	for _, block := range fenced(u.T, "README.md", "console") {
		if strings.Contains(block, "$ curl ") {
			u.other(block, port)
		}
	}
	rest, err := io.ReadAll(screen)
	if err != nil {
		u.Fatal(err)
	}
	_ = cmd.Wait()
	u.status = cmd.ProcessState.ExitCode()
	return strings.Replace(first, port, "8080", 1) + string(rest)
}

// freePort returns a port that was free a moment ago. The shop does not support port
// 0.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// other runs the commands of the other terminal.
func (u *user) other(block, port string) {
	u.Helper()
	for command := range strings.Lines(block) {
		command = strings.TrimSpace(strings.TrimPrefix(command, "$ "))
		if address, ok := strings.CutPrefix(command, "curl localhost:8080"); ok {
			if resp, err := http.Get("http://localhost:" + port + address); err == nil {
				resp.Body.Close()
			}
			continue
		}
		if out := u.sh(command); out != "" {
			u.Fatalf("%s: %s", command, out)
		}
	}
}

// reported runs a script with --on-violation log, and returns the only line of the
// report.
func (u *user) reported(script ...string) string {
	u.Helper()
	const file = "../report.jsonl"
	out := u.sh("rm -f " + file + "\nnodeint run --lazy --on-violation log --report " + file + " node " + strings.Join(script, " "))
	text, err := os.ReadFile(filepath.Join(u.shop, file))
	if err != nil || strings.Count(string(text), "\n") != 1 {
		u.Fatalf("reported %q (%v)\n%s", text, err, out)
	}
	return string(text)
}
