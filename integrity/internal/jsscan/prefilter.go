package jsscan

import (
	"bytes"
	"slices"
	"sync"
)

// The prefilter: most modules of most programs contain nothing for the scanner, and a
// search for a few words finds that out at several bytes per nanosecond.

// passesPrefilter reports whether src may contain anything that scan would report. It
// may return true for a source that contains nothing. It returns false for a source
// that contains something only if that is written with escapes in the words searched
// for.
//
// The pass over searchWords moves by how far away the nearest of a few words can be, judging by
// three bytes of the text (Wu and Manber, "A fast algorithm for multi-pattern
// searching", 1994). Each step waits for the one before, so four parts of a long text
// are read in turns.
func passesPrefilter(src []byte) bool { return hasSearchWord(src) || hasEval(src) }

// hasSearchWord reports whether src has one of searchWords.
func hasSearchWord(src []byte) bool {
	part := (len(src) - windowSize) / 4
	t := windows()
	if part < 256 {
		return t.mayLoad(src, windowSize, len(src)+1)
	}
	a, b, c, d := windowSize, windowSize+part, windowSize+2*part, windowSize+3*part
	endA, endB, endC := b, c, d
	for a < endA && b < endB && c < endC && d <= len(src) {
		stepA, stepB, stepC, stepD := t.shift(src, a), t.shift(src, b), t.shift(src, c), t.shift(src, d)
		if max(stepA, stepB, stepC, stepD) >= firstGroup {
			if t.matches(src, a, stepA) || t.matches(src, b, stepB) || t.matches(src, c, stepC) || t.matches(src, d, stepD) {
				return true
			}
			stepA, stepB, stepC, stepD = shiftAfter(stepA), shiftAfter(stepB), shiftAfter(stepC), shiftAfter(stepD)
		}
		a, b, c, d = a+int(stepA), b+int(stepB), c+int(stepC), d+int(stepD)
	}
	return t.mayLoad(src, a, endA) || t.mayLoad(src, b, endB) || t.mayLoad(src, c, endC) || t.mayLoad(src, d, len(src)+1)
}

// mayLoad examines the windows that end at i or later and before end.
func (t *windowTable) mayLoad(src []byte, i, end int) bool {
	for i < end {
		step := t.shift(src, i)
		if t.matches(src, i, step) {
			return true
		}
		i += int(shiftAfter(step))
	}
	return false
}

// shift returns how far the window that ends at i can move.
func (t *windowTable) shift(src []byte, i int) uint8 {
	b := src[i-3 : i]
	return t.shifts[blockHash(b[0], b[1], b[2])]
}

// shiftAfter returns how far to move after a window was compared with its words.
func shiftAfter(step uint8) uint8 {
	if step >= firstGroup {
		return 1
	}
	return step
}

// matches reports whether the window that ends at i contains a search word.
func (t *windowTable) matches(src []byte, i int, step uint8) bool {
	if step < firstGroup {
		return false
	}
	for _, n := range t.groups[step-firstGroup] {
		w := &searchWords[n]
		if at := i - windowSize - w.offset; at >= 0 && bytes.HasPrefix(src[at:], w.word) && w.check(src, at, at+len(w.word)) {
			return true
		}
	}
	return false
}

// blockHash returns one of 32,768 values for three bytes; letters differ in five bits.
func blockHash(a, b, c byte) int { return int(a&31)<<10 | int(b&31)<<5 | int(c&31) }

// windowSize is how many bytes of each search word are searched for.
const windowSize = 6

// A searchWord is a word with which a load of a module may begin. check examines its
// context: the word is src[start:end].
type searchWord struct {
	word   []byte
	offset int // of the window in word
	check  func(src []byte, start, end int) bool
}

// searchWords are the words that the prefilter searches for.
var searchWords = []searchWord{
	{[]byte("require"), 0, checkRequire},
	{[]byte("createRequire"), 5, always}, // window eRequi: too many words begin with create
	{[]byte("__non_webpack_require__"), 1, always},
	{[]byte("import"), 0, checkImport},
	{[]byte("__dirname"), 3, always},
	{[]byte("__filename"), 4, always},
	{[]byte("Worker"), 0, checkWord},
	{[]byte("child_process"), 0, always},
	{[]byte("execPath"), 0, always},
	{[]byte("arguments"), 0, checkArguments},
	{[]byte("module.constructor"), 7, always},
	{[]byte("setupPrimary"), 5, always},
	{[]byte("setupMaster"), 5, always},
	{[]byte("dlopen"), 0, checkWord},
	{[]byte("getBuiltinModule"), 3, always},
	{[]byte(`'module`), 0, checkQuoted},
	{[]byte(`"module`), 0, checkQuoted},
	{[]byte("node:module"), 5, checkQuoted},
	{[]byte(".constructor._load"), 12, always},
	{[]byte("module["), 0, always},
	{[]byte("module.__proto__"), 7, always},
	{[]byte("_compile"), 0, always},
	{[]byte("importModuleDynamically"), 8, always},
	{[]byte("Function"), 0, checkFunction},
}

// A windowTable finds the search words.
type windowTable struct {
	// shifts gives for the last three bytes of a window how far to move it. Values from
	// firstGroup on are indexes of groups: the words that the window may contain.
	shifts [1 << 15]uint8
	groups [][]int
}

var windows = sync.OnceValue(func() *windowTable {
	t := new(windowTable)
	for i := range t.shifts {
		t.shifts[i] = windowSize - 2
	}
	for n, w := range searchWords {
		part := w.word[w.offset : w.offset+windowSize]
		for i := 0; i+3 < windowSize; i++ {
			h := blockHash(part[i], part[i+1], part[i+2])
			if t.shifts[h] < firstGroup {
				t.shifts[h] = min(t.shifts[h], uint8(windowSize-3-i))
			}
		}
		h := blockHash(part[windowSize-3], part[windowSize-2], part[windowSize-1])
		if t.shifts[h] < firstGroup {
			t.shifts[h] = uint8(firstGroup + len(t.groups))
			t.groups = append(t.groups, nil)
		}
		g := t.shifts[h] - firstGroup
		t.groups[g] = append(t.groups[g], n)
	}
	return t
})

// firstGroup is the first value of shifts that is not a distance.
const firstGroup = 16

// always accepts every occurrence of a word.
func always([]byte, int, int) bool { return true }

func isNameByte(c byte) bool { return charClass[c] == cIdent || charClass[c] == cDigit }

// checkWord reports whether the word is an identifier of its own.
func checkWord(src []byte, start, end int) bool {
	return (start == 0 || !isNameByte(src[start-1])) && (end == len(src) || !isNameByte(src[end]))
}

// checkArguments accepts the list of arguments if it may be that of the module, and is used in
// a way in which its elements are found. It rejects arguments.length, arguments[0], what a
// sentence says of arguments, and the frequent f.apply(this, arguments) unless f is a function
// where it stands.
func checkArguments(src []byte, start, end int) bool {
	if !checkWord(src, start, end) {
		return false
	}
	const far = 40
	after := bytes.TrimLeft(src[end:min(len(src), end+far)], " \t\r\n")
	if len(after) > 1 && after[0] == '[' {
		c := bytes.TrimLeft(after[1:], " \t'\"`")
		return len(c) == 0 || c[0] < '0' || c[0] > '9' || c[0] == '1' || c[0] == '2'
	}
	if bytes.HasPrefix(after, []byte(".")) {
		return false
	}
	line := bytes.TrimRight(src[max(0, start-far):start], " \t")
	before := bytes.TrimRight(line, "\r\n \t")
	if len(before) == 0 || len(before) < len(line) && before[len(before)-1] != ',' {
		return true // at the beginning, or of a line
	}
	switch last := before[len(before)-1]; {
	case last == ',':
		callee, args, isApply := bytes.Cut(before, []byte(".apply("))
		return !isApply || bytes.Count(args, []byte(",")) > 1 || bytes.HasSuffix(callee, []byte(")")) || bytes.HasSuffix(callee, []byte("}"))
	case last == '"', last == '\'', last == ']', last >= 0x80:
		return false
	case isNameByte(last):
		word := before[bytes.LastIndexFunc(before, func(r rune) bool { return r >= 0x80 || !isNameByte(byte(r)) })+1:]
		return slices.Contains(beforeValues, string(word))
	}
	return true
}

// beforeValues are the words after which arguments may be a value.
var beforeValues = []string{"return", "yield", "await", "of", "in", "case", "throw", "default", "else", "do", "void"}

// checkFunction accepts the call of the constructor Function if a string may have an import.
func checkFunction(src []byte, start, end int) bool {
	return checkWord(src, start, end) && end < len(src) && src[end] == '(' && bytes.Contains(src[end:], []byte("import"))
}

// checkQuoted reports whether the word ends a string.
func checkQuoted(src []byte, _, end int) bool {
	return end < len(src) && (src[end] == '"' || src[end] == '\'' || src[end] == '`')
}

// checkRequire rejects a part of another word, and a call of require or
// require.resolve with one literal, which esbuild reports.
func checkRequire(src []byte, start, end int) bool {
	if start > 0 && isNameByte(src[start-1]) || end < len(src) && isNameByte(src[end]) {
		return false
	}
	if start > 0 && src[start-1] == '.' {
		return true
	}
	return !bytes.HasPrefix(src[end:], []byte(".cache")) && !literalCall(bytes.TrimPrefix(src[end:], []byte(".resolve")))
}

// checkImport accepts import followed by .meta, and import() without a literal.
func checkImport(src []byte, start, end int) bool {
	if start > 0 && isNameByte(src[start-1]) {
		return false
	}
	for end < len(src) && charClass[src[end]] >= cSpace && charClass[src[end]] <= cNewline {
		end++
	}
	if end == len(src) || src[end] != '(' && src[end] != '.' && src[end] != '/' {
		return false
	}
	return !literalCall(src[end:])
}

// literalCall reports whether b begins with a call that has one string literal.
func literalCall(b []byte) bool {
	const far = 300
	b = bytes.TrimLeft(b[:min(len(b), far)], " \t\r\n")
	if len(b) == 0 || b[0] != '(' {
		return false
	}
	b = bytes.TrimLeft(b[1:], " \t\r\n")
	if len(b) == 0 || b[0] != '"' && b[0] != '\'' {
		return false
	}
	end := bytes.IndexByte(b[1:], b[0])
	if end < 0 {
		return false
	}
	b = bytes.TrimLeft(b[end+2:], " \t\r\n")
	return len(b) > 0 && b[0] == ')'
}
