package jsscan

import "bytes"

// needsScan reports whether src may hold anything that scan would report. It
// is right about every file that has something, but for one that writes these
// words with escapes in them, wrong about some that have nothing, and reads most files at several bytes a nanosecond: most modules of
// most programs need no scan.
//
// Its one pass moves by how far the nearest of a few words can be, judging by
// three bytes of the text (Wu and Manber, "A fast algorithm for multi-pattern
// searching", 1994).
//
// Each step waits for the one before, so four parts of a long text are read in
// turns.
func passesPrefilter(src []byte) bool {
	part := (len(src) - windowSize) / 4
	if part < 256 {
		return passesPrefilterPart(src, windowSize, len(src)+1)
	}
	a, b, c, d := windowSize, windowSize+part, windowSize+2*part, windowSize+3*part
	endA, endB, endC := b, c, d
	for a < endA && b < endB && c < endC && d <= len(src) {
		stepA, stepB, stepC, stepD := shiftAt(src, a), shiftAt(src, b), shiftAt(src, c), shiftAt(src, d)
		if max(stepA, stepB, stepC, stepD) >= firstGroup {
			if matchesAt(src, a, stepA) || matchesAt(src, b, stepB) || matchesAt(src, c, stepC) || matchesAt(src, d, stepD) {
				return true
			}
			stepA, stepB, stepC, stepD = shiftAfter(stepA), shiftAfter(stepB), shiftAfter(stepC), shiftAfter(stepD)
		}
		a, b, c, d = a+int(stepA), b+int(stepB), c+int(stepC), d+int(stepD)
	}
	return passesPrefilterPart(src, a, endA) || passesPrefilterPart(src, b, endB) ||
		passesPrefilterPart(src, c, endC) || passesPrefilterPart(src, d, len(src)+1)
}

// needsScanPart looks at the windows that end from i on, before end.
func passesPrefilterPart(src []byte, i, end int) bool {
	for i < end {
		step := shiftAt(src, i)
		if matchesAt(src, i, step) {
			return true
		}
		i += int(shiftAfter(step))
	}
	return false
}

func shiftAt(src []byte, i int) uint8 {
	b := src[i-3 : i]
	return shiftTable[blockHash(b[0], b[1], b[2])]
}

// afterTrigger is how far to go on, where step may have been no step.
func shiftAfter(step uint8) uint8 {
	if step >= firstGroup {
		return 1
	}
	return step
}

// triggered reports whether there is a trigger in the window that ends at i.
func matchesAt(src []byte, i int, step uint8) bool {
	if step < firstGroup {
		return false
	}
	for _, n := range wordGroups[step-firstGroup] {
		w := &searchWords[n]
		if at := i - windowSize - w.offset; at >= 0 && bytes.HasPrefix(src[at:], w.word) && w.check(src, at, at+len(w.word)) {
			return true
		}
	}
	return false
}

// blockHash is one of 32,768 for three bytes; letters differ in five bits.
func blockHash(a, b, c byte) int { return int(a&31)<<10 | int(b&31)<<5 | int(c&31) }

// window is how many bytes of each word are searched for.
const windowSize = 6

// A trigger is a word that may begin something of interest. check looks at its
// surroundings: it stands at src[start:end].
type searchWord struct {
	word   []byte
	offset int // where in word the window is
	check  func(src []byte, start, end int) bool
}

var searchWords = []searchWord{
	{[]byte("require"), 0, checkRequire},
	{[]byte("createRequire"), 5, always}, // eRequi: many words begin with create
	{[]byte("import"), 0, checkImport},
	{[]byte("__dirname"), 3, always},
	{[]byte("__filename"), 4, always},
	{[]byte("Worker"), 0, checkWord},
	{[]byte("child_process"), 0, checkFork},
	{[]byte("setupPrimary"), 5, always},
	{[]byte("setupMaster"), 5, always},
	{[]byte("dlopen"), 0, checkWord},
	{[]byte("getBuiltinModule"), 3, always},
	{[]byte(`'module`), 0, checkQuoted},
	{[]byte(`"module`), 0, checkQuoted},
	{[]byte("node:module"), 5, checkQuoted},
	{[]byte(".constructor._load"), 12, always},
}

// triggerSteps says by the last three bytes of a window how far to move it,
// or, from atTrigger on, which triggers it may hold: those of a group.
var shiftTable, wordGroups = func() (*[1 << 15]uint8, [][]int) {
	var t [1 << 15]uint8
	for i := range t {
		t[i] = windowSize - 2
	}
	var groups [][]int
	for n, w := range searchWords {
		part := w.word[w.offset : w.offset+windowSize]
		for i := 0; i+3 < windowSize; i++ {
			h := blockHash(part[i], part[i+1], part[i+2])
			if t[h] < firstGroup {
				t[h] = min(t[h], uint8(windowSize-3-i))
			}
		}
		h := blockHash(part[windowSize-3], part[windowSize-2], part[windowSize-1])
		if t[h] < firstGroup {
			t[h] = uint8(firstGroup + len(groups))
			groups = append(groups, nil)
		}
		g := t[h] - firstGroup
		groups[g] = append(groups[g], n)
	}
	return &t, groups
}()

const firstGroup = 16

func always([]byte, int, int) bool { return true }

func isNameByte(c byte) bool { return charClass[c] == cIdent || charClass[c] == cDigit }

// checkWord: it is a name of its own.
func checkWord(src []byte, start, end int) bool {
	return (start == 0 || !isNameByte(src[start-1])) && (end == len(src) || !isNameByte(src[end]))
}

func checkFork(src []byte, _, _ int) bool { return bytes.Contains(src, []byte("fork")) }

// checkQuoted: the word ends a string.
func checkQuoted(src []byte, _, end int) bool {
	return end < len(src) && (src[end] == '"' || src[end] == '\'' || src[end] == '`')
}

// checkRequire: the word is neither a call of require or require.resolve with
// one literal, which esbuild sees, nor a part of another word.
func checkRequire(src []byte, start, end int) bool {
	if start > 0 && isNameByte(src[start-1]) || end < len(src) && isNameByte(src[end]) {
		return false
	}
	if start > 0 && src[start-1] == '.' {
		return true
	}
	return !bytes.HasPrefix(src[end:], []byte(".cache")) && !literalCall(bytes.TrimPrefix(src[end:], []byte(".resolve")))
}

// checkImport: the word is followed by .meta, or is a call without a literal.
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

// literalCall reports whether b begins with a call of one string.
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
