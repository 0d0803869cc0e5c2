package nodeflags

import (
	"encoding/json"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// The table has a row for each variable that node --help names.
func TestVariablesOfNode(t *testing.T) {
	for _, major := range []int{22, 24, 26} {
		out, err := exec.Command(testenv.Node(t, major), "--help").Output()
		if err != nil {
			t.Fatal(err)
		}
		_, list, found := strings.Cut(string(out), "Environment variables:")
		names := regexp.MustCompile(`(?m)^([A-Z][A-Z0-9_]+)(?:\s|$)`).FindAllStringSubmatch(list, -1)
		if !found || len(names) < 10 {
			t.Fatalf("node %d: --help lists %d variables", major, len(names))
		}
		for _, name := range names {
			if variable(name[1]).Reason == "" {
				t.Errorf("node %d: no row for %s", major, name[1])
			}
		}
	}
}

func TestVariable(t *testing.T) {
	tests := map[string]Scope{
		"OPENSSL_CONF": Children, "OPENSSL_CONF_INCLUDE": Children, "OPENSSL_CONFX": Free,
		"LD_PRELOAD": Nodes, "LD_AUDIT": Nodes, "LD_": Nodes, "LDX": Free, "DYLD_INSERT_LIBRARIES": Nodes,
		"NODE_COMPILE_CACHE": Removed, "NODE_EXTRA_CA_CERTS": Free, "PATH": Free, "": Free,
	}
	for name, want := range tests {
		if got := variable(name).Scope; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	seen := make(map[string]bool)
	for _, v := range Variables() {
		if v.Reason == "" || seen[v.Name] {
			t.Errorf("%s: no reason, or two rows", v.Name)
		}
		seen[v.Name] = true
	}
}

// A child may have the values with which nodeint was started, and no others.
func TestChanged(t *testing.T) {
	fixed := FixedVariables([]string{"OPENSSL_CONF=/etc/own.cnf", "LD_PRELOAD=/usr/lib/jemalloc.so", "HOME=/"})
	tests := []struct {
		env  string // pairs between spaces
		node bool
		want string // the name of the variable, or ""
	}{
		{"HOME=/x PATH=/bin", true, ""},
		{"OPENSSL_CONF=/etc/own.cnf LD_PRELOAD=/usr/lib/jemalloc.so", true, ""},
		{"OPENSSL_CONF=/tmp/evil.cnf", true, "OPENSSL_CONF"},
		{"OPENSSL_CONF=/tmp/evil.cnf", false, "OPENSSL_CONF"},
		{"OPENSSL_CONF=", false, "OPENSSL_CONF"},
		{"OPENSSL_MODULES=/tmp", false, "OPENSSL_MODULES"},
		{"LD_PRELOAD=/tmp/evil.so", true, "LD_PRELOAD"},
		{"LD_AUDIT=/tmp/evil.so", true, "LD_AUDIT"},
		{"LD_PRELOAD=/tmp/evil.so", false, ""},
		{"OPENSSL_CONF=/etc/own.cnf OPENSSL_CONF=/tmp/evil.cnf", true, "OPENSSL_CONF"},
	}
	for _, tt := range tests {
		got := ""
		if v := Changed(fixed, strings.Fields(tt.env), tt.node); v != nil {
			got = v.Name
		}
		if got != tt.want {
			t.Errorf("%s, node %t: %q, want %q", tt.env, tt.node, got, tt.want)
		}
	}
}

// The preload reads this form.
func TestFixedJSON(t *testing.T) {
	text, err := json.Marshal(FixedVariables([]string{"LD_PRELOAD=/x.so"}))
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	byName := make(map[string]any)
	for _, row := range rows {
		byName[row["name"].(string)] = row["value"]
	}
	want := map[string]any{"LD_PRELOAD": "/x.so", "LD_*": nil, "OPENSSL_CONF": nil}
	for name := range byName {
		if _, ok := want[name]; !ok {
			delete(byName, name)
		}
	}
	if diff := cmp.Diff(want, byName); diff != "" {
		t.Error(diff)
	}
}
