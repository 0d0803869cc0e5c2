// Package mapmerge merges two maps that were made from a common one, entry by entry. It
// does not look at files: when Git merges a map, it has not written the files yet.
//
// For each entry, the side that has changed it since the base wins: an entry may be
// added, changed or removed. If both sides have changed it in the same way, they agree.
// If they have changed it differently, that is a conflict, and a person decides.
//
// What an entry is depends on the part of the map:
//
//	integrity                   a key
//	imports                     a specifier
//	scopes                      a specifier of a scope
//	other members               a member, at any depth of objects
//	nodeint: packages, links,   a key. A package with all its fields is one entry:
//	and other objects           version and digest of two sides must not be mixed
//	nodeint: entries, absent,   an element. A list is a set: both sides may add and
//	gaps, scripts               remove elements, and there is no conflict
//	nodeint: anything else      the whole value
//	nodeint.root                none: it is computed from the result
//
// Maps of different versions of nodeint, and maps of which only one has the member
// nodeint, differ in the whole member.
//
// The result has the digest of what is in it. It is not a new walk of the program: if
// one side starts to use a file that the other side no longer pins, the merged map does
// not pin it. generate --check finds that.
package mapmerge
