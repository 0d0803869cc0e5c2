package jsscan

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Names that the lexer and the scanner know by number. The keywords come
// first: keywordClass is indexed by them.
const (
	idReturn uint32 = iota
	idTypeof
	idInstanceof
	idIn
	idNew
	idDelete
	idVoid
	idThrow
	idCase
	idAwait
	idYield
	idExtends
	idDefault
	idElse
	idDo
	idTry
	idFinally
	idVar
	idLet
	idConst
	idFunction
	idClass
	idIf
	idFor
	idWhile
	idWith
	idSwitch
	idCatch
	idThis
	idSuper
	idNull
	idTrue
	idFalse
	idImport
	idExport

	idOf
	idAsync
	idAs
	idSatisfies
	idStatic
	idFrom
	idType
	idRequire
	idModule
	idProcess
	idCreateRequire
	idWorker
	idFork
	idDlopen
	idGetBuiltinModule
	idSetupPrimary
	idSetupMaster
	idLoad
	idDirnameVar
	idFilenameVar
	idEval
	idGlobal
	idGlobalThis
	idNonWebpackRequire
	idURL
	idJoin
	idResolve
	idNormalize
	idDirname
	idFileURLToPath
	idPathToFileURL
	idMeta
	idString
	idDecodeURI
	idDecodeURIComponent
	idPath
	idPublic
	idPrivate
	idProtected
	idReadonly
	idOverride
	idCreateRequireFromPath
	idPaths
	idRegister
	numPresetNames
)

var presetNames = [numPresetNames]string{
	"return", "typeof", "instanceof", "in", "new", "delete", "void", "throw", "case", "await",
	"yield", "extends", "default", "else", "do", "try", "finally", "var", "let", "const",
	"function", "class", "if", "for", "while", "with", "switch", "catch", "this", "super",
	"null", "true", "false", "import", "export",
	"of", "async", "as", "satisfies", "static", "from", "type", "require", "module", "process",
	"createRequire", "Worker", "fork", "dlopen", "getBuiltinModule", "setupPrimary", "setupMaster",
	"_load", "__dirname", "__filename", "eval", "global", "globalThis", "__non_webpack_require__",
	"URL", "join", "resolve", "normalize", "dirname", "fileURLToPath", "pathToFileURL", "meta",

	"String", "decodeURI",
	"decodeURIComponent", "path", "public", "private", "protected", "readonly", "override",
	"createRequireFromPath", "paths", "register",
}

type kwClass uint8

const (
	kwNone   kwClass = iota
	kwPrefix         // an operand follows
	kwBlock          // a statement follows
	kwDecl
	kwFunction
	kwClassWord
	kwControl // a parenthesised head follows
	kwValue   // an operand itself
	kwModule
)

var keywordClass = [...]kwClass{
	idReturn: kwPrefix, idTypeof: kwPrefix, idInstanceof: kwPrefix, idIn: kwPrefix, idNew: kwPrefix,
	idDelete: kwPrefix, idVoid: kwPrefix, idThrow: kwPrefix, idCase: kwPrefix, idAwait: kwPrefix,
	idYield: kwPrefix, idExtends: kwPrefix, idDefault: kwPrefix,
	idElse: kwBlock, idDo: kwBlock, idTry: kwBlock, idFinally: kwBlock,
	idVar: kwDecl, idLet: kwDecl, idConst: kwDecl,
	idFunction: kwFunction, idClass: kwClassWord,
	idIf: kwControl, idFor: kwControl, idWhile: kwControl, idWith: kwControl, idSwitch: kwControl,
	idCatch: kwControl,
	idThis:  kwValue, idSuper: kwValue, idNull: kwValue, idTrue: kwValue, idFalse: kwValue,
	idImport: kwModule, idExport: kwModule,
}

// names gives every identifier of a file a number.
type names struct {
	table []uint32 // number+1, by hash, open addressing
	texts [][]byte
	hash  []uint32
}

const presetTableSize = 512

var preset = func() *names {
	n := &names{table: make([]uint32, presetTableSize)}
	for _, s := range presetNames {
		n.intern([]byte(s), hashName([]byte(s)))
	}
	return n
}()

// reset forgets all but the preset names.
func (n *names) reset() {
	if cap(n.table) < presetTableSize {
		n.table = make([]uint32, presetTableSize)
	}
	n.table = n.table[:presetTableSize]
	copy(n.table, preset.table)
	n.texts = append(n.texts[:0], preset.texts...)
	n.hash = append(n.hash[:0], preset.hash...)
}

// hashName is FNV-1a, which the lexer computes as it reads.
func hashName(b []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range b {
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}

func (n *names) intern(text []byte, hash uint32) uint32 {
	mask := uint32(len(n.table) - 1)
	// FNV's low bits are weak for short names.
	for i := (hash ^ hash>>15) & mask; ; i = (i + 1) & mask {
		id := n.table[i]
		if id == 0 {
			n.table[i] = uint32(len(n.texts) + 1)
			break
		}
		if id--; n.hash[id] == hash && string(n.texts[id]) == string(text) {
			return id
		}
	}
	n.texts = append(n.texts, text)
	n.hash = append(n.hash, hash)
	if len(n.texts)*2 > len(n.table) {
		n.grow()
	}
	return uint32(len(n.texts) - 1)
}

func (n *names) grow() {
	size := len(n.table) * 4
	n.table = make([]uint32, size)
	mask := uint32(size - 1)
	for id, hash := range n.hash {
		i := (hash ^ hash>>15) & mask
		for n.table[i] != 0 {
			i = (i + 1) & mask
		}
		n.table[i] = uint32(id + 1)
	}
}

// decodeEscapes is the value of the inside of a string or template literal, or
// of a name (ECMA-262 §12.9.4.2). Lone surrogates become U+FFFD.
func decodeEscapes(b []byte) string {
	var out strings.Builder
	out.Grow(len(b))
	for i := 0; i < len(b); {
		switch c := b[i]; {
		case c == '\r': // in a template
			out.WriteByte('\n')
			if i++; i < len(b) && b[i] == '\n' {
				i++
			}
		case c != '\\' || i+1 == len(b):
			out.WriteByte(c)
			i++
		default:
			i += decodeEscape(&out, b[i:])
		}
	}
	return out.String()
}

// decodeEscape writes the value of the escape sequence that b begins with, and
// returns its length.
func decodeEscape(out *strings.Builder, b []byte) int {
	switch c := b[1]; c {
	case 'n':
		out.WriteByte('\n')
	case 't':
		out.WriteByte('\t')
	case 'r':
		out.WriteByte('\r')
	case 'b':
		out.WriteByte('\b')
	case 'f':
		out.WriteByte('\f')
	case 'v':
		out.WriteByte('\v')
	case '\n':
	case '\r':
		if len(b) > 2 && b[2] == '\n' {
			return 3
		}
	case '0', '1', '2', '3', '4', '5', '6', '7':
		return decodeOctal(out, b)
	case 'x':
		if r, ok := hex(b, 2, 4); ok {
			out.WriteRune(r)
			return 4
		}
		out.WriteByte(c)
	case 'u':
		return decodeUnicode(out, b)
	case 0xE2:
		if n, newline := spaceAt(b[1:]); newline {
			return 1 + n
		}
		out.WriteByte(c)
	default:
		out.WriteByte(c)
	}
	return 2
}

func decodeOctal(out *strings.Builder, b []byte) int {
	v, n := rune(0), 1
	for n < len(b) && n < 4 && b[n] >= '0' && b[n] <= '7' && v*8+rune(b[n]-'0') <= 255 {
		v = v*8 + rune(b[n]-'0')
		n++
	}
	out.WriteRune(v)
	return n
}

func decodeUnicode(out *strings.Builder, b []byte) int {
	r, n, ok := unicodeEscape(b)
	if !ok {
		out.WriteByte('u')
		return 2
	}
	if utf16.IsSurrogate(r) && n < len(b) && b[n] == '\\' {
		if r2, n2, ok := unicodeEscape(b[n:]); ok {
			if pair := utf16.DecodeRune(r, r2); pair != utf8.RuneError {
				out.WriteRune(pair)
				return n + n2
			}
		}
	}
	out.WriteRune(r)
	return n
}

// unicodeEscape reads \uXXXX or \u{…}.
func unicodeEscape(b []byte) (r rune, n int, ok bool) {
	if len(b) < 3 || b[1] != 'u' {
		return 0, 0, false
	}
	if b[2] != '{' {
		r, ok = hex(b, 2, 6)
		return r, 6, ok
	}
	end := strings.IndexByte(string(b[3:min(len(b), 16)]), '}')
	if end < 0 {
		return 0, 0, false
	}
	r, ok = hex(b, 3, 3+end)
	return r, 3 + end + 1, ok && r <= utf8.MaxRune
}

func hex(b []byte, from, to int) (rune, bool) {
	if to > len(b) {
		return 0, false
	}
	v, err := strconv.ParseUint(string(b[from:to]), 16, 31)
	return rune(v), err == nil
}
