package nodejs

import (
	"fmt"
	"testing"
)

// TestResolveTargets has what Node.js 22, 24 and 26 do.
func TestResolveTargets(t *testing.T) {
	for _, tt := range []struct{ manifest, name, want string }{
		{`{"exports":"./a.js"}`, ".", "2 ./a.js"},
		{`{"exports":"./a.js"}`, "./b.js", "0 "},
		{`{"exports":"./a.js","exports":"./b.js"}`, ".", "odd 2 ./b.js"},
		{`{"exports":"./a.js","exports":null}`, ".", "odd 2 ./a.js"},
		{`{"exports":"./a.js","exports":5}`, ".", "odd 2 ./a.js"},
		{`{"exports":true,"exports":"./b.js"}`, ".", "odd 2 ./b.js"},
		{`{"exports":null,"exports":"./b.js"}`, ".", "odd 2 ./b.js"},
		{`{"exp\u006frts":"./a.js","exports":"./b.js"}`, ".", "odd 2 ./b.js"},
		{`{"exports":{".":"./a.js",".":"./b.js"}}`, ".", "odd 2 ./b.js"},
		{`{"exports":{"\u002e":"./a.js",".":"./b.js"}}`, ".", "odd 2 ./b.js"},
		{`{"exports":{"require":"./a.js","default":"./b.js","require":"./c.js"}}`, ".", "odd 2 ./c.js"},
		{`{"exports":{"default":"./b.js","require":"./a.js","default":"./c.js"}}`, ".", "odd 2 ./c.js"},
		{`{"exports":{"require":{"node":"./a.js"},"default":"./b.js","require":{"browser":"./c.js"}}}`, ".", "odd 2 ./b.js"},
		{`{"exports":[{"x":"./a.js"},"bad","./b.js"]}`, ".", "2 ./b.js"},
		{`{"exports":["./nothere.js","./b.js"]}`, ".", "2 ./nothere.js"},
		{`{"exports":[null,"./b.js"]}`, ".", "2 ./b.js"},
		{`{"exports":["bad",{"x":"./a.js"}]}`, ".", "1 "},
		{`{"exports":["./../a.js","./b.js"]}`, ".", "2 ./b.js"},
		{`{"exports":[]}`, ".", "0 "},
		{`{"exports":{"require":["bad:x"],"default":"./b.js"}}`, ".", "1 "},
		{`{"exports":{"require":null,"default":"./b.js"}}`, ".", "0 "},
		{`{"exports":{"require":{"x":"./a.js"},"default":"./b.js"}}`, ".", "2 ./b.js"},
		{`{"exports":{"1":"./a.js","default":"./b.js"}}`, ".", "1 config"},
		{`{"exports":{".":"./a.js","default":"./b.js"}}`, ".", "1 "},
		{`{"exports":{"./*":"./a.js","./*":"./*.js"}}`, "./b", "odd 2 ./b.js"},
		{`{"exports":{"./*":"./x/*.js","./f/*":null,"./f/g/*":"./y/*.js"}}`, "./f/g/h", "2 ./y/h.js"},
		{`{"exports":{"./*":"./x/*.js","./f/*":null}}`, "./f/h", "0 "},
		{`{"exports":{"./*":"./x/*"}}`, "./../y", "1 "},
		{`{"imports":{"#a":"./a.js","#a":"p"}}`, "#a", "odd 3 p"},
		{`{"imports":{"#a":["bad:x","../b","./c.js"]}}`, "#a", "2 ./c.js"},
		{`{"imports":{"#a":["p","./c.js"]}}`, "#a", "3 p"},
		{`{"imports":{"#a/*":"p/*"}}`, "#a/b", "3 p/b"},
		{`{"imports":{"#a":"./a.js"},"imports":{"#a":"./b.js"}}`, "#a", "odd 2 ./b.js"},
	} {
		m, ok := ReadManifest([]byte(tt.manifest))
		if !ok {
			t.Errorf("%s: not read", tt.manifest)
			continue
		}
		resolve := m.ResolveImports
		if tt.name[0] == '.' {
			resolve = m.ResolveExports
		}
		text, kind := resolve(tt.name, []string{"require", "node"})
		got := fmt.Sprintf("%d %s", kind, text)
		if m.Odd {
			got = "odd " + got
		}
		if got != tt.want {
			t.Errorf("%s: %s: got %s, want %s", tt.manifest, tt.name, got, tt.want)
		}
	}
}

func TestReadManifest(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{`{"name":"a","main":"b"}`, "a b"},
		{"\uFEFF{\"main\":\"b\"}", " b"},
		{`{"main":"a","main":"b"}`, " b odd"},
		{`{"main":"a","main":1}`, " a odd"},
		{`{"main":1,"main":"a"}`, " a odd"},
		{`{"m\u0061in":"a","main":"b"}`, " b odd"},
		{`{"scripts":{"a":1}}`, " "},
		{`{"type":"module"}`, "  module"}, {`{"type":"x"}`, " "}, {`{"type":"modul\u0065"}`, "  module"}, {`{"typ\u0065":"module"}`, "  odd"},
		{`{"type":"module","type":"x"}`, "  module odd"}, {`{"type":"x","type":"commonjs"}`, "  commonjs odd"},
		{`{"type":1}`, "  bad"}, {`{"type":"module","type":null}`, "  module bad odd"}, {`{"exports":{"type":"module"}}`, " "},
		{`[]`, "none"}, {`{"a":`, "none"}, {``, "none"},
	} {
		m, ok := ReadManifest([]byte(tt.text))
		got := m.Name + " " + m.Main
		if m.Type != "" {
			got += " " + m.Type
		}
		if m.BadType {
			got += " bad"
		}
		if m.Odd {
			got += " odd"
		}
		if !ok {
			got = "none"
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

// FuzzReadManifest checks that no package.json makes the reader or the resolver panic,
// and that a target of a package is a path in it.
func FuzzReadManifest(f *testing.F) {
	f.Add([]byte(`{"exports":{"./*":["./a/*.js",null,{"require":"b"}]},"imports":{"#*":"p/*"}}`), "./x")
	f.Add([]byte(`{"exports":"./a.js","exports":{"default":"./b.js"}}`), ".")
	f.Fuzz(func(t *testing.T, text []byte, name string) {
		m, ok := ReadManifest(text)
		if !ok {
			return
		}
		if m.Exports != nil {
			if target, kind := m.ResolveExports(name, []string{"require"}); kind == BareTarget || kind == FileTarget && target[:2] != "./" {
				t.Errorf("%s: %s: %s", text, name, target)
			}
		}
		m.ResolveImports(name, []string{"require"})
	})
}
