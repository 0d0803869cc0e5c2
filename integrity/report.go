package integrity

import "github.com/nodeint/nodeint/hasher"

// A Summary says how much was looked at: the scope of a success.
type Summary struct {
	Checked  int   `json:"checked"`  // files
	Packages int   `json:"packages"` // packages they belong to, the project included
	Bytes    int64 `json:"bytes"`
	MS       int64 `json:"ms"`
}

// A Report is what verify found. Findings and Gaps are sorted by path.
type Report struct {
	Root     string // absolute folder that the map's keys are relative to
	Map      string // absolute path of the map
	Digest   string // the map's tree digest; "" for a map without the member nodeint
	Coverage Coverage
	Summary  Summary
	Findings []Finding
	Gaps     []Gap
	Anchors  *LockfileSummary // nil where Lockfile was
	Trust    *Trust           // nil where nothing but the map said that it is the right one
	Notes    []string         // what limits the report, one sentence each

	Pinned   []Pinned          // what the map pins, in its order
	Packages map[string]string // "name@version" by folder
}

// A Pinned is a file with the metadata that it must match.
type Pinned struct {
	Path     string // relative to the root, slash-separated
	Metadata hasher.Metadata
}

// OK reports whether the files are what the map says.
func (r *Report) OK() bool { return len(r.Findings) == 0 }
