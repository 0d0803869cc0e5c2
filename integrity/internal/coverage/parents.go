package coverage

import "github.com/nodeint/nodeint/integrity/internal/shadow"

// addParentModules adds a gap for each absent package that Node would find in a
// node_modules above the root. verify knows by the gap that it was there.
func (p *pinner) addParentModules(search *shadow.Search) error {
	gaps, err := search.ParentModules()
	p.m.Gaps = append(p.m.Gaps, gaps...)
	return err
}
