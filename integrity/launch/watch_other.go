//go:build unix && !(linux && (amd64 || arm64))

package launch

import (
	"errors"
	"runtime"

	"github.com/nodeint/nodeint/integrity/internal/confine"
)

// onThread calls f with its thread locked.
func onThread(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f()
}

// start starts node, or makes the stage become node. Only the preload checks node's
// children.
func (opt *Options) start(stage *confine.Stage, argv, env []string) (pid int, end func(), err error) {
	if opt.check != nil {
		opt.notice("node's children are checked by the preload alone: " + errors.ErrUnsupported.Error())
	}
	if stage != nil {
		return stage.PID, func() {}, opt.become(stage, argv, env, nil)
	}
	pid, err = opt.forkExec(argv, env)
	return pid, func() {}, err
}

// Stage must be the first call of a program that calls [Run]. Run starts that program
// again to apply restrictions of the system, and then Stage does not return. Otherwise it
// returns at once.
func Stage() { confine.Main() }
