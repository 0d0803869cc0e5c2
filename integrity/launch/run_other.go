//go:build !unix

package launch

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime/debug"

	"github.com/nodeint/nodeint/integrity/internal/confine"
)

// run starts node and waits. Ctrl-C reaches every process of the console, so there is
// nothing to forward.
func (opt *Options) run(ctx context.Context, _ *channels, _ *confine.Stage, argv, env []string) (Status, error) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	defer signal.Stop(signals)
	if ctx.Err() != nil {
		return Status{}, ctx.Err()
	}
	p, err := os.StartProcess(opt.Program.Node, argv, &os.ProcAttr{Env: env, Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}})
	if err != nil {
		return Status{}, startError(opt.Program, err)
	}
	debug.FreeOSMemory()
	state, err := p.Wait()
	if err != nil {
		return Status{}, startError(opt.Program, err)
	}
	return Status{Code: state.ExitCode()}, nil
}

func cancel(*confine.Stage) {}

func onThread(f func()) { f() }

func memfd(string) (*os.File, error) { return nil, errors.ErrUnsupported }

func appendOnly(*os.File) error { return errors.ErrUnsupported }

func seal(*os.File) error { return errors.ErrUnsupported }

func inheritable(*os.File) (*os.File, error) { return nil, errors.ErrUnsupported }

// KillSelf does nothing: the system has no signals.
func KillSelf(int) {}

// Stage must be the first call of a program that calls [Run]. Run starts that program
// again to apply restrictions of the system, and then Stage does not return. Otherwise it
// returns at once.
func Stage() { confine.Main() }
