package report

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/nodeint/nodeint/integrity/problem"
)

// maxBars is the number of packages in the chart.
const maxBars = 15

// maxItems is the number of findings, and of gaps, that a page lists.
const maxItems = 1000

//go:embed page.html
var pageText string

var pageTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("page").Parse(pageText)) })

// A view is what page.html shows of a result.
type view struct {
	Title, Verdict, Digest, Coverage, Version string
	OK                                        bool
	Numbers                                   []number
	Findings, Gaps                            []viewItem
	MoreFindings, MoreGaps                    int // that are not listed
	Bars                                      []bar
	Unit                                      string // of the bars: "size" or "number of files"
	Packages                                  []viewPackage
	Notes                                     []string
}

type number struct{ Value, Name string }

type viewItem struct {
	Code, Level, Path, Owner, Message, Help, URL string
	Details                                      []viewDetail
}

type viewDetail struct{ Name, Text string }

type bar struct {
	Name, Value, Class string
	Width              string // percent of the longest bar
}

type viewPackage struct {
	Name, Dir, Class, Install, Size, Files, Unit string
	Powers                                       []string
	Differs, LeftOut                             bool
}

// page returns a page that needs no other file and runs no script.
func page(results []Result) []byte {
	var views []view
	for i := range results {
		views = append(views, results[i].view())
	}
	var b bytes.Buffer
	if err := pageTemplate().Execute(&b, views); err != nil {
		panic("report: page.html: " + err.Error()) // the template does not fit the types
	}
	return bytes.ReplaceAll(b.Bytes(), []byte("##"), []byte("&#35;#"))
}

func (r *Result) view() view {
	items := r.items()
	v := view{
		Title: r.title(), Verdict: sentence(r.verdict()), Digest: Printable(r.Digest), Coverage: r.Coverage, Version: r.Version,
		OK: r.Exit == 0,
	}
	for _, it := range bySeverity(items) {
		list, more := &v.Findings, &v.MoreFindings
		if isGap(&it, r) {
			list, more = &v.Gaps, &v.MoreGaps
		}
		if len(*list) == maxItems {
			*more++
			continue
		}
		*list = append(*list, it.view())
	}
	for _, n := range r.Notes {
		v.Notes = append(v.Notes, Printable(n))
	}
	v.Numbers = []number{
		{strconv.Itoa(len(v.Findings) + v.MoreFindings), "findings"}, {strconv.Itoa(len(r.Gaps)), "gaps"},
		{strconv.Itoa(r.Packages), "packages"}, {strconv.Itoa(r.Checked), "files"},
	}
	if r.Bytes > 0 {
		v.Numbers = append(v.Numbers, number{size(r.Bytes), "pinned"})
	}
	if r.Map != nil {
		v.Bars, v.Unit = bars(r.Map.packages)
		v.Packages = r.viewPackages(items)
	}
	return v
}

// isGap reports whether an item is a gap of the result.
func isGap(i *item, r *Result) bool {
	return slices.ContainsFunc(r.Gaps, func(g problem.Gap) bool { return g.Reason == i.code })
}

func (i *item) view() viewItem {
	v := viewItem{Code: i.code, Level: i.level.sarif(), Path: i.path, Owner: i.owner, Message: sentenceStart(i.message)}
	for _, r := range rules() {
		if r.code == i.code {
			v.Help, v.URL = sentence(plain(r.todo)), pages+"findings.md#"+r.anchor
		}
	}
	for _, d := range i.details {
		v.Details = append(v.Details, viewDetail{d.name, d.text})
	}
	if i.dir == "" && i.level != levelError && i.place.line > 0 {
		at := fmt.Sprintf("%s:%d", Printable(i.place.file), i.place.line)
		v.Details = append([]viewDetail{{"at", at}}, v.Details...)
	}
	return v
}

// bars returns the largest packages, and one bar for the others together.
func bars(packages []Package) (list []bar, unit string) {
	value, unit := func(p *Package) int64 { return p.Bytes }, "size"
	if !slices.ContainsFunc(packages, func(p Package) bool { return p.Bytes > 0 }) {
		value, unit = func(p *Package) int64 { return int64(len(p.Files)) }, "number of files"
	}
	sorted := slices.Clone(packages)
	slices.SortStableFunc(sorted, func(a, b Package) int { return cmp.Compare(value(&b), value(&a)) })
	show := func(n int64) string {
		if unit == "size" {
			return size(n)
		}
		return count(int(n), "file")
	}
	most := int64(1)
	add := func(name, class string, n int64) {
		list = append(list, bar{Name: name, Value: show(n), Class: class, Width: fmt.Sprintf("%.1f", 100*float64(n)/float64(most))})
	}
	rest := int64(0)
	for i := range sorted {
		rest += value(&sorted[i])
	}
	total := rest
	if len(sorted) > 0 {
		most = max(value(&sorted[0]), 1)
	}
	for i := range sorted[:min(len(sorted), maxBars)] {
		rest -= value(&sorted[i])
	}
	most = max(most, rest)
	for i := range sorted[:min(len(sorted), maxBars)] {
		p := &sorted[i]
		class := "installed"
		if p.isOwn() {
			class = "own"
		}
		add(p.title(), class, value(p))
	}
	if n := len(sorted) - maxBars; n > 0 && total > 0 {
		add(count(n, "other package"), "rest", rest)
	}
	return list, unit
}

// isOwn reports whether a package is the project's own code.
func (p *Package) isOwn() bool { return !strings.Contains("/"+p.Dir+"/", "/node_modules/") }

// title names a package.
func (p *Package) title() string {
	if p.Name != "" {
		return Printable(p.Name)
	}
	if p.Dir != "" {
		return Printable(p.Dir)
	}
	return ownFiles
}

func (r *Result) viewPackages(items []item) []viewPackage {
	differs := make(map[string]bool)
	for i := range items {
		if items[i].level == levelError && items[i].path != "" {
			differs[items[i].dir] = true
		}
	}
	var list []viewPackage
	for i := range r.Map.packages {
		p := &r.Map.packages[i]
		v := viewPackage{
			Name: p.title(), Dir: Printable(p.Dir), Class: p.Class, Install: p.Install,
			Files: strconv.Itoa(len(p.Files)), Unit: "files", Powers: p.Powers, Differs: differs[r.Map.packageDir(p.Dir+"/x")] && !p.isOwn() || p.isOwn() && differs[""],
		}
		v.LeftOut = slices.Contains(r.LeftOut, p.Dir)
		if len(p.Files) == 1 {
			v.Unit = "file"
		}
		if p.Bytes > 0 {
			v.Size = size(p.Bytes)
		}
		list = append(list, v)
	}
	return list
}

// size returns a number of bytes for a person: "1.2 MB".
func size(n int64) string {
	switch {
	case n >= 1_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return strconv.FormatInt(n, 10) + " B"
}
