package jsscan

// A Word is an identifier or a string in a source, and what is around it.
type Word struct {
	Place
	Text string // of a string, without quotes and escapes

	IsString bool
	IsMember bool   // an identifier after a dot
	Object   string // of a member: the identifier before the dot, or ""
	IsKey    bool   // an identifier before a colon in an object literal
	IsCalled bool   // an opening parenthesis follows
	Member   string // the identifier after a dot that follows
	Computed bool   // it is called with a first argument that is not one string

	// Of a string: it is an argument of a call, or the source of an import or export.
	IsArgument bool
	IsSource   bool
	InArray    bool // it is an element of an array
}

// Words returns the identifiers and strings of a source that isWanted accepts, in the order
// of the source. Comments, regular expressions and templates with substitutions have none.
// src is as in [Scan].
func Words(src []byte, isWanted func(text []byte) bool) []Word {
	if len(src) >= 1<<31 {
		return nil
	}
	s := scanners.Get().(*scanner)
	s.lex(src)
	s.fuel = s.budget()
	wanted := make([]bool, len(s.names.texts))
	for id, text := range s.names.texts {
		wanted[id] = isWanted(text)
	}
	var words []Word
	for i := range s.toks {
		switch t := &s.toks[i]; t.kind {
		case tIdent:
			if wanted[t.val] {
				words = append(words, s.identWord(i))
			}
		case tString, tTemplate:
			if t.end-t.start <= maxWord && isWanted(s.rawString(t)) {
				words = append(words, s.stringWord(i, s.stringAt(i)))
			}
		}
	}
	places := make([]*Place, len(words))
	for i := range words {
		places[i] = &words[i].Place
	}
	fillPlaces(src, places)
	s.src, s.out = nil, Result{}
	if cap(s.toks) <= maxKeep {
		scanners.Put(s)
	}
	return words
}

// maxWord is the length of the longest string that is a word, in bytes.
const maxWord = 64

// rawString returns the value of the string t, without a copy unless it has escapes.
func (s *scanner) rawString(t *token) []byte {
	b := s.src[t.start:t.end]
	if t.flags&fEscape != 0 || len(b) < 2 || b[len(b)-1] != b[0] {
		return []byte(s.stringOf(*t))
	}
	return b[1 : len(b)-1]
}

func (s *scanner) identWord(i int) Word {
	w := Word{Text: string(s.names.texts[s.toks[i].val]), Place: s.placeOf(i, i+1)}
	w.IsMember = s.afterDot(i)
	if w.IsMember && s.at(i-2).kind == tIdent {
		w.Object = string(s.names.texts[s.toks[i-2].val])
	}
	next := i + 1
	if s.at(next).kind == tOptDot && s.at(next+1).kind == tLParen {
		next++
	}
	switch s.at(next).kind {
	case tLParen:
		w.IsCalled = true
		first, end := next+1, next+2
		k := s.at(first).kind
		w.Computed = k != tRParen && (k != tString && k != tTemplate || s.at(end).kind != tRParen && s.at(end).kind != tComma)
	case tDot, tOptDot:
		if s.at(next+1).kind == tIdent {
			w.Member = string(s.names.texts[s.toks[next+1].val])
		}
	case tColon:
		w.IsKey = s.openers[s.toks[i].outer].kind == opObject
	}
	return w
}

func (s *scanner) stringWord(i int, text string) Word {
	w := Word{Text: text, Place: s.placeOf(i, i+1), IsString: true}
	prev, next := s.at(i-1), s.at(i+1)
	o := s.openers[s.toks[i].outer]
	w.InArray = o.kind == opBracket && (prev.kind == tComma || prev.kind == tLBracket) && !s.isMemberBracket(int(o.open))
	w.IsArgument = o.kind == opParen && (prev.kind == tLParen || prev.kind == tComma) && (next.kind == tRParen || next.kind == tComma)
	w.IsSource = prev.kind == tIdent && (prev.val == idFrom || prev.val == idImport)
	return w
}

// isMemberBracket reports whether the bracket at token i gets a property: a["b"].
func (s *scanner) isMemberBracket(i int) bool {
	k := s.at(i - 1)
	switch k.kind {
	case tIdent:
		return k.flags&fKeyword == 0
	case tRParen, tRBracket, tOptDot, tString, tTemplate, tTemplateTail:
		return true
	}
	return false
}
