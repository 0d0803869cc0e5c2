// Package policy takes over a policy file of Node.js into an import map. Package
// policyfile specifies the format, and what a map can say of it.
//
// The files are compared with the digests of the policy first. If one differs, there is
// nothing to take over. Entries of an existing map stay. The new ones are entries that
// generate keeps.
package policy

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/atomic"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/policyfile"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/problem"
)

// maxSize is the size limit of a policy file, in bytes.
const maxSize = 64 << 20

// Options are the options of Import. The paths are absolute.
type Options struct {
	File       string
	Root       string // of the map
	Map        string
	Integrity  string   // metadata of the policy file, or ""
	Conditions []string // those of the program, beside those that Node.js always has
}

// A Left is a part of a policy that a map cannot say.
type Left = policyfile.Left

// An Imported is the result of Import.
type Imported struct {
	File      string `json:"file"`
	Digests   int    `json:"digests"`   // entries of integrity
	Redirects int    `json:"redirects"` // entries of imports and scopes
	Left      []Left `json:"left"`

	Findings []problem.Finding `json:"-"` // files that differ; then there is no text
	Same     bool              `json:"-"` // whether the map has all entries already
	Digest   string            `json:"-"` // the tree digest; "" if the map has no member nodeint

	file string
	text []byte
}

// Weaker counts the parts of the policy that forbid something that the map does not.
func (i *Imported) Weaker() int {
	n := 0
	for _, l := range i.Left {
		if l.Weaker {
			n++
		}
	}
	return n
}

// Import reads a policy file and the files that it names, and returns what the map will
// have. It writes nothing.
func Import(ctx context.Context, opt Options) (*Imported, error) {
	policy, base, err := read(opt)
	if err != nil {
		return nil, err
	}
	was, err := readMap(opt.Map)
	if err != nil {
		return nil, err
	}
	result := policy.Convert(base, opt.Conditions)
	findings, err := compare(ctx, opt.Root, policy, result, was)
	if err != nil {
		return nil, err
	}
	pinned := make(map[string]bool)
	for _, p := range result.Pins {
		pinned[p.Path] = true
	}
	result.LeaveRedirects(policy, func(path string) bool { return pinned[path] || was.files[path].String() != "" })
	out := &Imported{
		File: opt.File, Digests: len(result.Pins), Redirects: len(result.Redirects),
		Left: append([]Left{}, result.Left...), Findings: findings, file: opt.Map,
	}
	if len(findings) > 0 {
		return out, nil
	}
	return out, out.add(was, result)
}

// Write writes the map, whole or not at all. It keeps the mode of an existing map.
func (i *Imported) Write() error {
	if err := atomic.Write(i.file, i.text); err != nil {
		return atomic.Problem(i.file, "the map", err)
	}
	return nil
}

// unusable returns an error about a policy file.
func unusable(file, hint, format string, args ...any) error {
	return problem.New(problem.Usage, problem.CodePolicy, file, hint, format, args...)
}

func read(opt Options) (*policyfile.Policy, policyfile.Base, error) {
	none := policyfile.Base{}
	text, err := safefile.Read(opt.File, maxSize)
	var kind *safefile.KindError
	switch {
	case err == nil:
	case safefile.IsAbsent(err):
		return nil, none, unusable(opt.File, "give the path of the file of --experimental-policy", "the policy file %s does not exist", opt.File)
	case errors.As(err, &kind), errors.Is(err, safefile.ErrTooLarge):
		return nil, none, unusable(opt.File, "give the path of the file of --experimental-policy", "reading the policy file: %w", err)
	default:
		return nil, none, problem.NotChecked(opt.File, "", "reading the policy file: %w", err)
	}
	if opt.Integrity != "" {
		md, err := hasher.ParseMetadata(opt.Integrity)
		if err != nil {
			return nil, none, problem.BadUsage("use the value that node had: --policy-integrity sha384-…", "--policy-integrity: %w", err)
		}
		if got := hasher.Sum(md.Algorithms(), text); !md.Match(got) {
			return nil, none, problem.New(problem.Untrusted, problem.CodePolicy, opt.File, "restore the policy file from its source",
				"the policy file %s does not match --policy-integrity", opt.File).Compare(md.String(), hasher.Format(got))
		}
	}
	policy, err := policyfile.Read(filepath.Base(opt.File), text)
	if err != nil {
		return nil, none, unusable(opt.File, "use a file that node --experimental-policy accepts", "%w", err)
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(opt.File))
	if err != nil {
		return nil, none, problem.NotChecked(opt.File, "", "%w", err)
	}
	return policy, policyfile.Base{Dir: urlPath(dir), Root: urlPath(opt.Root)}, nil
}

// urlPath returns an absolute path as the path of a file: URL has it.
func urlPath(abs string) string { return "/" + strings.TrimPrefix(filepath.ToSlash(abs), "/") }

// An oldMap is the existing map.
type oldMap struct {
	text  string
	doc   *importmap.Document // nil if there is none
	files map[string]hasher.Metadata
}

func readMap(file string) (oldMap, error) {
	text, doc, err := mapfile.ReadExisting(file)
	if err != nil || doc == nil {
		return oldMap{}, err
	}
	was := oldMap{text: text, doc: doc, files: make(map[string]hasher.Metadata)}
	if len(was.doc.Integrity) == 0 {
		return was, nil
	}
	m, err := mapfile.Parse(file, was.doc)
	if err != nil {
		return was, err
	}
	if m.Version == 1 {
		return was, problem.BadUsage("run nodeint generate", "the map %s has the older version 1", file)
	}
	for _, p := range m.Pinned {
		was.files[p.Path] = p.Metadata
	}
	return was, nil
}

// compare compares the files of the result with its digests, and with those of the map.
func compare(ctx context.Context, root string, policy *policyfile.Policy, result *policyfile.Result, was oldMap) ([]problem.Finding, error) {
	jobs := make([]hasher.Job, len(result.Pins))
	for i, p := range result.Pins {
		set := p.Metadata.Algorithms()
		for _, a := range was.files[p.Path].Algorithms().Algorithms() {
			set = set.With(a)
		}
		jobs[i] = hasher.Job{Path: p.Path, Algorithms: set}
	}
	results, err := hasher.Files(ctx, root, jobs, hasher.Options{})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, problem.NotChecked(root, "", "hashing: %w", err)
	}
	absent := make(map[string]bool)
	var findings []problem.Finding
	for i, r := range results {
		p := result.Pins[i]
		var kind *hasher.KindError
		switch {
		case safefile.IsAbsent(r.Err), errors.As(r.Err, &kind):
			absent[p.Path] = true
			continue
		case r.Err != nil:
			return nil, problem.NotChecked(p.Path, "make this file readable", "hashing: %w", r.Err)
		}
		for _, want := range []struct {
			hasher.Metadata
			detail string
		}{{p.Metadata, "the digest is that of the policy"}, {was.files[p.Path], "the digest is that of the map"}} {
			if want.String() != "" && !want.Match(r.Digests) {
				findings = append(findings, problem.Finding{Code: problem.Mismatch, Path: p.Path, Want: want.String(), Got: hasher.Format(r.Digests), Detail: want.detail})
			}
		}
	}
	result.LeavePins(policy, func(path string) bool { return !absent[path] })
	return problem.SortFindings(findings), nil
}

// add makes the text of the map with the entries of the result.
func (i *Imported) add(was oldMap, result *policyfile.Result) error {
	names := mapfile.Names{Imports: mapfile.Specifiers{}, Scopes: make(map[string]mapfile.Specifiers)}
	for _, r := range result.Redirects {
		to := names.Imports
		if r.Scope != "" {
			if to = names.Scopes[r.Scope]; to == nil {
				to = mapfile.Specifiers{}
				names.Scopes[r.Scope] = to
			}
		}
		to[r.Specifier] = r.Address()
	}
	entries := make([]importmap.Entry, len(result.Pins))
	for n, p := range result.Pins {
		entries[n] = importmap.Entry{Key: mapfile.KeyOf(p.Path), Value: p.Metadata.String()}
	}
	doc, err := mapfile.AddKept(was.doc, names, entries)
	if conflict, ok := errors.AsType[*mapfile.ConflictError](err); ok {
		return problem.BadUsage("remove that entry from "+i.file+", or change the policy",
			"%s of the map is %s, but in the policy the name means %q", conflict.Place(), conflict.Is, conflict.Want)
	}
	if err != nil {
		return problem.NotChecked(i.file, "", "writing the map: %w", err)
	}
	i.text, i.Digest = doc.Format(), ""
	if _, ok := doc.Member(mapfile.MemberName); ok {
		i.Digest = mapfile.DigestOf(doc)
	}
	i.Same = was.doc != nil && bytes.Equal(i.text, []byte(was.text)) || len(result.Pins)+len(result.Redirects) == 0
	return nil
}
