package problem

// The codes of findings. They are stable: scripts may compare them.
// docs/findings.md explains each one.
const (
	Mismatch   = "mismatch"   // a pinned file's bytes, or a link's target, differ from the map
	Missing    = "missing"    // a pinned file or link does not exist
	Unexpected = "unexpected" // a file, link or directory that is not in the map and that Node would load or read
	WrongKind  = "wrong-kind" // a symbolic link, directory, FIFO, socket or device instead of a file, or the reverse
	Unreadable = "unreadable" // the system did not allow reading it
)

// The codes of findings of the comparison with the lockfile.
const (
	AnchorMismatch = "anchor-mismatch" // the file's bytes differ from those in the archive
	AnchorExtra    = "anchor-extra"    // the archive does not contain the file
	AnchorMissing  = "anchor-missing"  // the archive contains the file, and it is not installed
	AnchorUnlocked = "anchor-unlocked" // the lockfile does not list the package or file
	AnchorArchive  = "anchor-archive"  // the archive is not the one that the lockfile names, or is unsafe to read
	AnchorNone     = "anchor-none"     // no archive of the lockfile contains the package's files
)

// Outdated is the code, in reports, of a difference between the map and the one that generate
// would write.
const Outdated = "outdated"

// The codes of a map that cannot be trusted ([Untrusted]).
const (
	MapMissing  = "map-missing"  // the map does not exist
	MapKind     = "map-kind"     // the map's path is not a regular file
	MapSyntax   = "map-syntax"   // not JSON, or not an import map by the HTML standard
	MapConflict = "map-conflict" // the map has conflict markers of Git
	MapEmpty    = "map-empty"    // no integrity section, or an empty one
	MapKey      = "map-key"      // a key of integrity is not the canonical form of a path below the root
	MapMetadata = "map-metadata" // integrity metadata that is empty, or that the SRI grammar does not allow
	MapMember   = "map-member"   // the member nodeint is not one that this version writes
	MapRoot     = "map-root"     // the tree digest does not match the entries
	MapPlace    = "map-place"    // the map was made for a project in another directory of its root

	MapPin       = "map-pin"       // the map's bytes do not match the expected digest
	MapUnsigned  = "map-unsigned"  // a key was given, and the map has no envelope
	MapEnvelope  = "map-envelope"  // the envelope, or the statement in it, is not one that this version writes
	MapSignature = "map-signature" // too few of the given keys have signed the map
	MapStatement = "map-statement" // the signed statement is about another map, or disagrees with the map
	MapSerial    = "map-serial"    // the signed serial is lower than the required minimum
)

// The codes of errors that are not about a map.
const (
	CodeUsage    = "usage"    // wrong arguments
	CodeConfig   = "config"   // a mistake in the configuration
	CodeIO       = "io"       // the system failed
	CodeKey      = "key"      // a file that is not a usable key
	CodeLockfile = "lockfile" // the lockfile cannot be used
	CodeSettings = "settings" // a package manager's settings cannot be used
	CodeTrace    = "trace"    // a file that is not a usable trace
	CodePnP      = "pnp"      // a Plug'n'Play project that cannot be pinned
	CodeZip      = "zip"      // a zip file that cannot be read
	CodePolicy   = "policy"   // a policy file of Node.js that cannot be used
)

// The reasons of gaps: why the graph could not resolve what a place loads.
const (
	GapComputed = "computed-specifier" // the specifier is computed at run time
	GapIndirect = "indirect-require"   // require is passed on as a value
	GapSyntax   = "syntax"             // the module could not be parsed
	GapOutside  = "outside-root"       // the file is outside the root, so no key can name it

	// GapAboveRoot: a package that is not installed is in a node_modules above the root.
	GapAboveRoot = "above-root"

	// GapNeverPinned: the program names a file that no map pins, such as the map itself.
	GapNeverPinned = "never-pinned"

	// GapUnresolved: an import resolves to nothing, and fails when it is reached.
	GapUnresolved = "unresolved"

	// GapStartOption: the start of node has a flag or a variable that may change what
	// names mean in a way that generate does not follow.
	GapStartOption = "start-option"

	// For a browser. GapNoModule: the file is not one that a browser loads as a module.
	// GapBuiltin: the name is that of a module of Node. GapNoAddress: no key of a map can
	// give this name its file.
	GapNoModule  = "no-module"
	GapBuiltin   = "builtin"
	GapNoAddress = "no-address"
)

// The reasons of a [NotFound]: why it is not a gap.
const (
	NotFoundOptional     = "optional"      // optionalDependencies lists the package
	NotFoundOptionalPeer = "optional-peer" // the package is an optional peer dependency
	NotFoundHandled      = "handled"       // the request is in a try statement, or has a catch
	NotFoundUndeclared   = "undeclared"    // a dependency requests a package that it does not declare
	NotFoundIndirect     = "indirect"      // not by require or import itself, but by createRequire or a path
	NotFoundDeclared     = "declared"      // a package.json declares the package, and no module requests it
)
