package mapfile

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/importmap"
)

// DigestOf returns the tree digest of a document: the identity of the map. It
// covers every entry of integrity and every other member but nodeint.root. The
// pairs are, by key:
//
//	./app.js            the metadata, for every entry of integrity
//	imports, scopes     the JSON text without white space, as for all that follow
//	member NUL name     a top-level member that is none of the four
//	nodeint NUL name    a member of nodeint
//
// No two members have the same key: an entry's key starts with a dot.
func DigestOf(doc *importmap.Document) string { return treeDigest(doc) }

func treeDigest(doc *importmap.Document) string {
	others := otherPairs(doc)
	// The keys of entries start with a dot, so the other pairs sort after them.
	return hasher.TreeOf(func(yield func(hasher.Pair) bool) {
		for _, e := range doc.Integrity {
			if !yield(hasher.Pair{Key: e.Key, Value: e.Value}) {
				return
			}
		}
		slices.Values(others)(yield)
	}).String()
}

func otherPairs(doc *importmap.Document) []hasher.Pair {
	var pairs []hasher.Pair
	add := func(key string, raw []byte) {
		if raw != nil {
			pairs = append(pairs, hasher.Pair{Key: key, Value: compact(raw)})
		}
	}
	add("imports", doc.Imports)
	add("scopes", doc.Scopes)
	for _, m := range doc.Members {
		if m.Name != memberName {
			add("member\x00"+m.Name, m.Raw)
			continue
		}
		gjson.ParseBytes(m.Raw).ForEach(func(k, v gjson.Result) bool {
			if k.Str != "root" {
				add(memberName+"\x00"+k.Str, []byte(v.Raw))
			}
			return true
		})
	}
	slices.SortFunc(pairs, func(a, b hasher.Pair) int { return strings.Compare(a.Key, b.Key) })
	return pairs
}

// MemberTexts returns the JSON text of each member of nodeint, by its name. Texts
// that mean the same are equal: they have no white space, and the order and the
// escapes that [importmap.Document.Format] writes.
func MemberTexts(doc *importmap.Document) map[string]string {
	texts := make(map[string]string)
	raw, ok := doc.Member(memberName)
	if !ok {
		return texts
	}
	alone, err := importmap.Read(memberName, (&importmap.Document{Members: []importmap.Member{{Name: memberName, Raw: raw}}}).Format())
	if err != nil {
		return texts // not reached: Format writes what Read accepts
	}
	raw, _ = alone.Member(memberName)
	gjson.ParseBytes(raw).ForEach(func(k, v gjson.Result) bool {
		texts[k.Str] = compact([]byte(v.Raw))
		return true
	})
	return texts
}

func compact(raw []byte) string {
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return string(raw) // not reached: importmap.Read has parsed it
	}
	return b.String()
}
