package powers

import (
	"bytes"
	"maps"
	"slices"
	"sync"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// The prefilter: most sources have no word that matters, and one pass at several bytes per
// nanosecond finds that out. It looks at three bytes at every second place. So it sees each
// word of at least four bytes, by its first three bytes or by those after the first.

// A needle is a text without which a source has no use of a power.
type needle struct {
	text   []byte
	power  nodejs.Power
	whole  bool // no part of an identifier
	global bool // the name of a global, where its neighbours matter
}

func newNeedles() []needle {
	var list []needle
	add := func(text string, power nodejs.Power, whole bool) {
		list = append(list, needle{text: []byte(text), power: power, whole: whole})
	}
	quoted := func(name string, power nodejs.Power) {
		for _, quote := range []string{`'`, `"`, "`"} {
			if nodejs.IsAlwaysBuiltin(name) || power == nodejs.FSWrite {
				add(quote+name+quote, power, false)
			}
			add(":"+name+quote, power, false)
		}
	}
	modules := nodejs.ModulePowers()
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		quoted(name, modules[name])
	}
	for _, name := range filesystems {
		quoted(name, nodejs.FSWrite)
	}
	for _, name := range slices.Sorted(maps.Keys(members())) {
		add(name, members()[name], true)
	}
	for _, name := range slices.Sorted(maps.Keys(globals)) {
		if name == "env" || name == "binding" { // too common alone
			add("process."+name, globals[name].power, true)
			continue
		}
		add(name, globals[name].power, true)
		list[len(list)-1].global = true
	}
	return list
}

const tableBits = 14

// hashAt returns a number below 1<<tableBits for the three bytes at i.
func hashAt(src []byte, i int) uint32 {
	b := src[i : i+3 : i+3]
	return (uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16) * 0x9E3779B1 >> (32 - tableBits)
}

// A candidate is a needle and the place in it of the three bytes that were seen.
type candidate struct{ needle, offset int }

// A prefilter finds needles.
type prefilter struct {
	needles  []needle
	groups   map[uint32][]candidate // by hash
	mayBegin [1 << tableBits]bool   // whether a hash has candidates
}

var needles = sync.OnceValue(func() *prefilter {
	p := &prefilter{needles: newNeedles(), groups: make(map[uint32][]candidate)}
	for n := range p.needles {
		for offset := range 2 {
			h := hashAt(p.needles[n].text, offset)
			p.groups[h], p.mayBegin[h] = append(p.groups[h], candidate{n, offset}), true
		}
	}
	return p
})

// mayUse reports whether src may use a power that is not known.
func mayUse(src []byte, known map[nodejs.Power]bool) bool {
	p := needles()
	for i := 0; i+3 <= len(src); i += 2 {
		if p.mayBegin[hashAt(src, i)] && p.matches(src, i, known) {
			return true
		}
	}
	return false
}

func (p *prefilter) matches(src []byte, i int, known map[nodejs.Power]bool) bool {
	for _, c := range p.groups[hashAt(src, i)] {
		n := &p.needles[c.needle]
		at := i - c.offset
		if at < 0 || !bytes.HasPrefix(src[at:], n.text) || known[n.power] {
			continue
		}
		end := at + len(n.text)
		if !n.whole || isWhole(src, at, end) && (!n.global || mayBeGlobal(src, at, end)) {
			return true
		}
	}
	return false
}

func isWhole(src []byte, at, end int) bool {
	return (at == 0 || !isIdent(src[at-1])) && (end == len(src) || !isIdent(src[end]))
}

// mayBeGlobal rejects most of the properties with the name of a global, and most words of
// comments.
func mayBeGlobal(src []byte, at, end int) bool {
	if before := bytes.TrimRight(src[:at], " \t\r\n"); bytes.HasSuffix(before, []byte(".")) {
		object := bytes.TrimRight(before[:len(before)-1], "? \t\r\n")
		if !slices.ContainsFunc(globalObjects, func(name string) bool { return bytes.HasSuffix(object, []byte(name)) }) {
			return false
		}
	}
	if src[at] != 'F' { // not Function
		return true
	}
	after := bytes.TrimLeft(src[end:min(len(src), end+64)], " \t\r\n")
	return len(after) == 0 || bytes.IndexByte([]byte("(.?/"), after[0]) >= 0
}

// isIdent reports whether c may be a part of an identifier.
func isIdent(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$'
}
