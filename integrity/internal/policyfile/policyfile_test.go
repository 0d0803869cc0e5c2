package policyfile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/policyfile"
)

const (
	sha256 = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	sha384 = "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb"
)

var base = policyfile.Base{Dir: "/srv/app", Root: "/srv/app"}

// conversions are what an import map says of policies. In a policy, S stands for metadata
// of sha256. A pin is its path, a redirect "scope: specifier -> address", and a part that
// is left out its code, with "!" if the map is weaker than the policy.
var conversions = []struct {
	name, policy          string
	pins, redirects, left string // separated by ", "
}{
	{name: "nothing", policy: `{}`},
	{name: "digest", policy: `{"resources": {"./a.js": {"integrity": "S", "dependencies": true}}}`, pins: "a.js", left: "any-name"},
	{name: "several digests", policy: `{"resources": {"./a.js": {"integrity": "S ` + sha384 + `", "dependencies": true}}}`, pins: "a.js", left: "any-name"},
	{name: "no name may be used", policy: `{"resources": {"./a.js": {"integrity": "S"}}}`, pins: "a.js", left: "names!"},
	{name: "any content", policy: `{"resources": {"./a.js": {"integrity": true, "dependencies": true}}}`, left: "any-bytes, any-name"},
	{name: "empty metadata matches nothing", policy: `{"resources": {"./a.js": {"integrity": "", "dependencies": true}}}`, left: "any-name, digest!"},
	{name: "unknown algorithm", policy: `{"resources": {"./a.js": {"integrity": "md5-1B2M2Y8AsgTpgAmY7PhCfg==", "dependencies": true}}}`, left: "any-name, digest!"},
	{name: "blake3 alone", policy: `{"resources": {"./a.js": {"integrity": "blake3-rxNJufX5oamgQE3qNtzJSZvLJJmtwRk3zJqTyuQfMmI=", "dependencies": true}}}`, left: "any-name, digest!"},
	{name: "digest without its padding", policy: `{"resources": {"./a.js": {"integrity": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", "dependencies": true}}}`, left: "any-name, digest!"},
	{name: "file that must not be loaded", policy: `{"resources": {"./a.js": {"dependencies": true}}}`, left: "forbidden!, any-name"},
	{name: "the documentation's null", policy: `{"resources": {"./a.js": {"integrity": null, "dependencies": true}}}`, left: "forbidden!, any-name"},
	{name: "escapes and absolute URLs", policy: `{"resources": {"./a%20b.js": {"integrity": "S"}, "file:///srv/app/c.js": {"integrity": "S"}, "/srv/app/d.js": {"integrity": "S"}, "../app/e.js": {"integrity": "S"}}}`, pins: "a b.js, c.js, d.js, e.js", left: "names!, names!, names!, names!"},
	{name: "other URLs", policy: `{"resources": {"./a.js?x": {"integrity": "S"}, "./a.js#x": {"integrity": "S"}, "https://example.com/a.js": {"integrity": "S"}, "data:text/javascript,1": {"integrity": true}, "file://host/srv/app/a.js": {"integrity": "S"}, "./": {"integrity": "S"}, "./a%2fb.js": {"integrity": "S"}, "./..\\a.js": {"integrity": "S"}, "a.js": {"integrity": "S"}}}`, left: "url, url, url, url, url, url, url, url, url"},
	{name: "outside the root", policy: `{"resources": {"../a.js": {"integrity": "S"}, "/a.js": {"integrity": "S"}, "/srv/app2/a.js": {"integrity": "S"}}}`, left: "outside-root, outside-root, outside-root"},
	{name: "members that Node.js ignores", policy: `{"x": 1, "resources": {"./a.js": {"integrity": "S", "dependencies": true, "y": 1}}}`, pins: "a.js", left: "unknown, any-name, unknown"},
	{name: "errors are printed", policy: `{"onerror": "log"}`, left: "onerror"},
	{name: "errors end the process", policy: `{"onerror": "exit"}`},

	{name: "redirect", policy: `{"resources": {"./a.js": {"integrity": "S", "dependencies": {"dep": "./b.js"}}}}`, pins: "a.js", redirects: "./a.js: dep -> ./b.js", left: "names!"},
	{name: "redirects of paths", policy: `{"resources": {"./lib/a.js": {"integrity": true, "dependencies": {"./x.js": "./y.js", "/srv/app/lib/x": "./y.js", "file:///srv/app/z.js": "./y.js", "#x": "./y.js"}}}}`, redirects: "./lib/a.js: ./x.js -> ./y.js, ./lib/a.js: ./lib/x -> ./y.js, ./lib/a.js: ./z.js -> ./y.js, ./lib/a.js: #x -> ./y.js", left: "any-bytes, names!"},
	{name: "redirect to a builtin", policy: `{"resources": {"./a.js": {"integrity": true, "dependencies": {"files": "node:fs", "fs": "node:fs", "node:fs": "node:fs"}}}}`, redirects: "./a.js: files -> node:fs", left: "any-bytes, names!"},
	{name: "redirect of a builtin", policy: `{"resources": {"./a.js": {"integrity": true, "dependencies": {"fs": "./b.js", "node:os": "./b.js", "path": "node:fs"}}}}`, left: "any-bytes, names!, builtin!, builtin!, builtin!"},
	{name: "name with its usual meaning", policy: `{"resources": {"./a.js": {"integrity": true, "dependencies": {"fs": true, "dep": true, "x": {"import": true, "require": true}}}}}`, left: "any-bytes, names!"},
	{name: "name that means nothing", policy: `{"resources": {"./a.js": {"integrity": true, "dependencies": {"fs": null, "dep": {}, "x": 1, "y": {"default": "./b.js"}, "z": {"import": null, "node": "./b.js"}}}}}`, left: "any-bytes, names!, denied!, denied!, denied!, denied!, conditions!"},
	{name: "conditions", policy: `{"resources": {"./a.js": {"integrity": true, "dependencies": {"a": {"blue": "./blue.js", "node": "./b.js"}, "b": {"red": "./red.js", "node": "./b.js"}, "c": {"import": "./b.js", "require": "./b.js"}, "d": {"node": {"import": "./b.js"}, "require": "./b.js"}}}}}`, redirects: "./a.js: a -> ./blue.js, ./a.js: b -> ./b.js, ./a.js: c -> ./b.js, ./a.js: d -> ./b.js", left: "any-bytes, names!"},
	{name: "import and require differ", policy: `{"resources": {"./a.js": {"integrity": true, "dependencies": {"a": {"import": "./b.js", "require": "./c.js"}, "b": {"import": "./b.js"}, "c": {"import": true}}}}}`, left: "any-bytes, names!, conditions!, conditions!, conditions!"},
	{name: "targets that run does not load", policy: `{"resources": {"./a.js": {"integrity": true, "dependencies": {"a": "../b.js", "b": "https://example.com/b.js", "c": "b.js", "d": "./b/", "e": "./b", "f": "./b.wasm", "g": "./b.js?x"}}}}`, left: "any-bytes, names!, target!, target!, target!, target!, target!, target!, target!"},
	{name: "specifiers that mean something else in a map", policy: `{"resources": {"./a.js": {"integrity": true, "dependencies": {"dep/": "./b.js", "": "./b.js", "..": "./b.js", "./": "./b.js", "../b.js": "./b.js", "https://example.com/": "./b.js", "https://example.com/a": "./b.js", "./b.js?x": "./b.js"}}}}`, left: "any-bytes, names!, specifier!, specifier, specifier!, specifier!, specifier, specifier!, specifier!, specifier!"},

	{name: "scope", policy: `{"scopes": {"./lib/": {"integrity": true, "dependencies": {"dep": "./b.js"}}}}`, redirects: "./lib/: dep -> ./b.js", left: "any-bytes, names!, packages!"},
	{name: "scope of the root", policy: `{"scopes": {"./": {"cascade": true, "dependencies": {"dep": "./b.js"}}}, "dependencies": true}`, redirects: ": dep -> ./b.js", left: "any-name"},
	{name: "an import map", policy: `{"dependencies": true, "scopes": {"": {"cascade": true, "dependencies": {"react": "./react.js"}}, "./ssr/": {"cascade": true, "dependencies": {"react": "./server.js"}}}}`, redirects: "./ssr/: react -> ./server.js, : react -> ./react.js", left: "any-name"},
	{name: "a scheme", policy: `{"scopes": {"file:": {"cascade": true, "dependencies": {"dep": "./b.js"}}, "data:": {"integrity": true}}, "dependencies": {"out": "./c.js"}}`, redirects: ": dep -> ./b.js, : out -> ./c.js", left: "url, names!"},
	{name: "a scope without cascade", policy: `{"scopes": {"./": {"dependencies": {"dep": "./b.js"}}}, "dependencies": {"out": "./c.js"}}`, redirects: ": dep -> ./b.js", left: "names!"},
	{name: "a scope without a slash", policy: `{"scopes": {"./lib": {"integrity": true}}}`, left: "url"},
	{name: "cascade to the integrity of a scope", policy: `{"resources": {"./lib/a.js": {"cascade": true}, "./a.js": {"cascade": true}}, "scopes": {"./lib/": {"integrity": true, "dependencies": true}}, "dependencies": true}`, left: "forbidden!, any-bytes, any-name, any-name"},
	{name: "cascade ends at a scope without it", policy: `{"resources": {"./lib/a.js": {"cascade": true}}, "scopes": {"./lib/": {"dependencies": true}, "./": {"integrity": true, "dependencies": true}}}`, left: "forbidden!, any-name, any-bytes, any-name"},
	{name: "two ways to write a key", policy: `{"resources": {"./a.js": {"integrity": true}, "/srv/app/a.js": {"integrity": "S", "dependencies": {"./b.js": "./c.js", "/srv/app/b.js": "./d.js"}}}, "scopes": {"./l/": {"integrity": true}, "/srv/app/l/": {"dependencies": true}}}`, pins: "a.js", redirects: "./a.js: ./b.js -> ./d.js", left: "unknown, names!, unknown, any-name"},
	{name: "packages without resources", policy: `{"scopes": {"./": {"cascade": true, "dependencies": {"dep": "./b.js", "x": true}}, "./node_modules/": {"cascade": true, "integrity": true}}, "dependencies": true}`, redirects: "./node_modules/: dep -> ./b.js, : dep -> ./b.js", left: "packages!, any-bytes, any-name"},
	{name: "nearer scope wins", policy: `{"scopes": {"./": {"cascade": true, "dependencies": {"a": "./b.js", "b": "./b.js"}}, "./lib/": {"cascade": true, "dependencies": {"a": "./c.js"}}}, "dependencies": true}`, redirects: "./lib/: a -> ./c.js, ./lib/: b -> ./b.js, : a -> ./b.js, : b -> ./b.js", left: "any-name"},
	{name: "usual meaning in a redirect", policy: `{"resources": {"./a.js": {"integrity": true, "cascade": true, "dependencies": {"dep": true}}, "./c.js": {"integrity": true, "dependencies": true}}, "scopes": {"./": {"cascade": true, "dependencies": {"dep": "./b.js"}}}, "dependencies": true}`, redirects: ": dep -> ./b.js", left: "any-bytes, shadowed!, any-bytes, any-name, shadowed!, any-name"},
	{name: "packages get the redirects around them", policy: `{"resources": {"./node_modules/@s/p/a.js": {"integrity": "S", "cascade": true}, "./node_modules/@s/p/b.js": {"integrity": "S", "cascade": true}}, "scopes": {"./": {"cascade": true, "dependencies": {"dep": "./b.js"}}}, "dependencies": true}`, pins: "node_modules/@s/p/a.js, node_modules/@s/p/b.js", redirects: ": dep -> ./b.js, ./node_modules/@s/p/: dep -> ./b.js", left: "any-name"},
}

func TestConvert(t *testing.T) {
	for _, test := range conversions {
		t.Run(test.name, func(t *testing.T) {
			p, err := policyfile.Read("policy.json", []byte(strings.ReplaceAll(test.policy, `"S`, `"`+sha256)))
			if err != nil {
				t.Fatal(err)
			}
			r := p.Convert(base, []string{"blue"})
			var got [3][]string
			for _, pin := range r.Pins {
				got[0] = append(got[0], pin.Path)
			}
			for _, d := range r.Redirects {
				got[1] = append(got[1], d.Scope+": "+d.Specifier+" -> "+d.Address())
			}
			for _, l := range r.Left {
				got[2] = append(got[2], l.Code+map[bool]string{true: "!"}[l.Weaker])
				if l.Line != 1 || l.Column < 2 || l.Member == "" || l.Reason == "" {
					t.Errorf("%+v", l)
				}
			}
			for i, want := range []string{test.pins, test.redirects, test.left} {
				if diff := cmp.Diff(want, strings.Join(got[i], ", ")); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			}
		})
	}
}

// The directory of the policy need not be the root, nor the root that of the policy.
func TestBase(t *testing.T) {
	text := `{"resources": {"../a.js": {"integrity": "` + sha256 + `"}, "./b.js": {"integrity": true}, "../../c.js": {"integrity": true}}}`
	p, err := policyfile.Read("policy.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r := p.Convert(policyfile.Base{Dir: "/srv/app/etc", Root: "/srv/app"}, nil)
	if len(r.Pins) != 1 || r.Pins[0].Path != "a.js" || r.Left[3].Code != policyfile.OutsideRoot {
		t.Errorf("%+v", r)
	}
}

// rejected are texts that Node.js rejects too, or that two readers may read differently.
var rejected = map[string]string{
	``:                                  "policy.json: the policy is empty",
	`[]`:                                "an array where an object should be",
	`{"onerror": "ignore"}`:             `policy.json:1:2: onerror: must be "throw", "exit" or "log"`,
	`{"onerror": null}`:                 "onerror: must be",
	"{\n \"resources\": 1}":             "policy.json:2:2: resources: must be an object",
	`{"resources": {"./a.js": true}}`:   `resources["./a.js"]: must be an object`,
	`{"scopes": []}`:                    "scopes: must be an object",
	`{"dependencies": false}`:           "dependencies: must be true, null or an object",
	`{"scopes": {"": {"cascade": 1}}}`:  `scopes[""].cascade: must be a boolean`,
	`{"onerror": "log", "onerror": ""}`: "onerror",
	`{"scopes": {"./": {"integrity": "` + sha256 + `"}}}`: `scopes["./"].integrity: must be true or null`,
	`{"resources": {"./a.js": {"integrity": false}}}`:     `resources["./a.js"].integrity: must be a string, true or null`,
	`{"resources": {"./a.js": {"dependencies": ["a"]}}}`:  `resources["./a.js"].dependencies: must be true, null or an object`,
	`{"resources": {"./a.js": {}, "./\u0061.js": {}}}`:    "./a.js",
	"\ufeff{}":           "byte order mark",
	`{"resources": {}}}`: "after the end",
}

func TestRejected(t *testing.T) {
	for text, want := range rejected {
		if _, err := policyfile.Read("policy.json", []byte(text)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// Lines and columns are those of the members.
func TestPlaces(t *testing.T) {
	p, err := policyfile.Read("policy.json", []byte("{\n  \"resources\": {\n    \"./a.js\": {\n      \"integrity\": true,\n      \"dependencies\": {\"x\": true,\n        \"y\": null}}}}"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range p.Convert(base, nil).Left {
		got = append(got, fmt.Sprintf("%d:%d %s %s", l.Line, l.Column, l.Member, l.Code))
	}
	want := []string{`3:5 resources["./a.js"] any-bytes`, `3:5 resources["./a.js"] names`, `6:9 resources["./a.js"].dependencies.y denied`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A policy is read or rejected. What is taken over is well formed, whatever the policy
// has: each key is that of a path below the root, and no entry occurs twice.
func FuzzConvert(f *testing.F) {
	for _, test := range conversions {
		f.Add(strings.ReplaceAll(test.policy, `"S`, `"`+sha256))
	}
	for text := range rejected {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := policyfile.Read("policy.json", []byte(text))
		if err != nil {
			return
		}
		r := p.Convert(base, []string{"blue"})
		var keys []string
		for _, pin := range r.Pins {
			checkKey(t, importmap.KeyOf(pin.Path))
			keys = append(keys, "\x00"+pin.Path)
			if len(pin.Metadata.Strongest()) == 0 {
				t.Errorf("%s has no digest", pin.Path)
			}
		}
		for _, d := range r.Redirects {
			keys = append(keys, d.Scope+"\x00"+d.Specifier)
			if d.Scope != "" {
				checkKey(t, strings.TrimSuffix(d.Scope, "/"))
			}
			if d.Path != "" {
				checkKey(t, d.Address())
			}
			if strings.HasPrefix(d.Specifier, "./") {
				checkKey(t, d.Specifier)
			}
			if strings.HasSuffix(d.Specifier, "/") {
				t.Errorf("%q stands for more than itself", d.Specifier)
			}
		}
		slices.Sort(keys)
		if n := len(keys); len(slices.Compact(keys)) != n {
			t.Errorf("an entry occurs twice")
		}
	})
}

func checkKey(t *testing.T, key string) {
	t.Helper()
	if _, err := importmap.PathOf(key); err != nil {
		t.Error(err)
	}
}
