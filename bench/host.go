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

// A host takes the place of the *testing.T that package fixtures requires. A call that
// would fail or skip a test returns an error instead.
type host struct {
	testing.TB // nil: only what follows is called
	ctx        context.Context
	tmp        string
}

// errMissing reports something that this machine does not have.
var errMissing = errors.New("not on this machine")

// A halt is the panic that ends a call of package testenv.
type halt struct{ err error }

func (*host) Helper()                           {}
func (h *host) Context() context.Context        { return h.ctx }
func (*host) Fatal(args ...any)                 { panic(halt{errors.New(fmt.Sprint(args...))}) }
func (*host) Fatalf(format string, args ...any) { panic(halt{fmt.Errorf(format, args...)}) }
func (*host) Skipf(format string, args ...any) {
	panic(halt{fmt.Errorf("%w: %s", errMissing, fmt.Sprintf(format, args...))})
}

func (h *host) TempDir() string {
	dir, err := os.MkdirTemp(h.tmp, "")
	if err != nil {
		h.Fatal(err)
	}
	return dir
}

// try calls f with the host and returns the message of f's Fatal or Skip as an error.
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

// node returns the node command of a release line, from fixtures/real.
func (h *host) node(major int) (path string, err error) {
	err = h.try(func(t testing.TB) { path = testenv.NodeOutside(t, major) })
	return path, err
}

// real installs the real programs and returns their directory.
func (h *host) real() (dir string, err error) {
	err = h.try(func(t testing.TB) { dir = testenv.RealDir(t) })
	return dir, err
}

// record runs a program in the directory dir and returns the files below dir that node
// loads, as relative paths. The program has to exit with 0 and print the given text.
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
