//go:build unix

package resolution

import (
	"strings"
	"testing"
)

// packageMaps are texts of the file /app/node_modules/.package-map.json.
var packageMaps = []struct {
	text string
	want string // the directory of the name q in lib/x, or what the error has
	err  bool
}{
	{text: `{"packages": {"l": {"url": "../lib", "dependencies": {"q": "q@1"}}, "q@1": {"url": "./q"}}}`, want: "node_modules/q"},
	{text: `{"packages": {"l": {"url": "file:///app/lib/", "dependencies": {"q": "q"}}, "q": {"url": "../a%20b"}}}`, want: "a b"},
	{text: `{"packages": {"root": {"url": "..", "dependencies": {"q": "q"}}, "q": {"url": "q"}}}`, want: "node_modules/q"},
	{text: `{"packages": {"root": {"url": "..", "dependencies": {"q": "q"}}, "l": {"url": "../lib"}, "q": {"url": "q"}}}`},
	{text: `{"packages": {"l": {"url": "../lib", "dependencies": {"q": "none"}}}}`},
	{text: `{"packages": {"l": {"url": "../lib", "dependencies": {"q": "q"}}, "q": {"url": "/other/q"}}}`, want: "outside"},
	{text: `{"packages": {"l": {"url": "../lib", "dependencies": {"q": "q"}}, "q": {"url": "https://x/q"}}}`, want: "outside"},
	{text: `{"packages": {}, "packages": {"l": {"url": "../lib", "dependencies": {"q": "q"}}, "q": {"url": "./a", "url": "./b"}}}`, want: "node_modules/b"},
	{text: `{"packages": {"l": {"url": ""}}}`, want: "the url of the package l is not valid", err: true},
	{text: `{"packages": {"l": {"url": 1}}}`, want: "the url of the package l is not valid", err: true},
	{text: `{"packages": {"l": {"url": "%zz"}}}`, want: "the url of the package l is not valid", err: true},
	{text: `{"packages": []}`, want: "it has no object packages", err: true},
	{text: `[]`, want: "it has no object packages", err: true},
	{text: `{`, want: "it is not JSON", err: true},
}

func relToApp(abs string) (string, bool) {
	if abs == "/app" {
		return "", true
	}
	return strings.CutPrefix(abs, "/app/")
}

func TestPackageMap(t *testing.T) {
	for _, tt := range packageMaps {
		m, err := parsePackageMap([]byte(tt.text), "/app/node_modules/.package-map.json", relToApp)
		if tt.err {
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: %v, want %q", tt.text, err, tt.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		dir, _ := m.find("lib/x", "q")
		if m.Outside {
			dir += "outside"
		}
		if dir != tt.want {
			t.Errorf("%s: %q, want %q", tt.text, dir, tt.want)
		}
	}
}

func FuzzPackageMap(f *testing.F) {
	for _, tt := range packageMaps {
		f.Add([]byte(tt.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parsePackageMap(text, "/app/node_modules/.package-map.json", relToApp)
		if err != nil {
			return
		}
		for dir, names := range m.dependencies {
			for name := range names {
				if target, ok := m.find(dir, name); ok && strings.HasPrefix(target, "/") {
					t.Errorf("%s: %s in %s is the absolute path %s", text, name, dir, target)
				}
			}
		}
	})
}
