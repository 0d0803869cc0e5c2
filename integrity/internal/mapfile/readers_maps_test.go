package mapfile

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/importmap"
)

// aMap makes the n-th map of a run: one of oddMaps first, then one that is made up,
// as it is or with its text or its members mutated.
func aMap(t testing.TB, r *rand.Rand, n int) string {
	if n < len(oddMaps) {
		return oddMaps[n]
	}
	doc := madeUp(r)
	text := string(doc.Format())
	if r.IntN(3) == 0 {
		text = oddMaps[r.IntN(len(oddMaps))]
	}
	switch r.IntN(5) {
	case 0:
		return text
	case 1:
		return respelled(r, text)
	case 2:
		return signedAgain(t, respelled(r, text))
	default:
		for range 1 + r.IntN(3) {
			text = mutate(r, text)
		}
		return text
	}
}

// madeUp makes a map that holds together.
func madeUp(r *rand.Rand) *importmap.Document {
	p := &Map{Coverage: Graph, Files: make(map[string]string), Packages: make(map[string]Package)}
	for range 1 + r.IntN(6) {
		path := aPath(r)
		if _, err := importmap.PathOf(importmap.KeyOf(path)); err == nil {
			p.Files[path] = someMetadata(r)
		}
	}
	if r.IntN(2) == 0 {
		p.Packages["node_modules/"+pick(r, names)] = Package{Name: pick(r, names), Version: "1.0." + strconv.Itoa(r.IntN(9))}
	}
	doc, err := p.Document(nil)
	if err != nil {
		return &importmap.Document{}
	}
	if r.IntN(2) == 0 { // as another tool writes it
		doc.Members = nil
	}
	if r.IntN(4) == 0 {
		doc.Imports, _ = json.Marshal(map[string]string{pick(r, names): "./x.js"})
	}
	return doc
}

// names are parts of paths that readers are known to see differently.
var names = []string{
	"app.js", "a b", "é", "e\u0301", "ﬀ", "𝒳", "__proto__", "constructor", "toString", "%41", "%2e%2e", "..a", "a.", "a ", "CON", "con.js",
	"A.JS", "#x", "?x", "\\x", "a\tb", "a\nb", "\u2028", "\ufeff", "\u202e", "integrity", "0", "-1", "1e3", "🦊.mjs", "a:b", "c|d", "~", "^", "`", "{}", "[x]", "<>", "\"", "'", "\u007f", "\u0080", "\ufffd",
}

func aPath(r *rand.Rand) string {
	parts := make([]string, 1+r.IntN(3))
	for i := range parts {
		if parts[i] = pick(r, names); r.IntN(3) == 0 {
			parts[i] += pick(r, names)
		}
	}
	if r.IntN(20) == 0 {
		parts = append(parts, "\xff\xfe")
	}
	return strings.Join(parts, "/")
}

func someMetadata(r *rand.Rand) string {
	var ds []hasher.Digest
	for range 1 + r.IntN(3) {
		a := pick(r, []hasher.Algorithm{hasher.SHA256, hasher.SHA256, hasher.SHA384, hasher.SHA512, hasher.BLAKE3})
		ds = append(ds, hasher.Sum(hasher.SetOf(a), []byte(strconv.Itoa(r.IntN(50))))...)
	}
	text := hasher.Format(ds)
	if r.IntN(10) == 0 {
		text += pick(r, []string{"?opt", " ", "  sha256-", " md5-AAAA", "?", " sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="})
	}
	return text
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// respelled writes characters of strings as escapes, which mean the same.
func respelled(r *rand.Rand, text string) string {
	var b strings.Builder
	inside := false
	for i, c := range text {
		switch {
		case c == '"' && (i == 0 || text[i-1] != '\\'):
			inside = !inside
		case inside && c != '\\' && c < 0x10000 && (i == 0 || text[i-1] != '\\') && r.IntN(12) == 0:
			fmt.Fprintf(&b, pick(r, []string{`\u%04x`, `\u%04X`}), c)
			continue
		case !inside && (c == ',' || c == ':') && r.IntN(12) == 0:
			b.WriteString(pick(r, []string{" ", "\n", "\t", "\r\n"}))
		}
		b.WriteRune(c)
	}
	return b.String()
}

// signedAgain gives a map the tree digest that it has, so that it is not for the
// digest alone that it is refused.
func signedAgain(t testing.TB, text string) string {
	doc, err := ReadDocument("importmap.json", text)
	if err != nil {
		return text
	}
	raw, ok := doc.Member(memberName)
	if !ok {
		return text
	}
	root, err := readMember(raw, &Map{})
	if err != nil {
		return text
	}
	return strings.Replace(text, root, treeDigest(doc), 1)
}

// mutate changes a text somewhere.
func mutate(r *rand.Rand, text string) string {
	if text == "" {
		return pick(r, slips)
	}
	i := r.IntN(len(text))
	j := min(len(text), i+1+r.IntN(12))
	switch r.IntN(6) {
	case 0: // a bit
		b := []byte(text)
		b[i] ^= 1 << r.IntN(8)
		return string(b)
	case 1: // left out
		return text[:i] + text[j:]
	case 2: // twice
		return text[:j] + text[i:]
	case 3: // a line twice, elsewhere
		lines := strings.SplitAfter(text, "\n")
		line := pick(r, lines)
		at := r.IntN(len(lines))
		return strings.Join(lines[:at], "") + line + strings.Join(lines[at:], "")
	case 4: // another case
		return text[:i] + strings.ToUpper(text[i:j]) + text[j:]
	default:
		return text[:i] + pick(r, slips) + text[i:]
	}
}

// slips are what parsers of JSON, of URLs and of metadata stumble over.
var slips = []string{
	"\ufeff", "\x00", `\u0000`, `\ud800`, `\udc00`, `\ud83d\ude00`, `\/`, `\u002f`, `\"`, `"`, `\`, "//", "/**/", ",", ":", "{", "}", "[", "]", "{}", "null", "1e999", "-0", "01", "NaN",
	"./", "../", "/", "%2e", "%2E%2e/", "%2f", "%5c", "%00", "%", "%c3%a9", "%C3%A9", "?", "#", "\\", "\xff", "\xed\xa0\x80", "\xc0\x80", "\u00a0", "\u2028", "\v", "=", "-", "sha256-", "SHA256-", " ", "\n",
	`"__proto__":{},`, `"integrity":{},`, `"Integrity":{"./a.js":"sha256-AAAA"},`, `"./x.js":"",`, `"nodeint":{},`,
}

const empty256 = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

// oddMaps are maps made by hand, and those on which readers differed once.
var oddMaps = []string{
	`{"integrity":{"./a.js":"` + empty256 + `"}}`,
	`{"integrity":{"./a.js":"` + empty256 + `"},"integrity":{"./b.js":"` + empty256 + `"}}`,
	`{"integrity":{"./a.js":"` + empty256 + `","./a.js":"` + empty256 + `"}}`,
	`{"integrity":{"./a.js":"` + empty256 + `","./\u0061.js":"` + empty256 + `"}}`,
	`{"integrity":{"./a.js":"` + empty256 + `","./%61.js":"` + empty256 + `"}}`,
	`{"integrity":{"./a.js":"` + empty256 + `"},"Integrity":{}}`,
	`{"integrity":{"./__proto__":"` + empty256 + `"},"__proto__":{"integrity":{}}}`,
	`{"integrity":{"__proto__":"` + empty256 + `"}}`,
	`{"__proto__":{},"integrity":{"./constructor":"` + empty256 + `"}}`,
	"\ufeff" + `{"integrity":{"./a.js":"` + empty256 + `"}}`,
	`{"integrity":{"./a.js":"` + empty256 + `"}} {}`,
	`{"integrity":{"./a.js":"` + empty256 + `"},}`,
	`{"integrity":{"./\ud83d.js":"` + empty256 + `"}}`,
	`{"integrity":{"./%F0%9F%A6%8A.js":"` + empty256 + `"}}`,
	`{"integrity":{"./%FF.js":"` + empty256 + `"}}`,
	`{"integrity":{"./x/../a.js":"` + empty256 + `"}}`,
	`{"integrity":{"./x/%2e%2e/a.js":"` + empty256 + `"}}`,
	`{"integrity":{"./x%2fa.js":"` + empty256 + `"}}`,
	`{"integrity":{"./a.js?v=1":"` + empty256 + `","./b.js#c":"` + empty256 + `"}}`,
	`{"integrity":{"./a\tb.js":"` + empty256 + `"}}`,
	`{"integrity":{" ./a.js":"` + empty256 + `"}}`,
	`{"integrity":{"./a.js ":"` + empty256 + `"}}`,
	`{"integrity":{"./a.js":"` + empty256 + ` sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="}}`,
	`{"integrity":{"./a.js":" ` + empty256 + `\n` + empty256 + ` "}}`,
	`{"integrity":{"./a.js":"blake3-rxNJufX5oaagQE3qNtzJSZvLJcmtwRK3zJqTyuQfMmI="}}`,
	`{"integrity":{"./a.js":"sha256-47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU="}}`,
	`{"integrity":{"./a.js":""}}`,
	`{"integrity":{"./a.js":null}}`,
	`{"integrity":{"/a.js":"` + empty256 + `","https://x/y.js":"` + empty256 + `"}}`,
	`{"integrity":{"./É.js":"` + empty256 + `"}}`,
	`{"integrity":[]}`,
	`[]`,
	``,
}
