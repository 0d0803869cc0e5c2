package jsscan

// findShims finds the functions that stand for require in the output of esbuild and
// rolldown:
//
//	(x => typeof require !== "undefined" ? require : … new Proxy(…) : x)(function(x) { … require.apply(this, arguments) … })
func (s *scanner) findShims() {
	end := 0
	shim := 0
	for _, j := range s.occurrences(idRequire) {
		i := int(j)
		if i < end {
			s.shimOf[i] = shim
			continue
		}
		arrow := i - 2
		shim = arrow - 2
		if s.at(arrow-1).kind == tRParen {
			shim = int(s.openers[s.toks[arrow-1].val].open) - 1
		}
		if !s.isWord(i-1, idTypeof) || s.at(arrow).kind != tArrow || s.at(shim).kind != tLParen ||
			s.at(i+2).kind != tString && s.at(i+2).kind != tTemplate || s.at(i+3).kind != tQuestion || !s.isWord(i+4, idRequire) || s.at(i+5).kind != tColon {
			continue
		}
		if call := s.skip(shim); s.at(call).kind == tLParen && s.spend() {
			end = s.skip(call)
			s.shimAt[shim] = i + 4
			s.shimOf[i] = shim
		}
	}
}
