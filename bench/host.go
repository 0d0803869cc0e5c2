package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// A host stands in for the test that package testenv wants: what would fail or
// skip a test ends the call with an error.
type host struct {
	testing.TB // nil: only what follows is called
	ctx        context.Context
	tmp        string
}

// errLacking is in the error of what this machine cannot give.
var errLacking = errors.New("not on this machine")

// A halt is the panic that ends a call of package testenv.
type halt struct{ err error }

func (*host) Helper()                           {}
func (h *host) Context() context.Context        { return h.ctx }
func (*host) Fatal(args ...any)                 { panic(halt{errors.New(fmt.Sprint(args...))}) }
func (*host) Fatalf(format string, args ...any) { panic(halt{fmt.Errorf(format, args...)}) }
func (*host) Skipf(format string, args ...any) {
	panic(halt{fmt.Errorf("%w: %s", errLacking, fmt.Sprintf(format, args...))})
}

func (h *host) TempDir() string {
	dir, err := os.MkdirTemp(h.tmp, "")
	if err != nil {
		h.Fatal(err)
	}
	return dir
}

// try calls f with the host, and returns what f called Fatal or Skip with.
func (h *host) try(f func(t testing.TB)) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case halt:
			err = r.err
		default:
			panic(r)
		}
	}()
	f(h)
	return nil
}

// node returns the node command of a release line, of the real programs'
// installation.
func (h *host) node(major int) (path string, err error) {
	err = h.try(func(t testing.TB) { path = testenv.Node(t, major) })
	return path, err
}

// real returns the folder of the real programs, installed.
func (h *host) real() (dir string, err error) {
	err = h.try(func(t testing.TB) { dir = testenv.RealDir(t) })
	return dir, err
}

// record returns what node loads from the folder dir when it runs there, as
// paths relative to it. The program has to end well and to print what is given.
func (h *host) record(node, dir, prints string, argv ...string) (loaded []string, err error) {
	err = h.try(func(t testing.TB) {
		r := testenv.Record(t, node, dir, dir, nil, argv...)
		if r.Code != 0 || !strings.Contains(r.Stdout+r.Stderr, prints) {
			t.Fatalf("recording what node loads: exit status %d, wanted 0 and %q\n%s%s", r.Code, prints, r.Stdout, r.Stderr)
		}
		for _, l := range r.Loaded {
			loaded = append(loaded, l.Path)
		}
	})
	return loaded, err
}
