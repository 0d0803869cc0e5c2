// Package trace reads and writes what Node really loaded while a program ran:
// the files, and the places that asked for them by names that only the run
// knew. The graph, which only reads, cannot see those.
//
// # The trace file
//
// A trace is one JSON object:
//
//	{
//	  "version": 1,
//	  "files": {
//	    "./lib/plugins.js": "module",
//	    "./plugins/discount.js": "module"
//	  },
//	  "asked": [
//	    {
//	      "path": "./lib/plugins.js",
//	      "line": 10,
//	      "column": 12,
//	      "specifier": "../plugins/discount",
//	      "to": "./plugins/discount.js"
//	    }
//	  ],
//	  "outside": []
//	}
//
// files says how each file was loaded, by key (see importmap.KeyOf); of several
// ways the first in this order: child, worker, module, addon, wasm, package.
// asked holds what modules asked for: line and column, from 1, of the asking
// call, where they are known; import, which is true or absent, for what was
// asked as import does and not as require does; and to, which is one of files.
// A specifier that was absolute is relative to the folder of path, and one of an
// import has no query. outside names files outside the root: from the last
// node_modules on, or by their last name alone.
//
// All four members are there, and no others. A trace holds nothing of the
// machine or of the time, and is written in one way: two spaces a level, LF,
// files sorted by key, asked by its members in their order, outside by code point.
// So a trace can be made elsewhere, be committed, and be compared.
//
// Reading is as strict as that of maps ([importmap.Check]), and refuses keys
// that are not in the form of importmap.KeyOf.
//
// # The record
//
// A trace is made from a record (record.go), the lines that the recorder in each
// Node process appends to one file.
package trace

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"
)

// A How says in which way a file was loaded.
type How string

// The ways in which files are loaded.
const (
	Child   How = "child"   // the file that a child process was started with
	Worker  How = "worker"  // the file that a worker thread was started with
	Module  How = "module"  // by import or require, JSON included
	Addon   How = "addon"   // by process.dlopen
	Wasm    How = "wasm"    // as WebAssembly
	Package How = "package" // a package.json that steered a resolution
)

// ways are in the order in which one goes before another.
var ways = []How{Child, Worker, Module, Addon, Wasm, Package}

// An Ask is a file that a module asked for. Paths are relative to the root.
type Ask struct {
	Path      string // of the module that asks
	Line      int    // from 1; 0 where it is not known
	Column    int    // from 1, in UTF-16 units as V8 counts; 0 where it is not known
	Import    bool   // asked by import, whose specifiers are URLs, and not by require
	Specifier string // as the module gave it, but never absolute
	To        string // the file that was loaded
}

// A Trace is what one or more runs loaded. Paths are relative to the root and
// slash-separated.
type Trace struct {
	Files   map[string]How
	Asked   []Ask    // sorted, each once
	Outside []string // names of files outside the root, sorted, each once
}

// add notes a file, keeping the way that goes before.
func (t *Trace) add(p string, how How) {
	if old, ok := t.Files[p]; !ok || slices.Index(ways, how) < slices.Index(ways, old) {
		t.Files[p] = how
	}
}

// Merge returns the trace of all that the traces hold.
func Merge(traces ...*Trace) *Trace {
	all := &Trace{Files: make(map[string]How)}
	for _, t := range traces {
		for _, p := range slices.Sorted(maps.Keys(t.Files)) {
			all.add(p, t.Files[p])
		}
		all.Asked = append(all.Asked, t.Asked...)
		all.Outside = append(all.Outside, t.Outside...)
	}
	all.sort()
	return all
}

func (t *Trace) sort() {
	slices.SortFunc(t.Asked, func(a, b Ask) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			compareBool(a.Import, b.Import), strings.Compare(a.Specifier, b.Specifier), strings.Compare(a.To, b.To))
	})
	t.Asked = slices.Compact(t.Asked)
	slices.Sort(t.Outside)
	t.Outside = slices.Compact(t.Outside)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// nameOutside names a file outside the root without the folders of the machine.
func nameOutside(abs string) string {
	const modules = "/node_modules/"
	if i := strings.LastIndex(abs, modules); i >= 0 {
		return abs[i+1:]
	}
	return path.Base(abs)
}
