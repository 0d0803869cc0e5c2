package jsscan

import "bytes"

// IsModule reports whether src has the syntax of an ES module: an import or export
// declaration, or import.meta. A call of import() is not such syntax.
func IsModule(src []byte) bool {
	if len(src) >= 1<<31 || !bytes.Contains(src, []byte("import")) && !bytes.Contains(src, []byte("export")) {
		return false
	}
	s := scanners.Get().(*scanner)
	defer func() {
		s.src = nil
		if cap(s.toks) <= maxKeep {
			scanners.Put(s)
		}
	}()
	s.lex(src)
	s.index()
	s.reset()
	isDeclared := func(id uint32) bool {
		for _, at := range s.occurrences(id) {
			i := int(at)
			if s.toks[i].flags&fKeyword != 0 && !s.afterDot(i) && s.at(i+1).kind != tLParen && s.at(i+1).kind != tColon {
				return true
			}
		}
		return false
	}
	return isDeclared(idExport) || isDeclared(idImport)
}
