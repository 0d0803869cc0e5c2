package integrity

import (
	"cmp"
	"slices"

	"github.com/nodeint/nodeint/hasher"
)

// The codes of findings. They are stable: scripts may compare them, and
// docs/findings.md lists them all with what to do about each.
const (
	Mismatch   = "mismatch"   // a pinned file's bytes, or a link's target, are not what was pinned
	Missing    = "missing"    // a pinned file or link is not there
	Unexpected = "unexpected" // a file, link or folder that the map does not hold, and that Node would load or be steered by
	WrongKind  = "wrong-kind" // a symbolic link, folder, FIFO, socket or device where a file was pinned, or the reverse
	Unreadable = "unreadable" // the system would not let it be read
)

// The codes of a map that cannot be trusted ([Untrusted]).
const (
	MapMissing  = "map-missing"  // there is no map
	MapKind     = "map-kind"     // what lies at the map's path is not a file
	MapSyntax   = "map-syntax"   // not the JSON, or not the import map, that the standard allows
	MapEmpty    = "map-empty"    // no integrity section, or one that pins nothing
	MapKey      = "map-key"      // a key of integrity that is not the canonical form of a path below the root
	MapMetadata = "map-metadata" // integrity metadata that pins nothing, or that the SRI grammar does not allow
	MapMember   = "map-member"   // the member nodeint is not what this version writes
	MapRoot     = "map-root"     // the tree digest does not belong to the entries
	MapPlace    = "map-place"    // it was made for a project that lies elsewhere in its root

	MapPin       = "map-pin"       // its bytes are not those that were pinned
	MapUnsigned  = "map-unsigned"  // a key was given, and no envelope lies beside it
	MapEnvelope  = "map-envelope"  // the envelope, or the statement in it, is not what this version writes
	MapSignature = "map-signature" // fewer of the keys that were given have signed than have to
	MapStatement = "map-statement" // what was signed is another map, or says of it what it does not say itself
	MapSerial    = "map-serial"    // an older map was signed than the oldest that is taken
)

// The reasons of gaps: why the graph could not see what a place asks for.
const (
	GapComputed = "computed-specifier" // the specifier is computed at run time
	GapIndirect = "indirect-require"   // require is passed on as a value
	GapSyntax   = "syntax"             // the module could not be parsed, so what it asks for is not known
	GapOutside  = "outside-root"       // it lies outside the root, where no key can name it
)

// A Finding is one way in which the files are not what the map says.
type Finding struct {
	Code    string `json:"code"`
	Path    string `json:"path"`              // relative to the root, slash-separated
	Package string `json:"package,omitempty"` // name@version of the package that holds it, where known
	Want    string `json:"want,omitempty"`    // the metadata or the link target that was pinned
	Got     string `json:"got,omitempty"`     // what is there instead
	Detail  string `json:"detail,omitempty"`  // one sentence for a person
}

// A Gap is a place where the program asks for something that nodeint could not
// see (guarantee G4). Column counts bytes from 1.
type Gap struct {
	Path   string `json:"path"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Text   string `json:"text,omitempty"`
	Reason string `json:"reason"`
}

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
	Anchors  *Anchors // nil where Lockfile was
	Trust    *Trust   // nil where nothing but the map said that it is the right one
	Notes    []string // what limits the report, one sentence each

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

func sortFindings(fs []Finding) []Finding {
	slices.SortFunc(fs, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Code, b.Code))
	})
	return slices.Compact(fs)
}

func sortGaps(gs []Gap) []Gap {
	slices.SortFunc(gs, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Reason, b.Reason))
	})
	return slices.Compact(gs)
}
