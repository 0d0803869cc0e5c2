package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/mapdiff"
	"github.com/nodeint/nodeint/integrity/output"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/project"
	"github.com/nodeint/nodeint/integrity/report"
)

// A reportOptions has the flags of reports. The zero value writes text.
type reportOptions struct {
	format  string
	outputs []string
}

// register adds the flags to a verb, with the formats that the verb has.
func (o *reportOptions) register(cmd *cobra.Command, formats []report.Format) {
	fs := cmd.Flags()
	fs.StringVar(&o.format, "format", "", "print the report in `FORMAT`: "+formatList(formats, ", ")+" (default text)")
	fs.StringArrayVar(&o.outputs, "output", nil, "also write the report to a file, as `FORMAT=FILE`; can be repeated")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formatNames(formats), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("output", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var list []string
		for _, name := range formatNames(formats) {
			if name != string(report.Text) {
				list = append(list, name+"=")
			}
		}
		return list, cobra.ShellCompDirectiveNoSpace
	})
}

func formatNames(formats []report.Format) []string {
	var names []string
	for _, f := range formats {
		names = append(names, string(f))
	}
	return names
}

func formatList(formats []report.Format, separator string) string {
	return strings.Join(formatNames(formats), separator)
}

// A reports writes the results of a verb as reports. A nil reports writes none.
type reports struct {
	format  report.Format
	outputs []reportFile
	github  bool          // also print annotations, and append to the summary of the job
	member  bool          // of a workspace: the results are written by the ui of the workspace
	checked bool          // outputs has only files that may be written
	guard   *output.Guard // nil before the project is known, or without outputs
	ui      *ui
	results []report.Result // that are complete

	command    string
	root, file string // the root and the map; may be empty
	verified   *integrity.Report
	generated  *integrity.Generated
	isCheck    bool
	outdated   *mapdiff.Report // what generate --check would change; nil if it has no packages
	diff       *mapdiff.Report
	diffs      []mapdiff.Member // of the members of a workspace
}

// A reportFile is a file to write.
type reportFile struct {
	format report.Format
	output.File
}

// openReports prepares the reports of a verb.
func (u *ui) openReports(command string, formats []report.Format, o reportOptions) error {
	r := &reports{ui: u, command: command, format: report.Text, github: os.Getenv("GITHUB_ACTIONS") == "true"}
	if o.format != "" {
		f, err := parseFormat("--format", o.format, formats)
		if err != nil {
			return err
		}
		if u.json && f != report.JSON {
			return usage("leave one of them out", "--json and --format %s exclude each other", f)
		}
		r.format = f
	}
	for _, text := range o.outputs {
		name, file, ok := strings.Cut(text, "=")
		if !ok || file == "" {
			return usage("use --output sarif=nodeint.sarif", "--output %q is not FORMAT=FILE", text)
		}
		f, err := parseFormat("--output", name, formats)
		if err != nil {
			return err
		}
		if f == report.Text {
			return usage("redirect the output: nodeint "+command+" > FILE", "--output does not write text")
		}
		if file, err = u.absolute(file); err != nil {
			return err
		}
		if slices.ContainsFunc(r.outputs, func(other reportFile) bool { return other.Path == file }) {
			return usage("choose another file", "two reports have the same file: %s", u.displayPath(file))
		}
		r.outputs = append(r.outputs, reportFile{f, output.File{Flag: "--output", What: "the report", Path: file}})
	}
	r.github = r.github && r.format == report.Text && !u.json
	u.json = u.json || r.format == report.JSON
	u.noText = r.format != report.Text && r.format != report.JSON
	u.reports = r
	return nil
}

func parseFormat(flag, name string, formats []report.Format) (report.Format, error) {
	if slices.Contains(formats, report.Format(name)) {
		return report.Format(name), nil
	}
	hint := "use one of " + formatList(formats, ", ")
	if near := project.Nearest(name, formatNames(formats)); near != "" {
		hint = "did you mean " + near + "?"
	}
	return "", usage(hint, "%s: unknown format %q", flag, name)
}

// locate records where the project is, and refuses files that a report must not replace.
func (r *reports) locate(p *project.Project, file string) error {
	if r == nil {
		return nil
	}
	r.root, r.file = p.Root, file
	return r.checkOutputs(p.Root, file)
}

// ofMaps is locate for a comparison, which needs no project: root and file may be "".
func (r *reports) ofMaps(root, file string) error {
	if r == nil {
		return nil
	}
	r.root, r.file = root, file
	if file == "" {
		return r.checkOutputs(root)
	}
	return r.checkOutputs(root, file)
}

// checkOutputs drops the files that a report of a project must not replace, and returns an
// error if there are any. root is "" if the project is not known.
func (r *reports) checkOutputs(root string, maps ...string) error {
	if r == nil || r.member || len(r.outputs) == 0 {
		return nil
	}
	r.checked = true
	r.guard = r.ui.guard(root, maps...)
	return r.dropRefused()
}

// dropRefused drops the outputs that the guard refuses, and returns the first error.
func (r *reports) dropRefused() error {
	var failed error
	r.outputs = slices.DeleteFunc(r.outputs, func(o reportFile) bool {
		err := r.guard.Check(o.File)
		failed = cmp.Or(failed, err)
		return err != nil
	})
	return failed
}

// ofMember returns the reports for a member of a workspace.
func (r *reports) ofMember() *reports {
	if r.isEmpty() {
		return nil
	}
	return &reports{command: r.command, outputs: r.outputs, member: true}
}

// setVerified records the result of verify.
func (r *reports) setVerified(v *integrity.Report) {
	if r != nil {
		r.verified = v
	}
}

// setDiff records the result of diff.
func (r *reports) setDiff(d *mapdiff.Report) {
	if r != nil {
		r.diff = d
	}
}

// addMember adds the results of a member of the workspace.
func (r *reports) addMember(dir string, of *reports) {
	if of == nil {
		return
	}
	r.results = append(r.results, of.results...)
	if of.diff != nil {
		r.diffs = append(r.diffs, mapdiff.Member{Dir: dir, Report: of.diff})
	}
}

// setGenerated records the result of generate, and how its map differs from the old one, if
// that is known. It returns an error if the new map would pin a report.
func (r *reports) setGenerated(g *integrity.Generated, diff *mapdiff.Report, isCheck bool) error {
	if r == nil {
		return nil
	}
	r.generated, r.outdated, r.isCheck = g, diff, isCheck
	if len(r.outputs) == 0 || r.member {
		return nil
	}
	if err := r.guard.AddText(g.Map, string(g.Text)); err != nil {
		return err
	}
	return r.dropRefused()
}

// isEmpty reports whether nothing is to be written beside text or JSON.
func (r *reports) isEmpty() bool {
	return r == nil || !r.member && !r.github && len(r.outputs) == 0 && (r.format == report.Text || r.format == report.JSON)
}

// wants reports whether a report of the format is to be made.
func (r *reports) wants(f report.Format) bool {
	return r != nil && (r.format == f || slices.ContainsFunc(r.outputs, func(o reportFile) bool { return o.format == f }))
}

// writeReports writes the reports, and returns the exit status: a report that could not be
// written is a failure, and otherwise reports do not change the status.
func (u *ui) writeReports(exit int, f failure) int {
	r := u.reports
	if r.isEmpty() {
		return exit
	}
	if len(r.results) == 0 { // otherwise they are those of the members of a workspace
		r.results = append(r.results, r.result(exit, f))
	}
	if r.member {
		return exit
	}
	switch {
	case u.noText && r.format == report.GitHub:
		_, _ = u.stdout.Write(r.render(r.format)) // these are commands
	case u.noText:
		_, _ = u.out.Write(r.render(r.format)) // Flush returns its error
	}
	if !r.checked { // the command failed before it had found the project
		if err := r.checkOutputs(""); err != nil {
			u.printError(explain(err))
		}
	}
	for _, o := range r.outputs {
		text := u.docText()
		if o.format != report.JSON {
			text = r.render(o.format)
		}
		if err := o.Write(text); err != nil {
			e := explain(err)
			u.printError(e)
			exit = cmp.Or(exit, e.exit)
		}
	}
	if r.github {
		u.annotate(r)
	}
	return exit
}

// render returns the report. The Markdown of a comparison is its own.
func (r *reports) render(f report.Format) []byte {
	switch {
	case f != report.Markdown:
	case r.diff != nil:
		return []byte(r.diff.Markdown())
	case len(r.diffs) > 0:
		return []byte(mapdiff.MembersMarkdown(r.diffs))
	}
	return report.Render(f, r.results)
}

// annotate prints annotations for GitHub, and appends to the summary of the job. What
// fails is no reason for another exit status: the log has everything.
func (u *ui) annotate(r *reports) {
	_ = u.out.Flush() // finish returns its error
	_, _ = u.stdout.Write(r.render(report.GitHub))
	file := os.Getenv("GITHUB_STEP_SUMMARY")
	if file == "" {
		return
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o666)
	if err == nil {
		_, err = f.Write(append(r.render(report.Markdown), '\n'))
		err = cmp.Or(err, f.Close())
	}
	if err != nil {
		fmt.Fprintln(u.err, "nodeint: cannot write the summary of the job:", escape(err.Error()))
	}
}

// result converts what the verb found.
func (r *reports) result(exit int, f failure) report.Result {
	base := repositoryOf(r.root)
	out := report.Result{
		Command: r.command, Version: readVersions().Nodeint, Exit: exit,
		Prefix: below(base, r.root), MapFile: below(base, r.file),
	}
	if f.exit != 0 {
		out.Failure = &report.Failure{Code: f.Code, Message: f.Message, Want: f.Want, Got: f.Got, Hint: f.Hint}
	}
	switch {
	case r.verified != nil:
		r.addVerified(&out)
	case r.generated != nil:
		r.addGenerated(&out)
	case r.diff != nil:
		r.addDiff(&out)
	}
	if out.Map != nil && r.wants(report.HTML) {
		out.Map.Measure(func(file string) (int64, bool) {
			info, err := os.Lstat(filepath.Join(r.root, filepath.FromSlash(file)))
			if err != nil {
				return 0, false
			}
			return info.Size(), info.Mode().IsRegular()
		})
	}
	return out
}

func (r *reports) addVerified(out *report.Result) {
	v := r.verified
	out.Findings, out.Gaps, out.Notes = v.Findings, v.Gaps, v.Notes
	for _, p := range v.LeftOut {
		out.LeftOut = append(out.LeftOut, p.Path)
	}
	out.Digest, out.Coverage = v.Digest, string(v.Coverage)
	out.Checked, out.Packages, out.Bytes, out.MS = v.Summary.Checked, v.Summary.Packages, v.Summary.Bytes, v.Summary.MS
	out.Map, _ = report.ReadMap(v.Map) // verify has read the same map: only places are from here
}

func (r *reports) addGenerated(out *report.Result) {
	g := r.generated
	out.Findings, out.Gaps, out.Notes = g.Findings, g.Gaps, g.Notes
	out.Digest, out.Coverage = g.Digest, string(g.Coverage)
	out.Checked, out.Packages, out.Bytes, out.MS = g.Summary.Checked, g.Summary.Packages, g.Summary.Bytes, g.Summary.MS
	text := g.Text
	if r.isCheck {
		switch {
		case g.Old == nil:
			out.Failure = cmp.Or(out.Failure, &report.Failure{Code: problem.MapMissing, Message: "the map does not exist yet", Hint: "nodeint generate"})
		case g.Conflict:
			out.Failure = cmp.Or(out.Failure, &report.Failure{Code: problem.MapConflict, Message: "the map has conflict markers", Hint: "nodeint generate"})
		default:
			r.addOutdated(out)
			text = g.Old // the map that is committed has the lines
		}
	}
	out.Map, _ = report.ParseMap(g.Map, string(text))
}

// addOutdated adds what generate --check would change: the files of packages by package, as
// diff does, and everything else one by one.
func (r *reports) addOutdated(out *report.Result) {
	for _, c := range r.generated.Changes {
		if r.outdated == nil || len(r.generated.Findings) > 0 || !strings.Contains(c.Path, "/node_modules/") {
			out.Changes = append(out.Changes, report.Change{Kind: c.Kind, Key: c.Path})
		}
	}
	if r.outdated == nil || len(r.generated.Findings) > 0 {
		return
	}
	out.Summary = "the map is out of date: " + r.outdated.Summary()
	for i := range r.outdated.Packages {
		p := &r.outdated.Packages[i]
		about := aboutPackage(p)
		if !p.Own {
			about.Code, about.Text, about.Items = report.Outdated, "the map is out of date: "+about.Text, p.Changed
			out.Remarks = append(out.Remarks, about)
		}
		out.Remarks = appendRemarks(out.Remarks, about, p)
	}
}

// aboutPackage returns a remark with the number of files of a package that differ.
func aboutPackage(p *mapdiff.Package) report.Remark {
	about := report.Remark{Code: "package-" + string(p.Kind), Owner: p.Title(), Text: p.Counts()}
	if !p.Own && len(p.Dirs) > 0 {
		about.Dir = strings.TrimPrefix(p.Dirs[0], "./")
	}
	return about
}

// appendRemarks appends the remarks about a package.
func appendRemarks(list []report.Remark, about report.Remark, p *mapdiff.Package) []report.Remark {
	for _, remark := range p.Remarks {
		about.Code, about.Text, about.Items, about.Alert = remark.Code, remark.Text, remark.Items, remark.Alert
		list = append(list, about)
	}
	return list
}

// addDiff adds one remark for each package that differs, and then those about it.
func (r *reports) addDiff(out *report.Result) {
	d := r.diff
	out.Summary = d.Old.Name + " → " + d.New.Name + ": " + d.Summary()
	out.Notes = d.Notes
	out.Digest, out.Checked, out.Packages = d.New.Digest, d.New.Files, d.New.Packages
	for i := range d.Settings {
		s := &d.Settings[i]
		out.Remarks = append(out.Remarks, report.Remark{Code: mapdiff.SettingChanged, Text: s.Text(escape), Alert: s.Alert})
	}
	for i := range d.Names {
		out.Remarks = append(out.Remarks, report.Remark{Code: mapdiff.NameChanged, Text: d.Names[i].Text(escape), Alert: true})
	}
	for i := range d.Packages {
		p := &d.Packages[i]
		about := aboutPackage(p)
		out.Remarks = appendRemarks(append(out.Remarks, about), about, p)
	}
	if r.file != "" {
		out.Map, _ = report.ReadMap(r.file) // without it, there are no lines
	}
}

// repositoryOf returns the directory that paths in reports are relative to: the checkout of
// the CI server, else the nearest directory above that git manages, else the root itself.
func repositoryOf(root string) string {
	if root == "" {
		return ""
	}
	for _, name := range []string{"GITHUB_WORKSPACE", "CI_PROJECT_DIR"} {
		if dir, err := filepath.EvalSymlinks(os.Getenv(name)); err == nil && filepath.IsAbs(dir) && isBelow(root, dir) {
			return dir
		}
	}
	for dir := root; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return root
		}
	}
}

// below returns the path of a file relative to base, slash-separated; "" if it is not below.
func below(base, file string) string {
	if base == "" || file == "" {
		return ""
	}
	rel, err := filepath.Rel(base, file)
	if err != nil || !filepath.IsLocal(rel) || rel == "." {
		return ""
	}
	return filepath.ToSlash(rel)
}
