package integrity

import (
	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/project"
)

// A Coverage says how much of the tree a map holds.
type Coverage string

// The levels of coverage, each holding what the one before it holds.
const (
	Graph        Coverage = "graph"        // what the static module graph reaches
	Packages     Coverage = "packages"     // and every loadable file of each package reached
	Dependencies Coverage = "dependencies" // and of the packages that those declare and that are installed
	Tree         Coverage = "tree"         // every file of the root
)

// ParseCoverage returns the level that name names; "" is Dependencies.
func ParseCoverage(name string) (Coverage, error) {
	switch c := Coverage(name); c {
	case "":
		return Dependencies, nil
	case Graph, Packages, Dependencies, Tree:
		return c, nil
	}
	return "", usageError("choose one of graph, packages, dependencies, tree", "coverage %q is not known", name)
}

// A Progress says how far a long piece of work has come.
type Progress struct {
	Stage string // "resolving", "hashing" or "checking"
	Files int
	Total int // 0 where it is not known
	Bytes int64
}

// GenerateOptions say what Generate is to pin. A zero member takes the
// project's configuration, then the default.
type GenerateOptions struct {
	Project    *project.Project
	Map        string         // absolute path of the map; "" for importmap.json in the project's folder
	Entries    []string       // absolute paths of the entries
	Coverage   Coverage       // "" for the configured one, then Dependencies
	Algorithms hasher.Set     // 0 for the configured ones, then sha256
	Traces     []string       // absolute paths of trace files; nil for the configured ones
	Progress   func(Progress) // called now and then, from one goroutine at a time
	OnWait     func()         // see hasher.Options

	Lockfile *LockfileOptions // nil: what is installed is not held against the lockfile
}

// A Generated is a map that Generate made. Nothing is written yet.
type Generated struct {
	Root     string // absolute folder that the keys are relative to
	Map      string // absolute path of the map
	Text     []byte // the new map
	Pin      string // integrity metadata of Text, for Authority.Pins
	Old      []byte // the map that lies there now; nil where there is none
	Digest   string // the tree digest
	Coverage Coverage
	Entries  []string // keys
	Summary  Summary
	Gaps     []Gap
	Findings []Finding        // what is not as the lockfile has it; then the map is not to be written
	Anchors  *LockfileSummary // nil where Lockfile was
	Changes  []Change         // how Text differs from Old, by path; only where Old is there
	Trace    *Traced          // what the traces did; nil where there were none
	Notes    []string         // what limits the result, one sentence each
}

// A Traced is what traces did to a map.
type Traced struct {
	Traces    int      `json:"traces"`    // how many were read
	Explained int      `json:"explained"` // gaps that they explain, and that are no gaps for that
	Stale     []string `json:"stale"`     // keys of traced files that are not there any more
}

// A Change is one difference between the old map and the new one.
type Change struct {
	Kind string `json:"kind"` // "added", "removed", "changed"
	Path string `json:"path"`
}

// VerifyOptions say which map Verify holds against the files.
type VerifyOptions struct {
	Project  *project.Project
	Map      string // absolute path of the map; "" for importmap.json in the project's folder
	Progress func(Progress)
	OnWait   func() // see hasher.Options

	Authority Authority        // what says which map is the right one
	Lockfile  *LockfileOptions // nil: what is installed is not held against the lockfile

	// Only says which of the pinned files to hash; nil for all.
	Only func(path string) bool

	// SkipSurroundings leaves out what surrounds the pinned files: what is not
	// pinned is no finding.
	SkipSurroundings bool
}

// MapName is the name of the map in the project's folder.
const MapName = "importmap.json"
