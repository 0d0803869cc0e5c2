package integrity

import (
	"github.com/nodeint/nodeint/integrity/internal/lockcheck"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/trust"
	"github.com/nodeint/nodeint/integrity/problem"
)

// The types of package problem, which also has the codes of errors and the reasons of gaps.
type (
	Error    = problem.Error
	Class    = problem.Class
	Finding  = problem.Finding
	Gap      = problem.Gap
	NotFound = problem.NotFound
	Change   = mapfile.Change
)

// The classes of errors, see [problem.Class].
const (
	Usage     = problem.Usage
	Untrusted = problem.Untrusted
	Failed    = problem.Failed
)

// The codes of findings. docs/findings.md explains each one.
const (
	Mismatch       = problem.Mismatch
	Missing        = problem.Missing
	Unexpected     = problem.Unexpected
	WrongKind      = problem.WrongKind
	Unreadable     = problem.Unreadable
	AnchorMismatch = problem.AnchorMismatch
	AnchorExtra    = problem.AnchorExtra
	AnchorMissing  = problem.AnchorMissing
	AnchorUnlocked = problem.AnchorUnlocked
	AnchorArchive  = problem.AnchorArchive
	AnchorNone     = problem.AnchorNone
)

// A Coverage says how much of the tree a map pins.
type Coverage = mapfile.Coverage

// The levels of coverage. Each one pins what the one before it pins.
const (
	Graph        = mapfile.Graph        // what the static module graph reaches
	Packages     = mapfile.Packages     // and every loadable file of each package reached
	Dependencies = mapfile.Dependencies // and of the packages that those declare and that are installed
	Tree         = mapfile.Tree         // every file of the root
)

// ParseCoverage returns the level with the given name; "" is Dependencies.
func ParseCoverage(name string) (Coverage, error) { return mapfile.ParseCoverage(name) }

// A Pinned is a file (Path, relative to the root, slash-separated) with the
// integrity metadata that it must match (Metadata, a hasher.Metadata).
type Pinned = mapfile.Pinned

// A TrustPolicy decides which map is the trusted one: an attacker who can write
// the tree can also write a map that fits it. Every condition that is set must
// hold; the zero value accepts any map. Its members are
//
//	Digests    []ExpectedDigest   the map's bytes must match each one
//	Keys       []*signkey.Public  Threshold of these must have signed the map
//	Threshold  int                number of different keys; 0 means 1
//	MinSerial  uint64             the lowest serial to accept, if Keys are set
type TrustPolicy = trust.Policy

// An ExpectedDigest is integrity metadata (Metadata, a hasher.Metadata) for the
// bytes of a map, and the flag that gave it (Source), for errors.
type ExpectedDigest = trust.ExpectedDigest

// A TrustResult says which conditions of a TrustPolicy a map has met: Pinned
// (bool), Keys ([]string, the ids of the keys that have signed), Threshold (int)
// and Serial (uint64).
type TrustResult = trust.Result

// EnvelopePath returns the path of a map's envelope.
func EnvelopePath(file string) string { return trust.EnvelopePath(file) }

// LockfileOptions are the choices for the comparison with the lockfile: Require
// (bool) makes a finding of each package with pinned files and without an archive
// to compare with, Fetch (bool) downloads archives that are in no cache.
type LockfileOptions = lockcheck.Options

// A LockfileSummary is the outcome of the comparison with the lockfile, and an
// UnanchoredPackage is a package without an archive to compare with.
type (
	LockfileSummary   = lockcheck.Summary
	UnanchoredPackage = lockcheck.UnanchoredPackage
)

// A ProvenanceClass says how the lockfile accounts for an installed file. The
// package comment of lockcheck defines the classes.
type ProvenanceClass = lockcheck.Class

// The provenance classes, the strongest first.
const (
	Anchored     = lockcheck.Anchored
	Derived      = lockcheck.Derived
	Alias        = lockcheck.Alias
	Patched      = lockcheck.Patched
	ScriptOutput = lockcheck.ScriptOutput
	ManagerMeta  = lockcheck.ManagerMeta
	Unanchored   = lockcheck.Unanchored
)

// ProvenanceClasses returns all classes, the strongest first.
func ProvenanceClasses() []ProvenanceClass { return lockcheck.Classes }

// IsOwn reports whether a file is the project's own: not below a node_modules.
func IsOwn(file string) bool { return mapfile.IsOwn(file) }

// InstalledPackage returns the directory of the installed package that contains a file,
// whether or not it is one of packages, by directory; "" if none does.
func InstalledPackage(packages map[string]string, file string) string {
	if dir, ok := mapfile.OwnerIn(packages, file); ok && !IsOwn(dir) {
		return dir
	}
	dir, _ := mapfile.InstalledDir(file)
	return dir
}

// PnPProgram is the name of the file, in the root, by which Yarn's Plug'n'Play
// resolves modules.
const PnPProgram = pnp.Program
