package launch

import (
	"os"
	"path/filepath"
	"syscall"

	"github.com/nodeint/nodeint/integrity/internal/confine"
	"github.com/nodeint/nodeint/integrity/problem"
)

// openStage starts the process that applies the restrictions and becomes node. It returns
// nil if there are none.
func (opt *Options) openStage(c *channels) (*confine.Stage, error) {
	if opt.ReadOnly == nil {
		return nil, nil
	}
	if err := CheckReadOnly(); err != nil {
		return nil, err
	}
	stage, err := confine.Start()
	if err != nil {
		return nil, problem.NotChecked("", "mount /proc", "making the tree read-only: %w", err)
	}
	c.move(stage.PID)
	return stage, nil
}

// rootOwns reports whether only root can write a directory and those above it.
func rootOwns(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil {
			return false
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		const others = 0o022
		if !ok || st.Uid != 0 || info.Mode()&others != 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
		dir = filepath.Dir(dir)
	}
}
