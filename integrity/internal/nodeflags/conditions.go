package nodeflags

import "slices"

// ownConditions are conditions that --conditions can name without an effect. Every Node has
// the first two. A map is right with the other two and without them, because a version or a
// flag of Node can take them away.
var ownConditions = [...]string{"node", "default", "module-sync", "node-addons"}

// OwnConditions returns the conditions that make no difference to what names mean.
func OwnConditions() []string { return slices.Clone(ownConditions[:]) }

// OtherConditions returns the conditions that can make a difference, in their order.
func OtherConditions(list []string) []string {
	var out []string
	for _, c := range list {
		if !slices.Contains(ownConditions[:], c) {
			out = append(out, c)
		}
	}
	return out
}
