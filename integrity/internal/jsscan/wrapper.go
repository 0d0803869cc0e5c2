package jsscan

// The parameters of the function in which Node.js wraps a CommonJS module:
//
//	(function (exports, require, module, __filename, __dirname) { … })
//
// A var of the same name in the module is the same variable: without an initializer it
// does not change the value. esbuild takes it for another variable.

// isModuleVariable reports whether the variable b, called id, is one of the parameters,
// whether the module declares it again with var or not.
func (s *scanner) isModuleVariable(b *binding, id uint32) bool {
	if b.from != 0 || int(b.to) != len(s.toks) {
		return false
	}
	if len(b.declared) == 0 {
		return true
	}
	switch id {
	case idRequire, idModule, idDirnameVar, idFilenameVar:
	default:
		return false
	}
	for _, i := range b.declared {
		if s.toks[i].flags&fDeclVar == 0 {
			return false
		}
	}
	return !s.isESM()
}

// moduleVariable returns the value of the variable b, called id, which is one of the
// parameters.
func (s *scanner) moduleVariable(b *binding, id uint32, depth int) value {
	v := s.globalValue(id)
	if len(b.declared) == 0 || v.entity == entNone && len(v.constants) == 0 {
		return v
	}
	v.origin.own, v.origin.direct = false, false
	if len(b.definitions) > 0 || b.opaque {
		v = union(v, s.evalBinding(b, depth+1))
	}
	return v
}

// isESM reports whether the source is a module of ECMAScript: it has an import or export
// declaration, or import.meta.
func (s *scanner) isESM() bool {
	if s.esm == 0 {
		s.esm = 1
		for _, id := range []uint32{idImport, idExport} {
			for _, i := range s.occurrences(id) {
				t := s.toks[i]
				if t.flags&fKeyword != 0 && !(id == idImport && s.at(int(i)+1).kind == tLParen) {
					s.esm = 2
				}
			}
		}
	}
	return s.esm == 2
}

// isModuleArguments reports whether the identifier arguments at token i is the list of the
// parameters: it is in no other function, apart from arrow functions.
func (s *scanner) isModuleArguments(i int) bool {
	e := s.openers[s.toks[i].outer].fn
	for e != 0 && s.spend() {
		o := &s.openers[e]
		isArrow := o.link != 0 && s.openers[o.link].arrow != 0 || o.open > 1 && s.toks[o.open-2].flags&fParam != 0
		if !isArrow {
			return false
		}
		e = s.openers[o.parent].fn
	}
	return !s.isESM()
}

// argumentsMember returns the value of arguments[name] of a module.
func argumentsMember(name string) value {
	switch name {
	case "1":
		return value{entity: entRequire, origin: origin{dirs: []string{""}}}
	case "2":
		return value{entity: entModule, incomplete: true}
	case "3":
		return constants(constant{base: baseFile})
	case "4":
		return constants(constant{base: baseDir})
	}
	return unknown
}
