// Package integrity writes and checks integrity maps: import maps whose
// integrity section pins every file that a Node.js program may load.
//
// [Generate] walks a project and makes its map; [Verify] holds the files
// against a map and says in a [Report] what differs. The two share one notion
// of what surrounds a program (surroundings.go): what Generate pins is exactly
// what Verify would otherwise call unexpected, in every [Coverage].
package integrity
