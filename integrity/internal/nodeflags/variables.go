package nodeflags

import (
	"slices"
	"strings"
	"sync"
)

// A Scope says for which processes a variable of the environment is fixed: they have the
// value with which nodeint was started, or none.
type Scope string

const (
	Removed  Scope = "removed"  // node and its children do not get it
	Children Scope = "children" // every child: it may start a node, or be one
	Nodes    Scope = "nodes"    // children that are node; for other programs it is their own affair
	Free     Scope = "free"     // none: the variable does not decide which code runs
)

// A Variable is a row of the table of variables that node, its libraries and the
// system's loader read.
type Variable struct {
	Name   string // a name that ends in "*" stands for all names that begin so
	Scope  Scope
	Reason string // follows "NAME: "
}

// variables is the table. Each row has one or more names.
var variables = []struct {
	names  string
	scope  Scope
	reason string
}{
	{"OPENSSL_CONF OPENSSL_CONF_INCLUDE", Children, "OpenSSL's configuration can load libraries that the map does not cover"},
	{"OPENSSL_ENGINES OPENSSL_MODULES", Children, "OpenSSL loads libraries from this directory"},
	{"NODE_PRESERVE_SYMLINKS NODE_PRESERVE_SYMLINKS_MAIN", Children, "files then have the paths of links, and the map has the real paths"},
	{"LD_*", Nodes, "the system's loader loads libraries by it that the map does not cover"},
	{"DYLD_*", Nodes, "the system's loader loads libraries by it that the map does not cover"},
	{"GCONV_PATH", Nodes, "the C library loads converters from this directory"},
	{"NODE_COMPILE_CACHE NODE_COMPILE_CACHE_PORTABLE NODE_COMPILE_CACHE_READONLY", Removed, "the content of the compile cache is not the source that was checked"},
	{"NODE_REPL_EXTERNAL_MODULE", Removed, "node runs this module in place of its own terminal"},

	{"NODE_OPTIONS NODE_DISABLE_COMPILE_CACHE", Free, "nodeint sets it, and checks the flags of NODE_OPTIONS"},
	{"NODE_PATH", Free, "the map names its directories, and what is found there must be pinned"},
	{"NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED NODE_USE_ENV_PROXY NODE_USE_SYSTEM_CA SSL_CERT_DIR SSL_CERT_FILE", Free, "it decides whom TLS trusts; node loads no code from the network"},
	{"NODE_ICU_DATA ICU_TIMEZONE_FILES_DIR TZ", Free, "data about languages and times, not code"},
	{"NODE_V8_COVERAGE NODE_REDIRECT_WARNINGS NODE_REPL_HISTORY", Free, "node writes there; the system's permissions apply"},
	{"NODE_CHANNEL_FD NODE_CHANNEL_SERIALIZATION_MODE NODE_UNIQUE_ID NODE_CLUSTER_SCHED_POLICY NODE_PENDING_PIPE_INSTANCES NODE_TEST_CONTEXT NODE_BENCH_CONTEXT NODE_BENCH_FILE_RUN_ID NODE_BENCH_RUN_ID WATCH_REPORT_DEPENDENCIES", Free, "a parent's channel to its child"},
	{"NODE_DEBUG NODE_DEBUG_NATIVE NODE_NO_WARNINGS NODE_PENDING_DEPRECATION NODE_DISABLE_COLORS NO_COLOR FORCE_COLOR NODE_SKIP_PLATFORM_CHECK UV_THREADPOOL_SIZE UV_USE_IO_URING RES_OPTIONS CARES_HOSTS", Free, "messages, threads and names of hosts"},
}

// Variables returns the table, a row for each name. The caller must not change it.
func Variables() []Variable { return rows() }

var rows = sync.OnceValue(func() []Variable {
	var all []Variable
	for _, row := range variables {
		for _, name := range strings.Fields(row.names) {
			all = append(all, Variable{name, row.scope, row.reason})
		}
	}
	return all
})

// matches reports whether the row is about the variable with this name.
func (v Variable) matches(name string) bool {
	if prefix, ok := strings.CutSuffix(v.Name, "*"); ok {
		return strings.HasPrefix(name, prefix)
	}
	return name == v.Name
}

// variable returns the row for a name. Variables without a row are Free.
func variable(name string) Variable {
	for _, v := range Variables() {
		if v.matches(name) {
			return v
		}
	}
	return Variable{name, Free, ""}
}

// IsRemoved reports whether node and its children do not get the variable.
func IsRemoved(name string) bool { return variable(name).Scope == Removed }

// A Fixed is a variable that children must not have with another value than nodeint.
type Fixed struct {
	Name   string  `json:"name"`  // as in Variable
	Nodes  bool    `json:"nodes"` // only children that are node
	Value  *string `json:"value"` // with which nodeint was started; nil for none
	Reason string  `json:"reason"`
}

// FixedVariables returns the fixed variables, with their values in env. Those with a value
// come before the pattern that matches their names.
func FixedVariables(env []string) []Fixed {
	fixed := []Fixed{} // not null in JSON
	for _, v := range Variables() {
		if v.Scope != Children && v.Scope != Nodes {
			continue
		}
		row := Fixed{Name: v.Name, Nodes: v.Scope == Nodes, Reason: v.Reason}
		for _, pair := range env {
			name, value, _ := strings.Cut(pair, "=")
			if v.matches(name) {
				row.Name, row.Value = name, &value
				fixed = append(fixed, row)
			}
		}
		row.Name, row.Value = v.Name, nil
		if strings.HasSuffix(v.Name, "*") || !slices.ContainsFunc(fixed, func(f Fixed) bool { return f.Name == v.Name }) {
			fixed = append(fixed, row)
		}
	}
	return fixed
}

// Changed returns the first variable of the environment of a child that the child must not
// have, or nil. node says whether the child is node.
func Changed(fixed []Fixed, env []string, node bool) *Fixed {
	for _, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		for i := range fixed {
			f := &fixed[i]
			if f.Nodes && !node || !(Variable{Name: f.Name}).matches(name) {
				continue
			}
			if f.Value == nil || *f.Value != value {
				return &Fixed{name, f.Nodes, f.Value, f.Reason}
			}
			break
		}
	}
	return nil
}
