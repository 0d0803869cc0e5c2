package integrity

import (
	"github.com/nodeint/nodeint/integrity/internal/lockcheck"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/problem"
)

// The types of package problem, under the names that callers of this package
// use.
type (
	Error   = problem.Error
	Class   = problem.Class
	Finding = problem.Finding
	Gap     = problem.Gap
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

// The codes of a map that cannot be trusted ([Untrusted]).
const (
	MapMissing   = problem.MapMissing
	MapKind      = problem.MapKind
	MapSyntax    = problem.MapSyntax
	MapEmpty     = problem.MapEmpty
	MapKey       = problem.MapKey
	MapMetadata  = problem.MapMetadata
	MapMember    = problem.MapMember
	MapRoot      = problem.MapRoot
	MapPlace     = problem.MapPlace
	MapPin       = problem.MapPin
	MapUnsigned  = problem.MapUnsigned
	MapEnvelope  = problem.MapEnvelope
	MapSignature = problem.MapSignature
	MapStatement = problem.MapStatement
	MapSerial    = problem.MapSerial
)

// The reasons of gaps.
const (
	GapComputed = problem.GapComputed
	GapIndirect = problem.GapIndirect
	GapSyntax   = problem.GapSyntax
	GapOutside  = problem.GapOutside
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

// PnPProgram is the name of the file, in the root, by which Yarn's Plug'n'Play
// resolves modules.
const PnPProgram = pnp.Program
