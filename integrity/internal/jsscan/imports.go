package jsscan

// Import declarations: which local name stands for which export of which module.

// readImports records what import declarations bind.
func (s *scanner) readImports() {
	for _, i := range s.occurrences(idImport) {
		i := int(i)
		if s.toks[i].flags&fKeyword == 0 || s.at(i+1).kind == tLParen || s.at(i+1).kind == tDot || !s.spend() {
			continue
		}
		s.readImport(i + 1)
	}
}

// readImport records the import declaration whose keyword is token i-1.
func (s *scanner) readImport(i int) {
	if s.isWord(i, idType) && s.at(i+1).kind != tComma && !s.isWord(i+1, idFrom) {
		i++
	}
	var locals []int
	add := func(tok int, member string) {
		s.imports[tok] = definition{member: member}
		locals = append(locals, tok)
	}
	if s.at(i).kind == tIdent {
		if s.at(i+1).kind == tAssign { // TypeScript: import x = require()
			s.imports[i] = definition{}
			s.toks[i].flags |= fDeclLex
			delete(s.imports, i)
			return
		}
		add(i, "default")
		if i++; s.at(i).kind == tComma {
			i++
		}
	}
	switch s.at(i).kind {
	case tStar:
		if s.at(i+2).kind == tIdent {
			add(i+2, "")
		}
		i += 3
	case tLBrace:
		s.readImportList(i, add)
		i = s.skip(i)
	}
	if !s.isWord(i, idFrom) || s.at(i+1).kind != tString {
		return
	}
	module := s.stringAt(i + 1)
	for _, tok := range locals {
		d := s.imports[tok]
		d.module = module
		s.imports[tok] = d
		s.importOrder = append(s.importOrder, tok)
	}
}

// readImportList calls add for every name in the braces that open at token i.
func (s *scanner) readImportList(i int, add func(tok int, member string)) {
	end := int(s.openers[s.toks[i].val].close)
	for j := i + 1; j < end && s.spend(); j++ {
		next := s.at(j + 1).kind
		if s.at(j).kind != tIdent || next != tComma && next != tRBrace {
			continue
		}
		member := j
		if s.isWord(j-1, idAs) && j-2 > i {
			member = j - 2
		}
		add(j, s.keyText(member))
	}
}

// followImports visits the uses of what is imported from Node's own modules, whatever its
// name in the source.
func (s *scanner) followImports() {
	for _, i := range s.importOrder {
		if d := s.imports[i]; s.builtinNamespace(d.module).entity == entNone {
			continue
		}
		if b := s.bindingAt(i); b != nil {
			if v := s.evalBinding(b, 0); s.isTracked(v) {
				s.followVariable(i, i, i+1, v, 0)
			}
		}
	}
}
