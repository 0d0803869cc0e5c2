package jsscan

import "slices"

// Bindings: which variable a name refers to. The scanner resolves only the names that
// it meets, and each of them once for all of its occurrences.

// A definition is one way in which a variable gets a value.
type definition struct {
	init   int    // first token of the initializer; 0 for an import
	key    string // the property of the initializer that is assigned, if isKey
	isKey  bool   // the variable is part of a destructuring pattern
	module string // of an import declaration
	member string // the imported name; "" for the namespace
}

// A binding is a variable: a name and the range of tokens in which it is visible.
type binding struct {
	index       int   // in nameBindings.bindings
	from, to    int32 // its scope, as tokens [from,to)
	definitions []definition
	opaque      bool    // it has values that are not in definitions
	declared    []int32 // the tokens that declare it
	uses        []int32 // the tokens that read it
	exported    bool

	followed, understood bool // the uses have been visited; all of them are understood

	passed     value // what calls pass for it, if it is a parameter
	generation int   // of the scanner, when it was evaluated

	state uint8 // 0 not evaluated, 1 in evaluation, 2 evaluated
	value value
}

// nameBindings holds the bindings of one name. The first is the global one.
type nameBindings struct {
	bindings []*binding
	// bindingOf is, for each occurrence of the name, 1 + the index of its binding.
	// It is 0 if the occurrence is the name of a property.
	bindingOf []int32
}

// An occurrence says what one occurrence of a name does.
type occurrence struct {
	token      int32
	index      int32 // in the occurrences of the name
	declares   bool
	from, to   int32 // the scope of the declaration
	definition *definition
	opaque     bool
	exported   bool
	isProperty bool // it is the name of a property
}

func (o *occurrence) setScope(from, to int) { o.from, o.to = int32(from), int32(to) }

// bindingsOf returns the bindings of the name id.
func (s *scanner) bindingsOf(id uint32) *nameBindings {
	if info := s.byName[id]; info != nil {
		return info
	}
	info := &nameBindings{bindingOf: make([]int32, len(s.occurrences(id)))}
	s.byName[id] = info
	occs := make([]occurrence, 0, len(info.bindingOf))
	global := &binding{from: 0, to: int32(len(s.toks))}
	info.bindings = []*binding{global}
	scopes := map[[2]int32]*binding{}
	for n, i := range s.occurrences(id) {
		if !s.spend() {
			global.opaque = true
			return info
		}
		o := s.classify(int(i))
		o.index = int32(n)
		if o.isProperty {
			continue
		}
		occs = append(occs, o)
		if o.declares && scopes[[2]int32{o.from, o.to}] == nil {
			b := &binding{from: o.from, to: o.to, index: len(info.bindings)}
			scopes[[2]int32{o.from, o.to}] = b
			info.bindings = append(info.bindings, b)
		}
	}
	s.resolve(info, occs, scopes)
	return info
}

// resolve assigns every occurrence to the innermost binding around it. Scopes nest, so
// one pass with a stack is enough.
func (s *scanner) resolve(info *nameBindings, occs []occurrence, scopes map[[2]int32]*binding) {
	rest := slices.Clone(info.bindings[1:])
	slices.SortFunc(rest, func(a, b *binding) int {
		if a.from != b.from {
			return int(a.from - b.from)
		}
		return int(b.to - a.to)
	})
	stack := []*binding{info.bindings[0]}
	for _, o := range occs {
		for len(rest) > 0 && rest[0].from <= o.token {
			stack = append(stack, rest[0])
			rest = rest[1:]
		}
		for len(stack) > 1 && stack[len(stack)-1].to <= o.token {
			stack = stack[:len(stack)-1]
		}
		b := stack[len(stack)-1]
		if o.declares {
			b = scopes[[2]int32{o.from, o.to}]
			b.declared = append(b.declared, o.token)
			b.exported = b.exported || o.exported
		} else if o.definition == nil && !o.opaque {
			b.uses = append(b.uses, o.token)
		}
		if o.definition != nil {
			b.definitions = append(b.definitions, *o.definition)
		}
		b.opaque = b.opaque || o.opaque
		info.bindingOf[o.index] = int32(b.index + 1)
	}
}

// bindingAt returns the variable that token i refers to, or nil if it is the name of a
// property.
func (s *scanner) bindingAt(i int) *binding {
	id := s.toks[i].val
	info := s.bindingsOf(id)
	n, _ := slices.BinarySearch(s.occurrences(id), uint32(i))
	if b := info.bindingOf[n]; b > 0 {
		return info.bindings[b-1]
	}
	return nil
}
