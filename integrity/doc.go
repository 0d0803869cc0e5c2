// Package integrity pins the files of a Node.js program in an import map, and
// compares the files with the map later.
//
// [Generate] walks a project and returns its map; [Write] writes it. [Verify]
// compares the files with a map and returns a [Report]. [Sign] signs a map.
//
// A difference between the files and the map is a [Finding], not an error. An
// [Error] means that the map cannot be trusted, that something could not be
// checked, or wrong usage; its Class says which. A [Gap] is a place where the
// program loads something that Generate could not resolve.
//
// Generate and Verify use the same rules for what a map must contain: what
// Generate pins is exactly what Verify would otherwise report as unexpected, at
// every [Coverage].
//
// # Stability
//
// Until version 1.0, the exported names of this package may change in any
// release. The format of maps, the codes of findings and errors, the JSON
// output and the exit statuses of the command are stable: see docs/map.md and
// docs/findings.md.
package integrity
