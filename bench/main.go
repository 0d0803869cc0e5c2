// Command bench measures nodeint and the tools that a team would use without it. It
// prints Markdown tables of medians, and whether the project meets its bounds. It
// measures:
//
//   - nodeint verify on a tree of more than 50,000 files of real packages,
//     against a loop that only opens, reads and closes the same files, and
//     against sha256sum, b3sum and a Node.js script over the same list;
//   - nodeint generate --coverage graph against @vercel/nft on real programs,
//     with the recall of both against what Node.js really loads, and on a graph
//     of more than 20,000 modules;
//   - nodeint run on programs of about 130 to 2,400 modules, against plain node
//     and the policies of Node.js 20;
//   - the start of nodeint;
//   - the requests per second of servers, if it is asked to.
//
// Commands that are compared run in turn, A B C A B C, after one round that does not
// count. So the files are in the system's cache, and a machine that becomes slower
// affects all commands. The bounds are on CPU time (user and system, of the process
// and of its children). On a busy machine it varies much less than the wall time.
//
// A timing is never a failure. The exit status is 0 if every command ran that this
// machine can run, and 1 on any error.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
)

const usage = `usage: go run ./bench [flags]

Measures nodeint and prints Markdown tables to stdout:

  verify  nodeint verify on a tree of more than 50,000 real files, against a loop
          that opens, reads and closes them, sha256sum, b3sum, a Node.js script
  graph   nodeint generate --coverage graph against @vercel/nft on real
          programs: CPU time, memory, files, recall; and on a very large graph
  run     nodeint run, with and without --lazy, on programs of some 130 to 2,400
          modules, against plain node; --experimental-policy of Node.js 20, if
          node in PATH is that, against it without
  start   nodeint version; child processes and threads, with nodeint run and
          without
  serve   Express and Fastify under autocannon, with nodeint run and without;
          only if -only names it

The first run installs the packages (npm ci --ignore-scripts: about 900 MB in
bench/node_modules and 800 MB in fixtures/real/node_modules). A C compiler,
sha256sum and b3sum are used if they are installed; the output lists what was not
compared. The exit status is 0 whatever the timings.

flags:
`

// options are the flags.
type options struct {
	rounds  int
	only    string
	nodeint string
	seconds int
}

func main() {
	if len(os.Args) > 1 {
		if role, ok := roles[os.Args[1]]; ok {
			os.Exit(role(os.Args[2:]))
		}
	}
	var opt options
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	flag.IntVar(&opt.rounds, "rounds", 7, "how many rounds count, after one that does not")
	flag.StringVar(&opt.only, "only", "verify,graph,run,start", "the `sections` to run, separated by commas; serve is one more")
	flag.IntVar(&opt.seconds, "seconds", 10, "how long each server is loaded in the section serve")
	flag.StringVar(&opt.nodeint, "nodeint", "", "measure this `command`, not one built from this checkout")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, os.Stderr, opt)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// roles are the functions of this program when it starts itself.
var roles = map[string]func(args []string) (exit int){
	"launch": launch,
	"loop":   loop,
}

// A section is a part of the benchmark.
type section struct {
	name string
	run  func(*bench) error
}

// sections are in the order of printing.
var sections = []section{
	{"verify", (*bench).verify},
	{"graph", (*bench).graph},
	{"run", (*bench).enforce},
	{"start", (*bench).start},
	{"serve", (*bench).serve},
}

// choose returns the sections in names, which are separated by commas.
func choose(names string) ([]section, error) {
	var chosen []section
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(sections, func(s section) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown section %q: use verify, graph, run, start or serve", name)
		}
		chosen = append(chosen, sections[i])
	}
	return chosen, nil
}

// A bench is one run of this program.
type bench struct {
	ctx      context.Context
	out      io.Writer // the tables
	progress io.Writer
	rounds   int
	seconds  int // how long a server is loaded

	host    *host
	root    string // the checkout
	tmp     string // a temporary directory of this run
	nodeint string // the command

	checks  []check  // the bounds met so far
	missing []string // what could not be compared, and why
}

// run runs the chosen sections. It prints each section as soon as it is measured, so
// a later error does not lose it.
func run(ctx context.Context, out, progress io.Writer, opt options) error {
	chosen, err := choose(opt.only)
	if err != nil {
		return err
	}
	if opt.rounds < 1 {
		return fmt.Errorf("-rounds is %d: at least 1 is required", opt.rounds)
	}
	if opt.seconds < 1 {
		return fmt.Errorf("-seconds is %d: at least 1 is required", opt.seconds)
	}
	b := &bench{ctx: ctx, out: out, progress: progress, rounds: opt.rounds, seconds: opt.seconds, nodeint: opt.nodeint}
	if b.tmp, err = os.MkdirTemp("", "nodeint-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.tmp)
	if err := b.prepare(); err != nil {
		return err
	}
	b.describe()
	for _, s := range chosen {
		if err := s.run(b); err != nil {
			return fmt.Errorf("section %s: %w", s.name, err)
		}
	}
	b.finish()
	return nil
}

// say prints progress.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.progress, format+"\n", args...)
}

// print writes a paragraph of the output.
func (b *bench) print(format string, args ...any) {
	fmt.Fprintf(b.out, format+"\n\n", args...)
}

// list writes a list of the output.
func list[T any](b *bench, items []T) {
	for _, item := range items {
		fmt.Fprintf(b.out, "- %v\n", item)
	}
	fmt.Fprintln(b.out)
}

// skip records a comparison that is not possible on this machine.
func (b *bench) skip(format string, args ...any) {
	b.missing = append(b.missing, fmt.Sprintf(format, args...))
}

// finish prints the bounds, and what was not compared.
func (b *bench) finish() {
	b.print("## Bounds")
	list(b, b.checks)
	if len(b.missing) == 0 {
		return
	}
	b.print("## Not compared")
	list(b, b.missing)
}
