package jsscan

// isGuarded reports whether the source handles the failure of the call at tokens [i,end): the
// call is in the block of a try statement of the same function, or is a promise with a catch.
func (s *scanner) isGuarded(i, end int) bool {
	if s.at(end).kind == tDot && (s.isWord(end+1, idCatch) || s.text(end+1) == "then" && s.hasTwoArguments(end+2)) {
		return true
	}
	for e := s.toks[min(i, len(s.toks)-1)].outer; e != 0 && s.spend(); e = s.openers[e].parent {
		o := &s.openers[e]
		if o.kind == opFunc {
			return false
		}
		if s.isWord(int(o.open)-1, idTry) && s.at(int(o.open)).kind == tLBrace {
			return true
		}
	}
	return false
}

// hasTwoArguments reports whether the call at paren has two arguments.
func (s *scanner) hasTwoArguments(paren int) bool {
	return s.at(paren).kind == tLParen && len(s.arguments(paren)) > 1
}

// markGuarded sets Handled for the specifiers of files whose existence the source looks at:
// they are also read as data.
func markGuarded(all []Specifier) {
	read := map[string]bool{}
	for _, r := range all {
		if r.Data {
			read[r.Text] = true
		}
	}
	if len(read) == 0 {
		return
	}
	for n := range all {
		if r := &all[n]; r.Kind == File && !r.Optional && read[r.Text] {
			r.Handled = true
		}
	}
}
