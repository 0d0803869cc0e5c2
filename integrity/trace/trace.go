// Package trace reads and writes traces: what Node loaded while a program ran, and
// which modules asked for it. A trace has the files whose names the program computed,
// which package graph cannot find in the source.
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
// files maps the key of each file (see importmap.KeyOf) to how it was loaded. If it
// was loaded in several ways, the first in this order counts: child, worker, module,
// addon, wasm, package. asked lists what modules asked for. line and column are those
// of the call, from 1, if known. import is true if it was asked by import, and absent if
// by require. to is one of files. An absolute specifier becomes relative to the
// directory of path, and one of import loses its query. outside names files outside the
// root: from the last node_modules on, or only the last name.
//
// powers lists the powers that a file has used (see package nodejs), by the key of the file.
// The member is absent if there are none.
//
// The other members are required, and no other is allowed. A trace has no absolute paths
// and no times. There is one text for each trace: an indent of two spaces, LF, files
// sorted by key, asked by its members in their order, outside by code point. So a trace
// can be made on another machine, committed and compared.
//
// Reading is as strict as that of maps ([importmap.Check]), and rejects keys that do not
// have the form of importmap.KeyOf.
//
// # The record
//
// A trace is made from a record: the lines that the recorder in each Node process
// appends to one file ([FromRecord]).
package trace

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// A How is the way in which a file was loaded.
type How string

// The values of How.
const (
	Child   How = "child"   // the script of a child process
	Worker  How = "worker"  // the script of a worker thread
	Module  How = "module"  // by import or require, JSON included
	Addon   How = "addon"   // by process.dlopen
	Wasm    How = "wasm"    // as WebAssembly
	Package How = "package" // a package.json that a resolution read
)

// hows lists all values of How, in their order of precedence.
var hows = []How{Child, Worker, Module, Addon, Wasm, Package}

// A Request is a file that a module requested. Paths are relative to the root.
type Request struct {
	Path      string // of the requesting module
	Line      int    // from 1; 0 if unknown
	Column    int    // from 1, in UTF-16 units as V8 counts; 0 if unknown
	Import    bool   // by import, whose specifiers are URLs, not by require
	Specifier string // as in the module, but never absolute
	To        string // the file that was loaded
}

// A Trace is what one or more runs loaded. Paths are relative to the root and
// slash-separated.
type Trace struct {
	Files   map[string]How
	Asked   []Request // sorted, each once
	Outside []string  // names of files outside the root, sorted, each once

	// Powers are the powers that files have used, each once, sorted, by the path of the file.
	Powers map[string][]nodejs.Power
}

// add adds a file. If the trace has it, the How of higher precedence stays.
func (t *Trace) add(p string, how How) {
	if old, ok := t.Files[p]; !ok || slices.Index(hows, how) < slices.Index(hows, old) {
		t.Files[p] = how
	}
}

// addPower adds a power that the file p has used.
func (t *Trace) addPower(p string, power nodejs.Power) {
	if t.Powers == nil {
		t.Powers = make(map[string][]nodejs.Power)
	}
	if i, found := slices.BinarySearch(t.Powers[p], power); !found {
		t.Powers[p] = slices.Insert(t.Powers[p], i, power)
	}
}

// Merge returns a trace with the contents of all traces.
func Merge(traces ...*Trace) *Trace {
	all := &Trace{Files: make(map[string]How)}
	for _, t := range traces {
		for _, p := range slices.Sorted(maps.Keys(t.Files)) {
			all.add(p, t.Files[p])
		}
		for p, powers := range t.Powers {
			for _, power := range powers {
				all.addPower(p, power)
			}
		}
		all.Asked = append(all.Asked, t.Asked...)
		all.Outside = append(all.Outside, t.Outside...)
	}
	all.sort()
	return all
}

func (t *Trace) sort() {
	slices.SortFunc(t.Asked, func(a, b Request) int {
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

// nameOutside returns the name of a file outside the root, without the directories of
// the machine.
func nameOutside(abs string) string {
	const modules = "/node_modules/"
	if i := strings.LastIndex(abs, modules); i >= 0 {
		return abs[i+1:]
	}
	return path.Base(abs)
}
