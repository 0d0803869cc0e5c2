package jsscan

import "slices"

// Functions that are called where they stand, or by a name that only stands for them: what
// is passed to them is followed into their parameters.
//
//	(function (r) { r("./a") })(require)
//	(function (factory) { factory(require) })(function (r) { r("./a") })

// A function is a function of the source.
type function struct {
	params int // token: the parenthesis of the parameters, or the one parameter of an arrow function
	end    int // the token after the function
}

// maxFunctions bounds the functions that a name may stand for.
const maxFunctions = 8

// functionAt returns the function expression or declaration that begins at token i.
func (s *scanner) functionAt(i int) (f function, ok bool) {
	if s.isWord(i, idAsync) && s.at(i+1).flags&fNewline == 0 && s.at(i+1).kind != tArrow {
		i++
	}
	t := s.at(i)
	switch {
	case t.kind == tIdent && t.flags&fParam != 0:
		return function{i, s.arrowEnd(i + 1)}, true
	case t.kind == tIdent && t.flags&fKeyword != 0 && t.val == idFunction:
		if i++; s.at(i).kind == tStar {
			i++
		}
		if s.at(i).kind == tIdent {
			i++
		}
		if s.at(i).kind != tLParen || s.openers[s.toks[i].val].link == 0 {
			return f, false
		}
		return function{i, s.skip(int(s.openers[s.openers[s.toks[i].val].link].open))}, true
	case t.kind == tLParen && s.openers[t.val].arrow != 0:
		return function{i, s.arrowEnd(int(s.openers[t.val].arrow))}, true
	}
	return f, false
}

// parameter returns the token of parameter n, or -1 if it is not a name.
func (s *scanner) parameter(f function, n int) int {
	if s.at(f.params).kind != tLParen {
		if n == 0 {
			return f.params
		}
		return -1
	}
	args := s.arguments(f.params)
	if n >= len(args) || s.at(args[n].start).kind != tIdent || s.toks[args[n].start].flags&fKeyword != 0 {
		return -1
	}
	return args[n].start
}

// usesArguments reports whether the function reads its arguments by the name arguments.
func (s *scanner) usesArguments(f function) bool {
	all := s.occurrences(idArguments)
	n, _ := slices.BinarySearch(all, uint32(f.params))
	return n < len(all) && int(all[n]) < f.end
}

// A calling says how the arguments of a call reach the parameters.
type calling uint8

const (
	callsPlainly calling = iota
	callsByCall          // f.call(this, a, b)
	callsByApply         // f.apply(this, [a, b])
)

// functionsAt returns the functions that the call at paren calls, if the scanner knows
// them.
func (s *scanner) functionsAt(paren, depth int) ([]function, calling) {
	j, how := paren-1, callsPlainly
	if s.at(j).kind == tOptDot {
		j--
	}
	if s.afterDot(j) {
		switch s.text(j) {
		case "call":
			how = callsByCall
		case "apply":
			how = callsByApply
		default:
			return nil, how
		}
		j -= 2
	}
	return s.functionsOf(j, depth), how
}

// functionsOf returns the functions that the operand that ends with token j is.
func (s *scanner) functionsOf(j, depth int) []function {
	if depth > maxOutward || !s.spend() {
		return nil
	}
	switch t := s.at(j); t.kind {
	case tRParen: // (function () {})
		open := int(s.openers[t.val].open)
		if !s.isGroup(open) {
			return nil
		}
		for k := j - 1; s.at(k).kind == tRParen && s.openers[s.toks[k].val].open == uint32(open)+1; k-- {
			open++
		}
		if f, ok := s.functionAt(open + 1); ok && s.at(f.end).kind == tRParen {
			return []function{f}
		}
	case tRBrace: // !function () {}
		if o := &s.openers[t.val]; o.kind == opFunc && o.link != 0 && s.openers[o.link].arrow == 0 {
			params := int(s.openers[o.link].open)
			keyword := params - 1
			if s.at(keyword).kind == tIdent && s.toks[keyword].flags&fKeyword == 0 {
				keyword--
			}
			if s.isWord(keyword, idFunction) && s.toks[keyword].flags&fFuncExpr != 0 {
				return []function{{params, j + 1}}
			}
		}
	case tIdent:
		if t.flags&fKeyword == 0 && !s.afterDot(j) {
			return s.functionsNamed(j, depth)
		}
	}
	return nil
}

// functionsNamed returns the functions that the variable at token j stands for.
func (s *scanner) functionsNamed(j, depth int) []function {
	b := s.bindingAt(j)
	if b == nil {
		return nil
	}
	var out []function
	for _, d := range b.definitions {
		if f, ok := s.functionAt(d.init); ok && !d.isKey && d.module == "" {
			out = append(out, f)
		}
	}
	for _, i := range b.declared {
		if f, ok := s.declaredFunction(int(i)); ok {
			out = append(out, f)
		}
		if n, owner, ok := s.parameterOf(int(i)); ok {
			for _, a := range s.passedTo(owner, n, depth+1) {
				if f, ok := s.functionAt(a.start); ok {
					out = append(out, f)
				}
			}
		}
	}
	return out[:min(len(out), maxFunctions)]
}

// declaredFunction returns the function whose name is declared at token i.
func (s *scanner) declaredFunction(i int) (function, bool) {
	keyword := i - 1
	if s.at(keyword).kind == tStar {
		keyword--
	}
	if !s.isWord(keyword, idFunction) || s.toks[keyword].flags&fKeyword == 0 {
		return function{}, false
	}
	return s.functionAt(keyword)
}

// parameterOf returns the function of which the name at token i is parameter n.
func (s *scanner) parameterOf(i int) (n int, f function, ok bool) {
	if s.toks[i].flags&fParam != 0 {
		f, ok = s.functionAt(i)
		return 0, f, ok
	}
	o := &s.openers[s.toks[i].outer]
	if o.role != roleParams {
		return 0, f, false
	}
	start := int(o.open)
	if o.arrow == 0 {
		for start--; s.at(start).kind == tIdent && !s.isWord(start, idFunction); start-- {
		}
		if s.at(start).kind == tStar {
			start--
		}
	}
	if f, ok = s.functionAt(start); !ok || f.params != int(o.open) {
		return 0, f, false
	}
	for n, a := range s.arguments(f.params) {
		if a.start == i {
			return n, f, true
		}
	}
	return 0, f, false
}

// passedTo returns the arguments that calls of f pass for parameter n: the calls of f where
// it stands, and by the name that it is declared with.
func (s *scanner) passedTo(f function, n, depth int) []argument {
	var out []argument
	add := func(next int) {
		if a, ok := s.argumentAt(next, n); ok && len(out) < maxFunctions {
			out = append(out, a)
		}
	}
	next := f.end
	for s.at(next).kind == tRParen && s.isGroup(int(s.openers[s.toks[next].val].open)) && s.spend() {
		add(next)
		next++
	}
	add(next)
	if name := f.params - 1; s.at(name).kind == tIdent && s.toks[name].flags&fKeyword == 0 && s.isWord(name-1, idFunction) {
		if b := s.bindingAt(name); b != nil {
			for _, use := range b.uses {
				if !s.spend() {
					break
				}
				add(int(use) + 1)
			}
		}
	}
	return out
}

// argumentAt returns argument n of the call that begins at token next: (…), .call(…) or
// .apply(…).
func (s *scanner) argumentAt(next, n int) (argument, bool) {
	var args []argument
	switch {
	case s.at(next).kind == tLParen:
		args = s.arguments(next)
	case s.at(next).kind == tDot && s.at(next+2).kind == tLParen && s.text(next+1) == "call":
		args = s.arguments(next + 2)
		n++
	case s.at(next).kind == tDot && s.at(next+2).kind == tLParen && s.text(next+1) == "apply":
		args = s.applyArguments(s.arguments(next + 2))
	}
	if n >= len(args) {
		return argument{}, false
	}
	return args[n], true
}

// followArgument follows v, which is an argument of a call, into the parameters of the
// functions that are called. known is false if the scanner knows none.
func (s *scanner) followArgument(start, next int, v value, depth int) (understood, known bool) {
	if k := s.at(next).kind; depth > maxOutward || k != tComma && k != tRParen && k != tRBracket {
		return false, false
	}
	bracket := int(s.openers[s.toks[start].outer].open)
	paren := bracket
	if s.at(bracket).kind == tLBracket { // f.apply(this, [v])
		if paren = int(s.openers[s.toks[bracket].outer].open); s.at(paren).kind != tLParen {
			return false, false
		}
	}
	if s.at(paren).kind != tLParen || s.isGroup(paren) || s.openers[s.toks[paren].val].role != roleNone {
		return false, false
	}
	functions, how := s.functionsAt(paren, 0)
	if len(functions) == 0 || (paren != bracket) != (how == callsByApply) && v.entity != entArguments {
		return false, false
	}
	args := s.arguments(bracket)
	n := slices.IndexFunc(args, func(a argument) bool { return a.start == start && a.end == next })
	if how == callsByCall {
		n--
	}
	if n < 0 || slices.ContainsFunc(args, func(a argument) bool { return s.at(a.start).kind == tEllipsis }) {
		return false, false
	}
	understood = true
	for _, f := range functions {
		switch {
		case v.entity != entArguments:
			understood = s.pass(f, n, v) && understood
		case how == callsByApply && n == 1:
			for k, name := range []string{"0", "1", "2", "3", "4"} {
				if w := argumentsMember(name); s.parameter(f, k) >= 0 && s.isTracked(w) {
					understood = s.pass(f, k, w) && understood
				}
			}
		default:
			return false, false
		}
		understood = understood && !s.usesArguments(f)
	}
	return understood, true
}

// pass adds v to the values of parameter n of f, and follows it. It reports whether all
// uses of the parameter are understood.
func (s *scanner) pass(f function, n int, v value) bool {
	i := s.parameter(f, n)
	if i < 0 {
		return s.at(f.params).kind == tLParen && n >= len(s.arguments(f.params)) // not used
	}
	b := s.bindingAt(i)
	if b == nil {
		return false
	}
	v.origin.direct = false
	if b.passed.entity == v.entity && slices.Equal(b.passed.origin.dirs, v.origin.dirs) {
		return !b.followed || b.understood
	}
	b.passed = union(v, b.passed)
	s.generation++
	s.chains = cleared(s.chains)
	b.followed, b.understood = true, true
	ok := true
	for _, use := range b.uses {
		if !s.spend() {
			return false
		}
		delete(s.visited, int(use))
		ok = s.visit(int(use)) && ok
	}
	b.understood = ok
	return ok
}
