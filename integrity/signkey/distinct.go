package signkey

// Distinct returns keys without those that occur earlier in it, in their order.
func Distinct(keys []*Public) []*Public {
	seen := make(map[string]bool)
	var distinct []*Public
	for _, k := range keys {
		if !seen[k.ID()] {
			seen[k.ID()] = true
			distinct = append(distinct, k)
		}
	}
	return distinct
}
