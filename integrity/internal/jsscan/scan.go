package jsscan

import (
	"bytes"
	"cmp"
	"slices"
	"sync"
	"unicode/utf8"
)

// scanResult is what a module's text names that esbuild's parser does not
// report. All three lists are sorted by place.
type Result struct {
	// refs are the modules and files that can be named.
	Specifiers []Specifier
	// gaps are the places where the program asks for a module that cannot be
	// named, and of which esbuild says nothing.
	Gaps []Gap
	// explained are the places that esbuild gives with unsupported-require-call,
	// unsupported-dynamic-import, indirect-require and empty-glob (the words
	// require and import, import's options, a pattern) where refs and gaps say all
	// there is to say: what esbuild reports there is no gap.
	Handled []Place
}

// A place is a stretch of source text.
type Place struct {
	Start, End int // byte offsets, end excluded
	Line       int // of start, from 1
	Column     int // of start: bytes from the beginning of the line, from 0
}

type Kind uint8

const (
	// refRequire: text is a specifier, resolved as require(text) from the
	// folder from.
	Require Kind = iota
	// refImport: text is a specifier, resolved as import(text) by this module.
	Import
	// refPath: text is a slash-separated path relative to the module's folder,
	// clean, without ./ in front; "." is the folder itself.
	File
	// refCwd: text is a path relative to the working folder of the process, as
	// the program wrote it; it may be absolute. new Worker("./x") and
	// fork("./x") are read that way. The project's folder is the best guess.
	WorkingDirFile
	// refGlob: text is as for refPath, with a star (NUL) or more in it, each of
	// which stands for any part of a name: the files that are there are meant.
	Pattern
)

// A ref is a module or a file that a module's text names.
type Specifier struct {
	Place
	Kind Kind
	Text string
	// from is, for refRequire, the folder to resolve from: a path relative to
	// the module's folder, "" for that folder itself, or an absolute path.
	From string
	// main, for refRequire: from the folder of the program's entry instead.
	FromEntry bool
	// probe: extensions and index files are tried as require does, if the exact
	// file does not exist. Not for refRequire and refImport.
	Probe bool
	// weak: the text only mentions it, or may mean something else. A file is
	// worth pinning if it is there and can be loaded; if it is not there, that
	// is no gap.
	Optional bool
}

// A gapAt is a place where a module is asked for that cannot be named.
type Gap struct {
	Place
	Call string // what asks: require, createRequire, Worker, fork, cluster, dlopen, import, register
	Text string // the source of it, on one line, cut at 60 bytes
}

const maxGapText = 60

// A scanner scans one file at a time.
type scanner struct {
	lexer
	occStart []uint32 // by name: where its occurrences begin in occ
	occ      []uint32 // identifier tokens, by name, ascending

	fuel                 int // what is left of the steps allowed
	byName               map[uint32]*nameBindings
	imports              map[int]definition // local names of import declarations, by token
	chains               map[int]chainResult
	seenCalls            map[int]bool // calls that have been reported, by parenthesis
	visited              map[int]bool // uses that have been followed, and whether understood
	shimAt               map[int]int  // bundlers' shims for require, by parenthesis: a require in it
	shimOf               map[int]int  // every require in one: its parenthesis
	depth                int
	deferred             []int // uses that lay too deep to be followed at once
	mentionsChildProcess bool  // child_process is mentioned
	out                  Result
	reported             []Place // what strong refs cover
	handled              map[int]Place
}

var scanners = sync.Pool{New: func() any { return new(scanner) }}

// maxKeep is the number of tokens that a scanner may keep memory for when it
// is put back.
const maxKeep = 1 << 19

// fuelPerToken bounds the work by the length of the file, whatever it holds.
// Real files need less than one.
const fuelPerToken = 16

// scan reads a module's text, JavaScript or TypeScript, CommonJS or ESM. It
// never fails; text that is no program gives nothing of use.
func scan(src []byte) Result {
	if len(src) >= 1<<31 {
		return Result{Gaps: []Gap{{Place: Place{Line: 1}, Call: "require", Text: "a file of 2 GiB or more"}}}
	}
	s := scanners.Get().(*scanner)
	out := s.run(src)
	s.src, s.out = nil, Result{}
	if cap(s.toks) <= maxKeep {
		scanners.Put(s)
	}
	return out
}

func (s *scanner) run(src []byte) Result {
	s.lex(src)
	s.index()
	s.reset()
	s.readImports()
	s.findShims()
	s.visitRoots()
	return s.result()
}

// steps is how much work the last run was.
func (s *scanner) steps() int {
	return s.lexer.steps + s.budget() - s.fuel
}

func (s *scanner) budget() int { return fuelPerToken*len(s.toks) + 10000 }

func (s *scanner) reset() {
	s.fuel = s.budget()
	s.out = Result{}
	s.reported, s.deferred, s.depth = s.reported[:0], s.deferred[:0], 0
	s.mentionsChildProcess = bytes.Contains(s.src, []byte("child_process"))
	s.byName = cleared(s.byName)
	s.imports = cleared(s.imports)
	s.chains = cleared(s.chains)
	s.seenCalls = cleared(s.seenCalls)
	s.visited = cleared(s.visited)
	s.shimAt = cleared(s.shimAt)
	s.shimOf = cleared(s.shimOf)
	s.handled = cleared(s.handled)
}

// emptied is m without its entries, or a new map in place of a large one,
// which would take long to clear for every small file that comes after.
func cleared[K comparable, V any](m map[K]V) map[K]V {
	if m == nil || len(m) > 256 {
		return map[K]V{}
	}
	clear(m)
	return m
}

// index lists the occurrences of every name.
func (s *scanner) index() {
	n := len(s.names.texts)
	s.occStart = append(s.occStart[:0], make([]uint32, n+1)...)
	total := uint32(0)
	for i := range s.toks {
		if t := &s.toks[i]; t.kind == tIdent {
			s.occStart[t.val+1]++
			total++
		}
	}
	for i := 1; i <= n; i++ {
		s.occStart[i] += s.occStart[i-1]
	}
	s.occ = slices.Grow(s.occ[:0], int(total))[:total]
	next := slices.Clone(s.occStart)
	for i := range s.toks {
		if t := &s.toks[i]; t.kind == tIdent {
			s.occ[next[t.val]] = uint32(i)
			next[t.val]++
		}
	}
}

func (s *scanner) occurrences(id uint32) []uint32 {
	return s.occ[s.occStart[id]:s.occStart[id+1]]
}

// burn takes a step, and reports false when there are none left.
func (s *scanner) spend() bool {
	s.fuel--
	return s.fuel > 0
}

func (s *scanner) at(i int) token {
	if i < 0 || i >= len(s.toks) {
		return token{}
	}
	return s.toks[i]
}

// is reports whether token i is the word id.
func (s *scanner) isWord(i int, id uint32) bool {
	t := s.at(i)
	return t.kind == tIdent && t.val == id
}

func (s *scanner) afterDot(i int) bool {
	k := s.at(i - 1).kind
	return k == tDot || k == tOptDot
}

func (s *scanner) text(i int) string {
	t := s.at(i)
	return string(s.src[t.start:t.end])
}

// skip returns the token after token i, or after the group that it opens.
func (s *scanner) skip(i int) int {
	for {
		switch s.at(i).kind {
		case tLParen, tLBrace, tLBracket, tTemplateHead, tTemplateMiddle:
			i = int(s.openers[s.toks[i].val].close)
			if s.at(i).kind == tTemplateMiddle && s.spend() {
				continue
			}
		}
		return min(i+1, len(s.toks)-1)
	}
}

// partner is the bracket that closes the one that is token i; the end of the
// file if there is none.
func (s *scanner) closing(i int) int {
	return int(s.openers[s.toks[i].val].close)
}

// roots follows every word that a request for a module can begin with.
func (s *scanner) visitRoots() {
	for _, id := range []uint32{idRequire, idNonWebpackRequire, idImport, idModule, idProcess, idGlobal,
		idGlobalThis, idEval, idCreateRequire, idCreateRequireFromPath, idWorker, idFork, idDlopen,
		idGetBuiltinModule, idSetupPrimary, idSetupMaster, idLoad, idRegister, idDirnameVar, idFilenameVar} {
		for _, i := range s.occurrences(id) {
			s.visit(int(i))
		}
	}
	for len(s.deferred) > 0 {
		i := s.deferred[0]
		s.deferred = s.deferred[1:]
		delete(s.visited, i)
		s.visit(i)
	}
	if s.fuel <= 0 {
		s.gap(0, 0, "require")
		s.out.Gaps[len(s.out.Gaps)-1].Text = "text too convoluted to follow"
	}
}

func (s *scanner) placeOf(i, end int) Place {
	if end <= i {
		end = i + 1
	}
	return Place{Start: int(s.at(i).start), End: int(s.at(end - 1).end)}
}

// gap reports that tokens [i,end) ask for something that cannot be named.
func (s *scanner) gap(i, end int, what string) {
	p := s.placeOf(i, end)
	s.out.Gaps = append(s.out.Gaps, Gap{Place: p, Call: what, Text: oneLine(s.src[p.Start:p.End])})
}

// oneLine is b with its white space drawn together, cut at gapText bytes.
func oneLine(b []byte) string {
	cut := len(b) > 4*maxGapText
	b = bytes.Join(bytes.Fields(b[:min(len(b), 4*maxGapText)]), []byte(" "))
	if len(b) > maxGapText {
		n := maxGapText
		for n > 0 && !utf8.RuneStart(b[n]) {
			n--
		}
		b, cut = b[:n], true
	}
	text := string(bytes.ToValidUTF8(b, []byte("\uFFFD")))
	if cut {
		text += "…"
	}
	return text
}

func (s *scanner) markHandled(i int) {
	s.handled[i] = s.placeOf(i, i+1)
}

// finish sorts what was found, drops what is said twice and gives lines.
func (s *scanner) result() Result {
	out := s.out
	for _, p := range s.handled {
		out.Handled = append(out.Handled, p)
	}
	byPlace := func(a, b Place) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) }
	slices.SortFunc(out.Handled, byPlace)
	slices.SortStableFunc(out.Gaps, func(a, b Gap) int { return byPlace(a.Place, b.Place) })
	slices.SortStableFunc(out.Specifiers, func(a, b Specifier) int {
		return cmp.Or(byPlace(a.Place, b.Place), cmp.Compare(a.Text, b.Text), cmp.Compare(a.From, b.From))
	})
	slices.SortFunc(s.reported, byPlace)
	out.Specifiers = s.withoutDuplicates(out.Specifiers)
	s.fillLines(&out)
	return out
}

// withoutRepeats drops weak refs within strong ones, and refs said before.
func (s *scanner) withoutDuplicates(refs []Specifier) []Specifier {
	type key struct {
		kind       Kind
		text, from string
		main       bool
	}
	seen := map[key]bool{}
	for _, r := range refs {
		if !r.Optional {
			seen[key{r.Kind, r.Text, r.From, r.FromEntry}] = false
		}
	}
	strong, end := s.reported, 0
	kept := refs[:0]
	for _, r := range refs {
		for len(strong) > 0 && strong[0].Start <= r.Start {
			end = max(end, strong[0].End)
			strong = strong[1:]
		}
		k := key{r.Kind, r.Text, r.From, r.FromEntry}
		done, known := seen[k]
		if done || r.Optional && (known || r.End <= end) {
			continue
		}
		seen[k] = true
		kept = append(kept, r)
	}
	return kept
}

func (s *scanner) fillLines(out *Result) {
	var places []*Place
	for i := range out.Specifiers {
		places = append(places, &out.Specifiers[i].Place)
	}
	for i := range out.Gaps {
		places = append(places, &out.Gaps[i].Place)
	}
	for i := range out.Handled {
		places = append(places, &out.Handled[i])
	}
	if len(places) == 0 {
		return
	}
	slices.SortFunc(places, func(a, b *Place) int { return cmp.Compare(a.Start, b.Start) })
	line, begin, pos := 1, 0, 0
	for _, p := range places {
		for pos < p.Start {
			n := newlineAt(s.src[pos:])
			if n > 0 {
				line, begin = line+1, pos+n
			}
			pos += max(n, 1)
		}
		p.Line, p.Column = line, p.Start-begin
	}
}

// newlineAt is the length of the line terminator that b begins with.
func newlineAt(b []byte) int {
	switch b[0] {
	case '\n':
		return 1
	case '\r':
		if len(b) > 1 && b[1] == '\n' {
			return 2
		}
		return 1
	case 0xE2:
		if n, newline := spaceAt(b); newline {
			return n
		}
	}
	return 0
}
