package lockcheck

// A Class is the provenance class of a file: the archive, patch or script that its
// bytes come from. The package comment defines each class. The values are stable.
type Class string

// The classes, the strongest first.
const (
	Anchored     Class = "anchored"
	Derived      Class = "derived"
	Alias        Class = "alias"
	Patched      Class = "patched"
	ScriptOutput Class = "script-output"
	ManagerMeta  Class = "manager-meta"
	Unanchored   Class = "unanchored"
)

// Classes are all classes, the strongest first.
var Classes = []Class{Anchored, Derived, Alias, Patched, ScriptOutput, ManagerMeta, Unanchored}

// A File is an installed file whose class is not Anchored.
type File struct {
	Path    string `json:"path"`
	Package string `json:"package,omitempty"`
	Class   Class  `json:"class"`
	Reason  string `json:"reason"`
	Patch   string `json:"patch,omitempty"` // the patch that names it, if the class is Patched
}

// A Package is an installed package.
type Package struct {
	Dir           string // relative to the root
	Name, Version string
	Integrity     string // the digest of the archive in the lockfile; may be empty
	Class         Class  // the weakest class of its files
	Reason        string // why the package is unanchored; empty otherwise
	Files         int
}
