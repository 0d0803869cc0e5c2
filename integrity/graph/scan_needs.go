package graph

import "bytes"

// needsScan reports whether src may hold anything that scan would report. It
// is right about every file that has something, wrong about some that have
// nothing, and reads most files at several bytes a nanosecond: most modules of
// most programs need no scan.
//
// Its one pass moves by how far the nearest of a few words can be, judging by
// two bytes of the text (Wu and Manber, "A fast algorithm for multi-pattern
// searching", 1994).
func needsScan(src []byte) bool {
	i := window
	for i <= len(src) {
		step := triggerSteps[uint16(src[i-2])<<8|uint16(src[i-1])]
		if step != 0 {
			i += int(step)
			continue
		}
		for _, w := range triggers {
			if at := i - window - w.skip; at >= 0 && bytes.HasPrefix(src[at:], w.word) && w.check(src, at, at+len(w.word)) {
				return true
			}
		}
		i++
	}
	return false
}

// window is how many bytes of each word are searched for.
const window = 6

// A trigger is a word that may begin something of interest. check looks at its
// surroundings: it stands at src[start:end].
type trigger struct {
	word  []byte
	skip  int // where in word the window is
	check func(src []byte, start, end int) bool
}

var triggers = []trigger{
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

var triggerSteps = func() *[1 << 16]uint8 {
	var t [1 << 16]uint8
	for i := range t {
		t[i] = window - 1
	}
	for _, w := range triggers {
		part := w.word[w.skip : w.skip+window]
		for i := 0; i+2 <= window; i++ {
			pair := uint16(part[i])<<8 | uint16(part[i+1])
			t[pair] = min(t[pair], uint8(window-2-i))
		}
	}
	return &t
}()

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
