package jsscan

import (
	"bytes"
	"slices"
	"sync"
)

// The state of a scan, and its steps in order.

// A scanner scans one source at a time. It is reused for the next one.
type scanner struct {
	lexer
	// The tokens of name n are occ[occStart[n]:occStart[n+1]], ascending.
	occStart []uint32
	occ      []uint32

	fuel                 int // remaining steps
	byName               map[uint32]*nameBindings
	imports              map[int]definition  // by the token of the local name
	chains               map[int]chainResult // by first token
	seenCalls            map[int]bool        // calls that are reported, by parenthesis; escapes, by -1 - token
	visited              map[int]bool        // by token: whether the use is understood
	shimAt               map[int]int         // shims of bundlers, by parenthesis: an identifier require in it
	shimOf               map[int]int         // by identifier require: the parenthesis of its shim
	esm                  uint8               // see isESM: 0 not known, 1 false, 2 true
	generation           int                 // changes if values that were evaluated may have changed
	modulesEscape        bool                // module objects are passed to code that is not followed
	importOrder          []int               // the tokens in imports
	depth                int                 // of visit
	deferred             []int               // uses to visit again, since the recursion was too deep
	mentionsChildProcess bool
	out                  Result
	reported             []Place // calls whose paths are reported; see markReported
	handled              map[int]Place
}

var scanners = sync.Pool{New: func() any { return new(scanner) }}

// maxKeep is the largest number of tokens for which a scanner keeps its memory
// when it returns to the pool.
const maxKeep = 1 << 19

// fuelPerToken bounds the work of a scan by the length of the source. Real
// sources need less than one step per token.
const fuelPerToken = 16

// scan is Scan without the prefilter.
func scan(src []byte) Result {
	if len(src) >= 1<<31 {
		return Result{Gaps: []Gap{{Place: Place{Line: 1}, Call: "require", Text: "source of 2 GiB or more"}}}
	}
	s := scanners.Get().(*scanner)
	out := s.run(src)
	s.src, s.out = nil, Result{}
	if cap(s.toks) <= maxKeep {
		scanners.Put(s)
	}
	return out
}

// run scans src.
func (s *scanner) run(src []byte) Result {
	s.lex(src)
	s.index()
	s.reset()
	s.readImports()
	s.findShims()
	s.visitRoots()
	return s.result()
}

// budget returns the number of steps that a run may take.
func (s *scanner) budget() int { return fuelPerToken*len(s.toks) + 10000 }

// reset prepares the scanner for the tokens that the lexer has read.
func (s *scanner) reset() {
	s.fuel = s.budget()
	s.out = Result{}
	s.reported, s.deferred, s.depth = s.reported[:0], s.deferred[:0], 0
	s.modulesEscape = false
	s.esm, s.generation, s.importOrder = 0, 0, s.importOrder[:0]
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

// cleared returns m without its entries. A large map is replaced by a new one:
// clearing it would take long for every small source that follows.
func cleared[K comparable, V any](m map[K]V) map[K]V {
	if m == nil || len(m) > 256 {
		return map[K]V{}
	}
	clear(m)
	return m
}

// index lists the tokens at which each name occurs.
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

// occurrences returns the tokens at which the name id occurs, ascending.
func (s *scanner) occurrences(id uint32) []uint32 {
	return s.occ[s.occStart[id]:s.occStart[id+1]]
}

// spend takes one step of the budget. It returns false if the budget is used up.
func (s *scanner) spend() bool {
	s.fuel--
	return s.fuel > 0
}

// visitRoots visits every identifier with which a load of a module can begin.
func (s *scanner) visitRoots() {
	for _, id := range []uint32{idRequire, idNonWebpackRequire, idImport, idModule, idProcess, idGlobal,
		idGlobalThis, idEval, idFunctionConstructor, idCreateRequire, idCreateRequireFromPath, idWorker, idFork, idDlopen,
		idGetBuiltinModule, idSetupPrimary, idSetupMaster, idLoad, idRegister, idDirnameVar, idFilenameVar, idArguments} {
		for _, i := range s.occurrences(id) {
			s.visit(int(i))
		}
	}
	s.followImports()
	s.visitScripts()
	s.visitReexports()
	for len(s.deferred) > 0 {
		i := s.deferred[0]
		s.deferred = s.deferred[1:]
		delete(s.visited, i)
		s.visit(i)
	}
	if s.modulesEscape {
		s.visitMethods()
	}
	if s.fuel <= 0 {
		s.gap(0, 0, "require")
		s.out.Gaps[len(s.out.Gaps)-1].Text = "source too complex to scan within the step limit"
	}
}
