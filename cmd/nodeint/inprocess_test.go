//go:build unix

package main

import (
	"bytes"
	"io"
	"os"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// processVerbs are the verbs that are not called in the process of the test: they start
// or replace a process, or read the terminal.
var processVerbs = []string{"keygen", "run", "sign", "trace"}

// inProcess serializes the calls of nodeint in the process of the test, which has one
// working directory and one environment.
var inProcess sync.Mutex

// callInstead returns the command exits for scripts. It calls nodeint instead of starting
// a process, except for [processVerbs]. A process takes several times as long as the
// call, and as many system calls.
func callInstead(t *testing.T, scripts []string) func(ts *testscript.TestScript, neg bool, args []string) {
	t.Helper()
	names := variables(t, scripts)
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) < 2 || args[1] != "nodeint" || slices.ContainsFunc(args[2:], func(arg string) bool {
			return slices.Contains(processVerbs, arg)
		}) {
			exits(ts, neg, args)
			return
		}
		var stdout, stderr bytes.Buffer
		got := call(t, ts, names, args[2:], io.MultiWriter(&stdout, ts.Stdout()), io.MultiWriter(&stderr, ts.Stderr()))
		checkExit(ts, args[0], got, stdout.String(), stderr.String())
	}
}

// call calls nodeint in the working directory of the script and with its values of the
// environment variables names.
func call(t *testing.T, ts *testscript.TestScript, names, args []string, stdout, stderr io.Writer) int {
	inProcess.Lock()
	defer inProcess.Unlock()
	before, err := os.Getwd()
	ts.Check(err)
	ts.Check(os.Chdir(ts.MkAbs(".")))
	defer func() { ts.Check(os.Chdir(before)) }()
	for _, name := range names {
		old, had := os.LookupEnv(name)
		if value := ts.Getenv(name); value != "" {
			ts.Check(os.Setenv(name, value))
		} else {
			ts.Check(os.Unsetenv(name))
		}
		defer func() {
			if had {
				ts.Check(os.Setenv(name, old))
			} else {
				ts.Check(os.Unsetenv(name))
			}
		}()
	}
	return nodeint(t.Context(), args, stdout, stderr)
}

var setsVariable = regexp.MustCompile(`(?m)^env (\w+)=`)

// variables returns the environment variables that testscript or scripts set.
func variables(t *testing.T, scripts []string) []string {
	t.Helper()
	names := []string{"CI", "HOME", "PATH", "PWD", "TMPDIR", "XDG_CACHE_HOME"}
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range setsVariable.FindAllSubmatch(text, -1) {
			names = append(names, string(match[1]))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
