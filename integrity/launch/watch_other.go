//go:build unix && !(linux && (amd64 || arm64))

package launch

import (
	"errors"
	"runtime"
)

// onThread calls f with the thread locked: the kernel kills node when the thread ends
// that started it (PR_SET_PDEATHSIG).
func onThread(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f()
}

// start starts node. Only the preload checks node's children.
func (opt *Options) start(argv, env []string) (pid int, end func(), err error) {
	if opt.check != nil {
		opt.notice("node's children are checked by the preload alone: " + errors.ErrUnsupported.Error())
	}
	pid, err = forkExec(opt.Program.Node, argv, env)
	return pid, func() {}, err
}
