package mapmerge

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/importmap"
)

// mergeSets merges lists whose order means nothing: it keeps what both sides have, and
// what one side has added. The result is in the order in which generate writes the
// member name. It is nil if it is empty.
func mergeSets(name string, base, ours, theirs []byte) []byte {
	if winner, ok := unchanged(base, ours, theirs); ok {
		return winner
	}
	was, left, right := elements(base), elements(ours), elements(theirs)
	inBase, inOurs, inTheirs := setOf(was), setOf(left), setOf(right)
	all := slices.DeleteFunc(mergeOrder(left, right), func(e string) bool {
		return inBase[e] && !(inOurs[e] && inTheirs[e])
	})
	switch {
	case name == "gaps":
		slices.SortStableFunc(all, byPlace)
	case slices.IsSortedFunc(left, byText) && slices.IsSortedFunc(right, byText):
		slices.SortFunc(all, byText)
	}
	if len(all) == 0 {
		return nil
	}
	return []byte("[" + strings.Join(all, ",") + "]")
}

// mergePowers merges the powers of each package as a set. A side without the member does not
// know them, so the result is then nil.
func mergePowers(base, ours, theirs []byte) []byte {
	was, left, right := objectOf(base), objectOf(ours), objectOf(theirs)
	if left == nil || right == nil {
		return nil
	}
	merged := &object{}
	for _, dir := range mergeOrder(left.names, right.names) {
		merged.set(dir, mergeSets(memberPowers, was.value(dir), left.values[dir], right.values[dir]))
	}
	return merged.text()
}

// elements returns the texts of the elements of a list, without white space.
func elements(list []byte) []string {
	var all []string
	gjson.ParseBytes(list).ForEach(func(_, v gjson.Result) bool {
		all = append(all, string(compact([]byte(v.Raw))))
		return true
	})
	return all
}

func setOf(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, e := range list {
		set[e] = true
	}
	return set
}

// byText compares strings.
func byText(a, b string) int {
	return strings.Compare(gjson.Parse(a).String(), gjson.Parse(b).String())
}

// byPlace compares gaps as problem.SortGaps does.
func byPlace(a, b string) int {
	x, y := gjson.Parse(a), gjson.Parse(b)
	return cmp.Or(
		cmp.Compare(pathOf(x), pathOf(y)),
		cmp.Compare(x.Get("line").Int(), y.Get("line").Int()),
		cmp.Compare(x.Get("column").Int(), y.Get("column").Int()),
		cmp.Compare(x.Get("reason").Str, y.Get("reason").Str))
}

// pathOf returns the path of a gap. Maps are sorted by paths, not by keys.
func pathOf(gap gjson.Result) string {
	key := gap.Get("path").Str
	if p, err := importmap.PathOf(key); err == nil {
		return p
	}
	return key
}
