// Command bench measures nodeint against what a team would use without it, and
// prints Markdown tables of medians, and whether the bounds that the project
// has set itself hold:
//
//   - nodeint verify on a tree of more than 50,000 files of real packages,
//     against a loop that only opens, reads and closes the same files, and
//     against sha256sum, b3sum and a Node.js script over the same list;
//   - nodeint generate --coverage graph against @vercel/nft on real programs,
//     with the recall of both against what Node.js really loads, and on a graph
//     of more than 20,000 modules;
//   - nodeint run on programs of some 130 to 2,400 modules, against plain node
//     and the policies of Node.js 20;
//   - the start of nodeint.
//
// All that is compared runs in turn, A B C A B C, after one round that is not
// counted, so that a machine that grows slower does so for all, and the files
// are in the system's cache. The bounds are on CPU time (user and system, of
// the process and of those it waited for), which is far steadier than the clock
// on a machine that does other things too.
//
// A timing is never a failure. The exit status is 0 if everything ran that this
// machine can run, and 1 if something broke.
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
  start   nodeint version

The first run installs the packages (npm ci --ignore-scripts: about 900 MB in
bench/node_modules and 800 MB in fixtures/real/node_modules). A C compiler,
sha256sum and b3sum are used where there are any; the output says what was not
compared. The exit status is 0 whatever the timings.

flags:
`

// options are the flags.
type options struct {
	rounds  int
	only    string
	nodeint string
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
	flag.StringVar(&opt.only, "only", "verify,graph,run,start", "the `sections` to run, separated by commas")
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

// roles are what this program can be where it starts itself.
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
}

// choose returns the sections that names, separated by commas, name.
func choose(names string) ([]section, error) {
	var chosen []section
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(sections, func(s section) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no section %q: choose among verify, graph, run and start", name)
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

	host    *host
	root    string // the checkout
	tmp     string // a folder of this run's own
	nodeint string // the command

	checks  []check  // the bounds met so far
	missing []string // what could not be compared, and why
}

// run runs the sections that are asked for. What could be measured is printed
// whatever happens after.
func run(ctx context.Context, out, progress io.Writer, opt options) error {
	chosen, err := choose(opt.only)
	if err != nil {
		return err
	}
	if opt.rounds < 1 {
		return fmt.Errorf("-rounds is %d: at least one has to count", opt.rounds)
	}
	b := &bench{ctx: ctx, out: out, progress: progress, rounds: opt.rounds, nodeint: opt.nodeint}
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
	b.conclude()
	return nil
}

// say tells a person what goes on.
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

// lack notes what could not be compared.
func (b *bench) lack(format string, args ...any) {
	b.missing = append(b.missing, fmt.Sprintf(format, args...))
}

// conclude prints the bounds, and what was not compared.
func (b *bench) conclude() {
	b.print("## Bounds")
	list(b, b.checks)
	if len(b.missing) == 0 {
		return
	}
	b.print("## Not compared")
	list(b, b.missing)
}
