package integrity

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
	Anchors  *Anchors     // nil where Lockfile was
	Trust    *TrustResult // nil if the policy has no condition
	Notes    []string     // what limits the report, one sentence each

	Pinned   []Pinned          // what the map pins, in its order
	Packages map[string]string // "name@version" by folder
}

// OK reports whether the files are what the map says.
func (r *Report) OK() bool { return len(r.Findings) == 0 }
