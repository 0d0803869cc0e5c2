package launch

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/nodeint/nodeint/integrity/internal/confine"
	"github.com/nodeint/nodeint/integrity/problem"
)

// ReadOnly says which files the system protects from node and its children. They can write
// neither below Root nor any file that they may execute. They may execute node, the
// system's programs, and the programs in Programs.
type ReadOnly struct {
	Root     string   // absolute, without links
	Writable []string // directories and files that may be written all the same: absolute, without links
	Programs []string // absolute paths, without links, of pinned files that may be executed
	Protect  []string // absolute paths of further files and directories that must not be written
}

// CheckReadOnly returns an error if the system cannot make a tree read-only.
func CheckReadOnly() error {
	if err := confine.CheckReadOnly(); err != nil {
		return problem.BadUsage("leave out --read-only, and mount the directory read-only", "--read-only is not possible here: %w", err)
	}
	return nil
}

// systemDirs are the directories of programs, libraries and settings of the system.
var systemDirs = []string{"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/usr", "/nix/store", "/gnu/store"}

// protectedDirs are directories that a program has no reason to write. Through /proc it
// could change its own code and that of its children.
var protectedDirs = []string{"/boot", "/etc", "/proc", "/sys"}

// policy returns the policy of the system. A nil ReadOnly has none.
func (r *ReadOnly) policy(p *Program) *confine.ReadOnly {
	if r == nil {
		return nil
	}
	policy := &confine.ReadOnly{
		Protect: slices.Concat([]string{r.Root}, protectedDirs, r.Protect),
		Write:   r.Writable,
	}
	node, _ := filepath.Abs(p.Node)
	for _, file := range slices.Concat([]string{node}, r.Programs, systemDirs, systemPath()) {
		if real, err := filepath.EvalSymlinks(file); err == nil {
			policy.Execute = append(policy.Execute, real)
		}
	}
	policy.Protect = append(policy.Protect, node) // it may be a link
	if self, err := os.Executable(); err == nil {
		policy.Protect = append(policy.Protect, self)
	}
	return policy
}

// systemPath returns the directories of PATH that belong to the system: only root can
// write them and every directory above them.
func systemPath() []string {
	var dirs []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if real, err := filepath.EvalSymlinks(dir); err == nil && filepath.IsAbs(dir) && rootOwns(real) {
			dirs = append(dirs, real)
		}
	}
	return dirs
}
