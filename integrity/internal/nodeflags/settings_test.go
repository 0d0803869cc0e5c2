package nodeflags

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// settingsFiles are the files of the tests in the directory /app.
var settingsFiles = map[string]string{
	"/app/.env":             "A=1\nNODE_OPTIONS=-C fromfile\nNODE_PATH=lib\n",
	"/app/.env2":            "NODE_OPTIONS=--conditions=second\n",
	"/app/odd.env":          "export NODE_OPTIONS\n",
	"/app/links.env":        "NODE_PRESERVE_SYMLINKS=1\n",
	"/app/node.config.json": `{"nodeOptions": {"conditions": ["a", "b"], "import": "./c.mjs", "no-warnings": true, "require-module": false, "stack-trace-limit": 5}}`,
	"/app/odd.json":         `{"nodeOptions": {"conditions": {}}}`,
	"/app/broken.json":      `{`,
}

var settingsTests = []struct {
	words   string
	env     string // separated by "|"
	options string
	want    Settings
}{
	{words: "app.js -C late --env-file=.env"},
	{words: "-C node --conditions=default -C require app.js", want: Settings{Conditions: []string{"require"}}},
	{words: "-C b --conditions=a -C b app.js", want: Settings{Conditions: []string{"a", "b"}}},
	{words: "--no-addons --no-require-module --no-warnings --watch --inspect app.js"},
	{words: "-r ./a.js --import=./b.mjs --require c app.js", want: Settings{Preloads: []string{"./a.js", "./b.mjs", "c"}}},
	{words: "-C a app.js", env: "NODE_OPTIONS=-C b --import ./x.mjs", want: Settings{Conditions: []string{"a", "b"}, Preloads: []string{"./x.mjs"}}},
	{words: "app.js", options: "-C rc", want: Settings{Conditions: []string{"rc"}}},
	{words: "app.js", options: "-C rc", env: "NODE_OPTIONS=-C b", want: Settings{Conditions: []string{"b"}}},
	{words: "app.js", env: "NODE_OPTIONS=-C $X", want: Settings{NotModelled: []string{"NODE_OPTIONS=-C $X"}}},
	{words: "app.js", env: "NODE_PATH=lib:/x::.", want: Settings{NodePath: []string{"/app/lib", "/x", "/app"}}},
	{words: "app.js", env: "NODE_PRESERVE_SYMLINKS_MAIN=1|NODE_PRESERVE_SYMLINKS=0", want: Settings{NotModelled: []string{"NODE_PRESERVE_SYMLINKS_MAIN=1"}}},
	{words: "--env-file=.env app.js", want: Settings{Conditions: []string{"fromfile"}, NodePath: []string{"/app/lib"}, Files: []string{"/app/.env"}}},
	{words: "--env-file .env --env-file-if-exists .env2 app.js", want: Settings{Conditions: []string{"second"}, NodePath: []string{"/app/lib"}, Files: []string{"/app/.env", "/app/.env2"}}},
	{words: "--env-file=.env app.js", env: "NODE_OPTIONS=--no-addons|NODE_PATH=", want: Settings{Files: []string{"/app/.env"}}},
	{words: "--env-file=../.env app.js", want: Settings{Files: []string{"/.env"}}},
	{words: "--env-file=odd.env app.js", want: Settings{Files: []string{"/app/odd.env"}, NotModelled: []string{"--env-file=odd.env"}}},
	{words: "--env-file=links.env app.js", want: Settings{Files: []string{"/app/links.env"}, NotModelled: []string{"NODE_PRESERVE_SYMLINKS=1"}}},
	{words: "--experimental-default-config-file -C z app.js", want: Settings{Conditions: []string{"a", "b", "z"}, Preloads: []string{"./c.mjs"}, Files: []string{"/app/node.config.json"}}},
	{words: "--experimental-config-file app.js", want: Settings{Conditions: []string{"a", "b"}, Preloads: []string{"./c.mjs"}, Files: []string{"/app/node.config.json"}}},
	{words: "--experimental-config-file=none.json app.js", want: Settings{Files: []string{"/app/none.json"}}},
	{words: "--experimental-config-file=odd.json app.js", want: Settings{Files: []string{"/app/odd.json"}, NotModelled: []string{"--experimental-config-file=odd.json"}}},
	{words: "--experimental-config-file=broken.json app.js", want: Settings{Files: []string{"/app/broken.json"}, NotModelled: []string{"--experimental-config-file=broken.json"}}},
	{words: "--experimental-package-map=p.json app.js", want: Settings{PackageMap: "/app/p.json"}},
	{words: "--loader ./l.mjs --preserve-symlinks --frobnicate --openssl-config o.cnf app.js", want: Settings{
		Preloads: []string{"./l.mjs"}, NotModelled: []string{"--frobnicate", "--loader ./l.mjs", "--openssl-config o.cnf", "--preserve-symlinks"}}},
	{words: "--no-preserve-symlinks app.js"},
	{words: "--test app.js", want: Settings{Code: "--test"}},
	{words: "--run start", want: Settings{Code: "--run"}},
}

func TestSettings(t *testing.T) {
	for _, tt := range settingsTests {
		got, _, err := startOf(tt.words, tt.env, tt.options).Settings()
		if err != nil {
			t.Errorf("%s: %v", tt.words, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s %s %s: wanted (-), got (+):\n%s", tt.words, tt.env, tt.options, diff)
		}
	}
}

func startOf(words, env, options string) Start {
	s := Start{Dir: "/app", Words: strings.Fields(words), Options: options, Read: func(path string) ([]byte, bool, error) {
		text, ok := settingsFiles[path]
		if path == "/app/unreadable" {
			return nil, false, errors.New("permission denied")
		}
		return []byte(text), ok, nil
	}}
	if env != "" {
		s.Env = strings.Split(env, "|")
	}
	return s
}

func TestSettingsErrors(t *testing.T) {
	for words, want := range map[string]string{
		"-C":                         "-C needs a value",
		"--env-file=unreadable a.js": "permission denied",
		"--experimental-config-file=unreadable a.js": "permission denied",
	} {
		if _, _, err := startOf(words, "", "").Settings(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", words, err, want)
		}
	}
	if _, _, err := startOf("a.js", `NODE_OPTIONS="`, "").Settings(); err == nil {
		t.Error("an unclosed quote in NODE_OPTIONS is accepted")
	}
}

// The words of a configuration file are those of a command line, and no text stops it.
func FuzzConfigWords(f *testing.F) {
	for path, text := range settingsFiles {
		if strings.HasSuffix(path, ".json") {
			f.Add([]byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		words, _ := configWords(text)
		for _, w := range words {
			if !strings.HasPrefix(w, "--") {
				t.Errorf("%q is not a flag", w)
			}
		}
	})
}
