package powers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/jsscan"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// scanTests are sources, with "power word line:column" for each use.
var scanTests = []struct{ src, want string }{
	{`require("child_process")`, "child-process child_process 1:9"},
	{`import { Worker } from 'node:worker_threads'`, "worker node:worker_threads 1:24"},
	{"import cluster from `cluster`", "child-process cluster 1:21"},
	{`import "inspector/promises"`, "inspector inspector/promises 1:8"},
	{`await import('vm')`, "vm vm 1:14"},
	{`export * from "wasi"`, "wasi wasi 1:15"},
	{"\n process.getBuiltinModule('node:sqlite')", "sqlite node:sqlite 2:27"},
	{`require('sqlite'); require('ffi'); require('test')`, ""}, // packages
	{`require('node:ffi'); require("node:test")`, "ffi node:ffi 1:9, test node:test 1:30"},
	{`lazy(m, 'http2')`, "network http2 1:9"},
	{`const name = "worker_threads"`, "worker worker_threads 1:14"},
	{`const tool = "cluster", list = ["child_process", "node:vm"]`, ""},
	{`const list = ["vm", "fs"]; for (const m of list) require(m)`, "vm vm 1:15"},
	{`const list = ["vm", "fs"]; for (const m of list) process.getBuiltinModule(m)`, "vm vm 1:15"},
	{`const list = ["vm"]; module.require(list)`, ""},
	{`// require("vm")` + "\n/* eval(x) */ /eval(x)/", ""},
	{`eval(x)`, "eval eval 1:1"},
	{`(0, eval)(x); globalThis.eval(y)`, "eval eval 1:5"},
	{`redis.eval(x); o = { eval: 1 }`, ""},
	{`new Function("a", b); Function("return this")()`, "eval Function 1:5"},
	{`f instanceof Function; isFunction(x); type(Function); Function.prototype.call.bind(f)`, ""},
	{`Function.apply(null, args)`, "eval Function 1:1"},
	{`new AsyncFunction("x")`, "eval AsyncFunction 1:5"},
	{`process.dlopen(m, f)`, "addons dlopen 1:9"},
	{`process["dlopen"](m, f)`, "addons dlopen 1:9"},
	{`new globalThis.WebAssembly.Module(b)`, "wasm WebAssembly 1:16"},
	{`process.binding("fs"); sql.binding(x)`, "binding binding 1:9"},
	{`require("module").registerHooks({})`, "module-hooks registerHooks 1:19"},
	{`v8.setFlagsFromString("--x")`, "v8-flags setFlagsFromString 1:4"},
	{`new DatabaseSync(f, { allowExtension: true })`, "sqlite-extension allowExtension 1:23"},
	{`tls.connect({ clientCertEngine: e })`, "engine clientCertEngine 1:15"},
	{`fetch(u); cache.fetch(u)`, "network fetch 1:1"},
	{`new WebSocket(u)`, "network WebSocket 1:5"},
	{`fs.writeFileSync(f, d)`, "fs-write writeFileSync 1:4"},
	{`door.open(); sock.write(x)`, ""},
	{`require("fs").open(f, "a")`, "fs-write open 1:15"},
	{`import { rm } from "node:fs/promises"; rm(f)`, "fs-write rm 1:40"},
	{`process.env.HOME`, "environment env 1:9"},
	{`process.exit()`, ""},
}

func format(uses []Use) string {
	var list []string
	for _, u := range uses {
		list = append(list, fmt.Sprintf("%s %s %d:%d", u.Power, u.Word, u.Line, u.Column))
	}
	return strings.Join(list, ", ")
}

func TestScan(t *testing.T) {
	for _, c := range scanTests {
		for _, before := range []string{"", " "} { // the prefilter looks at every second byte
			want := c.want
			if before != "" && !strings.HasPrefix(c.src, "\n") {
				want = ""
				for i, u := range Scan([]byte(c.src), nil) {
					if i > 0 {
						want += ", "
					}
					if u.Line == 1 {
						u.Column++
					}
					want += format([]Use{u})
				}
			}
			if got := format(Scan([]byte(before+c.src), nil)); got != want {
				t.Errorf("%s: %s, want %s", before+c.src, got, want)
			}
		}
	}
}

func TestScanKnown(t *testing.T) {
	known := map[nodejs.Power]bool{"eval": true}
	if got := format(Scan([]byte(`eval(x); require("vm")`), known)); got != "vm vm 1:18" {
		t.Error(got)
	}
	if got := Scan([]byte(`eval(x)`), known); got != nil {
		t.Error(got)
	}
}

// FuzzScan checks that any source can be scanned, that the places are in it, and that the
// prefilter accepts every source that has a use.
func FuzzScan(f *testing.F) {
	for _, c := range scanTests {
		f.Add(c.src)
	}
	wanted := wordSet()
	f.Fuzz(func(t *testing.T, src string) {
		words := jsscan.Words([]byte(src), func(text []byte) bool { return wanted[string(text)] })
		for _, w := range words {
			if w.Start < 0 || w.End > len(src) || w.Start >= w.End || w.Line < 1 || w.Column < 0 {
				t.Fatalf("%q: the place of %q is %v", src, w.Text, w.Place)
			}
			if !wanted[w.Text] {
				t.Fatalf("%q: the word %q is not wanted", src, w.Text)
			}
		}
		Scan([]byte(src), nil)
		for _, w := range words {
			if power, ok := members()[w.Text]; ok && !w.IsString && w.End-w.Start == len(w.Text) && !mayUse([]byte(src), nil) {
				t.Errorf("%q: %q uses %s, and the prefilter rejects it", src, w.Text, power)
			}
		}
	})
}
