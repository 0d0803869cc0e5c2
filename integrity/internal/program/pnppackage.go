package program

import "github.com/nodeint/nodeint/integrity/internal/pnp"

// PnPPackage returns the directory of the package that the tables of Plug'n'Play give a
// module in dir for a name. ok is false without such tables, and for a name that they do
// not list.
func (p *Program) PnPPackage(dir, name string) (at string, ok bool) {
	tables := p.options.PnP.Tables
	if tables == nil {
		return "", false
	}
	owner, ok := tables.Owner(dir)
	if !ok {
		return "", false
	}
	at, ok = tables.Resolve(owner, name)
	return pnp.Real(at), ok
}
