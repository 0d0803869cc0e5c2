//go:build !linux

package launch

import "github.com/nodeint/nodeint/integrity/internal/confine"

// openStage returns an error if the system is to prevent anything.
func (opt *Options) openStage(*channels) (*confine.Stage, error) {
	if opt.ReadOnly == nil {
		return nil, nil
	}
	return nil, CheckReadOnly()
}

func rootOwns(string) bool { return false }
