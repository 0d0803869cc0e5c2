package jsscan

// Mentions: paths that the source contains without loading them, and what it does with
// them instead.

// A pathUse is what happens to a path.
type pathUse uint8

const (
	useUnknown pathUse = iota // it may be loaded
	useNothing                // it is printed
	useWrite                  // a file is written or removed
	useRead                   // a file is read as data
)

// fileFunctions are functions of node:fs, of packages with the same functions, and of
// console, with the uses of their first arguments.
var fileFunctions = fileFunctionTable()

func fileFunctionTable() map[string][]pathUse {
	table := make(map[string][]pathUse)
	add := func(uses []pathUse, names ...string) {
		for _, name := range names {
			table[name] = uses
		}
	}
	add([]pathUse{useRead}, "readFile", "readFileSync", "createReadStream", "exists", "existsSync", "stat", "statSync",
		"lstat", "lstatSync", "access", "accessSync", "open", "openSync", "opendir", "opendirSync", "openAsBlob", "readdir", "readdirSync",
		"watchFile", "unwatchFile", "pathExists", "pathExistsSync",
		"readJson", "readJsonSync", "readJSON", "readJSONSync")
	add([]pathUse{useWrite}, "writeFile", "writeFileSync", "appendFile", "appendFileSync", "createWriteStream",
		"mkdir", "mkdirSync", "rm", "rmSync", "rmdir", "rmdirSync", "unlink", "unlinkSync", "truncate", "truncateSync",
		"chmod", "chmodSync", "chown", "chownSync", "utimes", "utimesSync",
		"ensureDir", "ensureDirSync", "ensureFile", "ensureFileSync", "emptyDir", "emptyDirSync", "outputFile", "outputFileSync",
		"outputJson", "outputJsonSync", "outputJSON", "outputJSONSync", "writeJson", "writeJsonSync", "writeJSON", "writeJSONSync")
	add([]pathUse{useRead, useWrite}, "copyFile", "copyFileSync", "cp", "cpSync")
	add([]pathUse{useWrite, useWrite}, "rename", "renameSync")
	nothing := []pathUse{useNothing, useNothing, useNothing, useNothing}
	add(nothing, "log", "error", "warn", "info", "debug")
	return table
}

// useOf returns what happens to the path in tokens [start,next).
func (s *scanner) useOf(start, next int) pathUse {
	if s.at(start-1).kind == tAssign && s.at(start-2).kind == tIdent && !s.afterDot(start-2) {
		if k := s.at(next).kind; k == tSemicolon || k == tComma || k == tEOF || s.toks[next].flags&fNewline != 0 {
			return s.useOfVariable(start - 2)
		}
		return useUnknown
	}
	return s.useOfArgument(start, next)
}

// useOfVariable returns what happens to the variable at token i: the use that tells
// most about it, if all are known.
func (s *scanner) useOfVariable(i int) pathUse {
	b := s.bindingAt(i)
	if b == nil || b.exported || b.from == 0 && len(b.declared) == 0 || len(b.uses) == 0 {
		return useUnknown
	}
	most := useNothing
	for _, use := range b.uses {
		if !s.spend() {
			return useUnknown
		}
		u := s.useOfArgument(int(use), int(use)+1)
		if u == useUnknown {
			return useUnknown
		}
		most = max(most, u)
	}
	return most
}

// useOfArgument returns what a call does with its argument in tokens [start,next).
func (s *scanner) useOfArgument(start, next int) pathUse {
	if k := s.at(next).kind; k != tComma && k != tRParen {
		return useUnknown
	}
	paren := start - 1
	switch prev := s.at(start - 1); {
	case prev.kind == tLParen:
	case prev.kind == tComma && s.openers[prev.outer].kind == opParen:
		paren = int(s.openers[prev.outer].open)
	default:
		return useUnknown
	}
	if s.at(paren-1).kind != tIdent {
		return useUnknown
	}
	uses := fileFunctions[s.text(paren-1)]
	for n, a := range s.arguments(paren) {
		if n < len(uses) && a.start == start && a.end == next {
			return uses[n]
		}
	}
	return useUnknown
}

// reportMention reports the files that an expression names without loading them.
func (s *scanner) reportMention(v value, start, next int) {
	r := Specifier{Probe: true, Optional: true}
	switch s.useOf(start, next) {
	case useNothing, useWrite:
		return
	case useRead:
		r.Data = true
	}
	s.addPatterns(v, nil, r, start, next)
	for _, c := range v.constants {
		p, ok := relativePath(asPath(c))
		if !ok || c.base != baseDir || isOnlyDots(p) {
			continue
		}
		r.Kind, r.Text = File, p
		s.add(r, start, next)
	}
}

// isOnlyDots reports whether p is ".", "..", "../.." and so on.
func isOnlyDots(p string) bool {
	for i := range len(p) {
		if p[i] != '.' && p[i] != '/' {
			return false
		}
	}
	return true
}
