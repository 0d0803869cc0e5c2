package jsscan

// The values of variables.

// evalVariable returns the value of the identifier at token i.
func (s *scanner) evalVariable(i, depth int) value {
	b := s.bindingAt(i)
	if b == nil {
		return unknown
	}
	id := s.toks[i].val
	if s.isModuleVariable(b, id) {
		if v := s.moduleVariable(b, id, depth); v.entity != entNone || len(v.constants) > 0 {
			return v
		}
	}
	if id == idArguments && len(b.declared) == 0 && s.isModuleArguments(i) {
		return value{entity: entArguments, incomplete: true}
	}
	v := s.evalBinding(b, depth+1)
	v.origin.direct = false
	if v.entity == entNone && len(v.constants) == 0 {
		if t := guessByName(id); t != entNone && !b.opaque {
			return value{entity: t, guessed: true, incomplete: true}
		}
	}
	return v
}

// evalBinding returns the union of all values that are assigned to b, or passed for it.
func (s *scanner) evalBinding(b *binding, depth int) value {
	if b.generation != s.generation {
		b.state, b.generation = 0, s.generation
	}
	if b.state == 1 || depth > maxDepth {
		return unknown
	}
	if b.state == 2 {
		return b.value
	}
	b.state = 1
	v := unknown
	for n, d := range b.definitions {
		w := s.evalDefinition(d, depth)
		if n == 0 {
			v = w
		} else {
			v = union(v, w)
		}
	}
	if b.opaque {
		v.incomplete = true
		if v.entity == entRequire {
			v.origin.incomplete = true
		}
	}
	if b.passed.entity != entNone {
		v = union(b.passed, v)
	}
	b.state, b.value = 2, v
	return v
}

// evalDefinition returns the value of one assignment or import.
func (s *scanner) evalDefinition(d definition, depth int) value {
	if d.module != "" {
		v := s.builtinNamespace(d.module)
		if d.member == "" || d.member == "default" || v.entity == entNone {
			return v
		}
		return s.evalMember(v, d.member)
	}
	v := s.evalExpr(d.init, s.exprEnd(d.init), depth)
	if d.isKey {
		return s.evalMember(v, d.key)
	}
	return v
}
