package launch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
)

// What run accepts beside the settings with which the map was generated.
func TestCheckStart(t *testing.T) {
	inProject(t)
	dir, err := filepath.EvalSymlinks(".")
	if err == nil {
		dir, err = filepath.Abs(dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	lib, packages := filepath.Join(dir, "lib"), filepath.Join(dir, "p.json")
	for _, tt := range []struct {
		words, env string // variables separated by "|"
		record     nodeflags.Record
		want       string
	}{
		{words: "node app.js"},
		{words: "node --no-addons --no-require-module --enable-source-maps app.js"},
		{words: "node -C b --conditions=a -C b app.js", record: nodeflags.Record{Conditions: []string{"b", "a"}}},
		{words: "node -C node -C module-sync app.js", env: "NODE_OPTIONS=--conditions=default"},
		{words: "node app.js", record: nodeflags.Record{Conditions: []string{"node-addons"}}},
		{words: "node -C import app.js", want: "started with the condition import"},
		{words: "node -C b app.js", env: "NODE_OPTIONS=-C a", record: nodeflags.Record{Conditions: []string{"a", "b"}}},
		{words: "node -C b app.js", want: "node is started with the condition b, and the map M was generated for no conditions"},
		{words: "node app.js", env: "NODE_OPTIONS=--conditions=b -C a", want: "started with the conditions a, b, and"},
		{words: "node app.js", record: nodeflags.Record{Conditions: []string{"b"}}, want: "started with no conditions, and the map M was generated for the condition b"},
		{words: "node -C a app.js", record: nodeflags.Record{Conditions: []string{"b"}}, want: "started with the condition a, and"},
		{words: "node app.js", env: "NODE_PATH=lib", record: nodeflags.Record{NodePath: []string{lib}}},
		{words: "node app.js", env: "NODE_PATH=" + lib + "::/x/node_modules/.pnpm/a/node_modules", record: nodeflags.Record{NodePath: []string{lib}}},
		{words: "node app.js", env: "NODE_PATH=/x/node_modules/.pnpm/node_modules"},
		{words: "node app.js", env: "NODE_PATH=/x/node_modules/.bin/../.pnpm/a@1.0.0/node_modules"},
		{words: "node app.js", env: "NODE_PATH=lib:other", record: nodeflags.Record{NodePath: []string{lib}}, want: "started with NODE_PATH="},
		{words: "node app.js", env: "NODE_PATH=/none", want: "started with NODE_PATH=/none, and the map M was generated for no NODE_PATH"},
		{words: "node app.js", record: nodeflags.Record{NodePath: []string{lib}}, want: "started with no NODE_PATH"},
		{words: "node --env-file=conditions.env app.js", record: nodeflags.Record{Conditions: []string{"c"}, NodePath: []string{lib}}},
		{words: "node --env-file=conditions.env app.js", want: "the condition c"},
		{words: "node --env-file=conditions.env app.js", env: "NODE_OPTIONS=|NODE_PATH="},
		{words: "node app.js", record: nodeflags.Record{PackageMap: packages}},
		{words: "node --experimental-package-map=p.json app.js", record: nodeflags.Record{PackageMap: packages}},
		{words: "node app.js", env: "NODE_OPTIONS=--experimental-package-map=" + packages, record: nodeflags.Record{PackageMap: packages}},
		{words: "node --experimental-package-map=p.json app.js", want: "started with the package map " + packages + ", and the map M was generated for none"},
		{words: "node --experimental-package-map q.json app.js", record: nodeflags.Record{PackageMap: packages}, want: "was generated for " + packages},
	} {
		write(t, map[string]string{"conditions.env": "NODE_OPTIONS=-C c\nNODE_PATH=lib\n", "lib/x": ""})
		env := append(strings.Split(tt.env, "|"), "PATH="+os.Getenv("PATH"))
		p, err := ParseCommand(strings.Fields(tt.words), env, Allow{})
		if err == nil {
			err = p.CheckStart(tt.record, true, "M")
		}
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s with %s: %v, want %q", tt.words, tt.env, err, tt.want)
		}
	}
}

// Node does not get the directories of NODE_PATH that pnpm's scripts in .bin set.
func TestShimPaths(t *testing.T) {
	for value, want := range map[string]string{
		"/a:/p/node_modules/.pnpm/x/node_modules:/b": "NODE_PATH=/a:/b",
		"/p/node_modules/.bin/../.pnpm/node_modules": "",
		"/p/node_modules/.pnpm/node_modules":         "",
		"/a":                                         "NODE_PATH=/a",
	} {
		env, err := childEnv([]string{"NODE_PATH=" + value}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, e := range env {
			if strings.HasPrefix(e, "NODE_PATH=") {
				got = e
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
	}
}
