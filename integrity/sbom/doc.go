// Package sbom writes a software bill of materials (SBOM) for the program of a map.
//
// [Read] makes an [Inventory] of the map, of package.json files, of the lockfile and of
// traces. [Inventory.CycloneDX] and [Inventory.SPDX] write it. The caller has compared the
// files with the map (integrity.Verify): the digests in the map are those of the files.
//
// # Packages
//
// The packages are those with files that the map pins, without those that this install
// leaves out. Installations of one package with the same files are one component. Their
// directories are its occurrences. The project's own package is the root component.
//
// A package is reached in one of three ways (Component.Reach):
//
//	imports   the module graph of the program reaches it
//	trace     a trace contains a file of it that was loaded
//	declared  neither does. The map pins it because a package.json declares it, or
//	          because of include or a shadowing file. A computed specifier may load it
//
// The packages that are installed and that have no pinned file are listed apart
// (Inventory.Unreached). They have no files and no dependencies.
//
// # Dependencies
//
// A dependency is an import: a module of one package names a file of another one. The
// module graph is walked from the entries of the map, and each specifier is resolved to a
// package. The names of the map (imports, scopes, nodeint.require) add those that the graph
// resolves otherwise. Entries of these sections that generate has not made are ignored. What
// package.json declares and no module imports is no dependency.
//
// The dependencies of a package are complete if it is reached and has no gap. They are
// incomplete if it has a gap, and unknown if it is only declared or traced: its modules are
// not parsed.
//
// # Names, versions and package URLs
//
// If the lockfile has the package at this place, its name is that of the lockfile. The
// package.json of a package can thus not give it another identity. Otherwise name and
// version are those of the map.
//
// The package URL is pkg:npm/%40scope/name@version. Every byte except letters, digits and
// ".-_~" is percent-encoded. Upper case is kept: old npm packages have it. A qualifier
// names the source of the package if it is not the public registry:
//
//	vcs_url         a repository: git+https://host/path@commit
//	download_url    a tarball, or file: and the path of a local directory or tarball
//	repository_url  another registry
//
// Passwords and user names are removed from all URLs, except the user name of ssh.
//
// # Licenses
//
// The license is what package.json declares, and nothing else is read. A string that is an
// SPDX expression with listed identifiers is used as one, with the case of the list. Of the
// old forms, {"type": T} counts as T, and a list as alternatives (npm's documentation).
// Everything else is a name: "SEE LICENSE IN …", UNLICENSED, LicenseRef-…. Control
// characters are removed from it, and it is cut after 200 characters.
//
// # Digests
//
// The digests of a package are those of the lockfile for its archive. Those of Yarn 2 and
// later are of a zip that Yarn makes; they are a property, and not a digest. The digests of
// a file are those of the map. SPDX 2.3 requires SHA-1 too: Read computes it if
// Options.SHA1 is set, and compares the bytes with the map again.
//
// # CycloneDX 1.6 and 1.7
//
//	metadata.component     the project, with its own files
//	components             the packages, by bom-ref; then those that are not reached, with
//	                       the scope "excluded"
//	bom-ref                the package URL. "#" and a directory follow if a component
//	                       before it has the same URL, and other files
//	component.hashes       the digests of the archive
//	component.components   the pinned files: type "file", path in the package, hashes
//	externalReferences     type "distribution": the URL in the lockfile
//	evidence.occurrences   the directories
//	dependencies           imports
//	compositions           the inventory: "incomplete" while the map has gaps, else
//	                       "complete"; the dependencies of each package
//	properties             nodeint:digest, nodeint:coverage, nodeint:gaps; of a package
//	                       nodeint:reach, nodeint:loaded ("true" or "false", with a trace),
//	                       nodeint:provenance, nodeint:power and nodeint:gap (each may
//	                       repeat), nodeint:lockfile:checksum
//
// The two versions have the same members.
//
// # SPDX 2.3
//
// A package has filesAnalyzed if its files are listed. The verification code is that of the
// pinned files; the others in its directory are excluded files of the code. Imports are
// DEPENDS_ON. A package that is not reached is OTHER of the project. The document's comment
// names the digest, the coverage and the number of gaps; that of a package has what CycloneDX
// has as properties, and nodeint:dependencies: "complete", "incomplete" or "unknown".
// NOASSERTION and NONE are not used as the target of a relationship: the library of SPDX
// (spdx/tools-golang) rejects such documents.
//
// # SPDX 3.0.1
//
// The elements are an SpdxDocument, a software_Sbom, packages, files, and relationships:
// contains, dependsOn (scope runtime) with its completeness, hasDeclaredLicense, and other
// for packages that are not reached. Comments are as in version 2.3.
//
// # OpenVEX 0.2.0
//
// [Inventory.VEX] makes a statement of each advisory about an installed package: a place that
// npm audit names, or the name and version that pnpm audit names. The product is the project,
// and the package is its subcomponent. The status is one of two:
//
//	not_affected         no place of the package URL is in the inventory, and the map has no
//	                     gaps (vulnerable_code_not_in_execute_path)
//	under_investigation  otherwise. The notes say why
//
// The inventory does not say which functions of a package the program calls, so no status is
// "affected". A statement holds for the files of the map: nodeint run stops others.
//
// # The same bytes
//
// The same tree, map, lockfile and traces give the same bytes. There is no time, unless
// Options.Time is set. SPDX requires one: it is then 1970-01-01. The serial number, or the
// namespace of SPDX, is a UUID (RFC 9562, version 8) made of the SHA-256 of the map's digest
// and of the rest of the document.
package sbom
