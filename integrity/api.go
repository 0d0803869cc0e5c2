package integrity

import (
	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/coverage"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/project"
)

// MapName is the name of the map in the project's directory.
const MapName = "importmap.json"

// GenerateOptions say what Generate pins. A zero member takes the value of the
// project's configuration, or else the default.
type GenerateOptions struct {
	Project    *project.Project
	Map        string           // absolute path of the map; "" is importmap.json in the project's directory
	Entries    []string         // absolute paths of the entries
	Start      *project.Start   // how the program is started; nil for scripts.start, if it starts an entry
	Coverage   Coverage         // default: Dependencies
	Algorithms hasher.Set       // default: SHA-256
	Traces     []string         // absolute paths of trace files
	Lockfile   *LockfileOptions // nil does not compare the packages with the lockfile
	Progress   func(Progress)   // called now and then, by one goroutine at a time; may be nil
	Hashes     *hasher.Cache    // shared by the maps of one tree; may be nil
	CacheDir   string           // absolute directory for what Generate keeps for the next one; "" keeps nothing
	Browser    bool             // the map is for a web page, also if the configuration says so
	PackageMap bool             // the map is Node's package map as well, also if the configuration says so

	// Explain is called with the map, and with why it pins each file, for package why. It may be nil.
	Explain func(m *mapfile.Map, t *tree.Tree, why *coverage.Reasons) error
}

// A Generated is a new map. Generate does not write it; see [Write].
type Generated struct {
	Root        string // absolute directory that the keys are relative to
	Map         string // absolute path of the map
	Text        []byte // the new map
	Pin         string // the expected digest of Text, for TrustPolicy.Digests
	Old         []byte // the existing map; nil if there is none
	Digest      string // the tree digest
	Coverage    Coverage
	Entries     []string // keys
	Summary     Summary
	Gaps        []Gap
	NotFound    []NotFound       // what the program requests, and what may be absent
	Findings    []Finding        // differences from the lockfile; if there are any, do not write the map
	Anchors     *LockfileSummary // nil if not compared with the lockfile
	Changes     []Change         // differences of Text from Old, by path
	Same        bool             // Old means what Text means
	Conflict    bool             // Old has conflict markers of Git; Changes are those from our side
	Reformatted bool             // Same, and the bytes of Old differ: white space, order or escapes
	Trace       *Traced          // effect of the traces; nil without traces
	Notes       []string         // limits of the result, one sentence each

	// NotInstalled is true if the program imports declared packages, and none is installed.
	// Do not write the map. Install is the command that installs the packages.
	NotInstalled bool
	Install      string

	Packages map[string]string // "name@version" by directory
}

// A Traced says what traces changed in a map.
type Traced struct {
	Traces    int      `json:"traces"`    // number of traces read
	Explained int      `json:"explained"` // gaps that they explain; the map does not list these
	Stale     []string `json:"stale"`     // keys of traced files that no longer exist
}

// VerifyOptions say which map Verify compares with the files.
type VerifyOptions struct {
	Project  *project.Project
	Map      string           // absolute path of the map; "" is importmap.json in the project's directory
	Policy   TrustPolicy      // decides whether the map is trusted; the zero value accepts any
	Lockfile *LockfileOptions // nil does not compare the packages with the lockfile
	Progress func(Progress)   // called now and then, by one goroutine at a time; may be nil
	Hashes   *hasher.Cache    // shared by the maps of one tree; may be nil

	// Only selects the pinned files to hash, by path; nil selects all.
	Only func(path string) bool

	// AllDigests compares all digests of a file that [hasher.Metadata.Match] requires, and
	// not the fastest one alone.
	AllDigests bool

	// SkipUnexpected does not look for unexpected files.
	SkipUnexpected bool

	// KeepManifests keeps the bytes of the package.json files for Report.Names, which reads
	// them again otherwise.
	KeepManifests bool
}

// A Report is the result of Verify. Findings and Gaps are sorted by path.
type Report struct {
	Root     string // absolute directory that the keys are relative to
	Map      string // absolute path of the map
	Digest   string // the map's tree digest; "" for a map without the member nodeint
	Coverage Coverage
	Summary  Summary
	Findings []Finding
	Gaps     []Gap
	Anchors  *LockfileSummary // nil if not compared with the lockfile
	Trust    *TrustResult     // nil if the policy has no condition
	Browser  bool             // the map is for a web page
	LeftOut  []LeftOut        // packages of the map that this install does not have, as the lockfile allows
	Notes    []string         // limits of the report, one sentence each

	Install      string                 // the command that installs the packages
	Pinned       []Pinned               // the files of the map, in its order
	Packages     map[string]string      // "name@version" by directory
	Names        func() ([]byte, error) // what names mean here, for package launch
	NodePackages func() ([]byte, error) // Node's package map with absolute URLs, for package launch; nil if the map is none
	Start        nodeflags.Record       // the settings of node with which the map was generated
	Powers       map[nodejs.Power]bool  // those that the packages use that are installed; nil if they are not known
}

// A LeftOut is a package of the map that is not installed, and that the lockfile
// allows an install to leave out: for development, optional, or for another platform.
type LeftOut struct {
	Path    string `json:"path"`    // the directory in which other installs have it
	Package string `json:"package"` // name@version
}

// OK reports whether the files match the map.
func (r *Report) OK() bool { return len(r.Findings) == 0 }

// A Summary says how much was checked: the scope of a success.
type Summary struct {
	Checked  int   `json:"checked"`  // files
	Packages int   `json:"packages"` // packages that contain them, including the project
	Bytes    int64 `json:"bytes"`
	MS       int64 `json:"ms"` // duration in milliseconds
}

// A Progress says how far a long operation has come.
type Progress struct {
	Stage string // "resolving", "hashing", "checking" or "reading packages"
	Files int    // done so far
	Total int    // 0 if unknown
	Bytes int64
}
