package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/problem"
)

// Outdated is the code of a [Change]: the map is not the one that generate would write.
const Outdated = problem.Outdated

// sentences are what findings mean; %s is the path.
var sentences = map[string]string{
	problem.Mismatch:       "%s is not what the map pins",
	problem.Missing:        "%s is pinned, and does not exist",
	problem.Unexpected:     "%s is not in the map, and Node would load or read it",
	problem.WrongKind:      "%s is not of the kind that the map pins",
	problem.Unreadable:     "%s could not be read",
	problem.AnchorMismatch: "%s is not the file of the archive that the lockfile names",
	problem.AnchorExtra:    "%s is not in the archive that the lockfile names",
	problem.AnchorMissing:  "%s is in the archive that the lockfile names, and is not installed",
	problem.AnchorUnlocked: "%s is not in the lockfile",
	problem.AnchorArchive:  "the archive of %s cannot be relied on",
	problem.AnchorNone:     "%s cannot be compared with an archive of the lockfile",
}

// items returns what a result has to show: first the failure, then findings, changes and
// gaps.
func (r *Result) items() []item {
	var list []item
	if f := r.Failure; f != nil {
		list = append(list, r.failure(f))
	}
	for i := range r.Findings {
		list = append(list, r.finding(&r.Findings[i]))
	}
	for _, c := range r.Changes {
		list = append(list, r.change(c))
	}
	for i := range r.Remarks {
		list = append(list, r.remark(&r.Remarks[i]))
	}
	list = append(list, r.gaps()...)
	if failures, _ := worst(list); failures == 0 && r.Exit != 0 && len(r.Remarks) == 0 {
		list = append(list, item{
			code: Outdated, level: levelError, message: r.verdict(),
			details: []detail{{"hint", "run nodeint " + r.Command + " to see the reason"}}, place: r.mapPlace(0),
		})
	}
	seen := make(map[string]int)
	for i := range list {
		print := r.fingerprint(&list[i])
		seen[print]++
		list[i].print = fmt.Sprintf("%s:%d", print, seen[print])
	}
	return list
}

// fingerprint returns a digest that stays the same if the item is found again, also if
// lines of the map moved.
func (r *Result) fingerprint(i *item) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{i.code, r.Prefix, i.dir, i.path, fingerprintText(i)}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// fingerprintText tells apart the gaps of a file. Other items are told apart by the code
// and the path.
func fingerprintText(i *item) string {
	if i.level == levelError {
		return ""
	}
	return i.text()
}

func (r *Result) failure(f *Failure) item {
	i := item{code: f.Code, level: levelError, message: Printable(f.Message), place: r.mapPlace(0)}
	i.add("wanted", f.Want)
	i.add("found", f.Got)
	i.add("hint", f.Hint)
	return i
}

func (i *item) add(name, text string) {
	if text != "" {
		i.details = append(i.details, detail{name, Printable(text)})
	}
}

func (r *Result) finding(f *problem.Finding) item {
	sentence := sentences[f.Code]
	if sentence == "" {
		sentence = f.Code + ": %s"
	}
	i := item{
		code: f.Code, level: levelError, path: Printable(f.Path), dir: r.Map.packageDir(f.Path), owner: Printable(f.Package),
		message: fmt.Sprintf(sentence, Printable(f.Path)), place: r.placeOf(f.Path, exists(f)),
	}
	if i.owner != "" {
		i.message += " (" + i.owner + ")"
	}
	i.add("wanted", f.Want)
	i.add("found", f.Got)
	i.add("why", f.Detail)
	return i
}

// exists reports whether the file of a finding is there.
func exists(f *problem.Finding) bool {
	return f.Code != problem.Missing && f.Code != problem.AnchorMissing
}

func (r *Result) change(c Change) item {
	i := item{code: Outdated, level: levelError, place: r.mapPlace(r.Map.line(c.Key))}
	file, err := mapfile.PathOf(c.Key)
	if err == nil && strings.HasPrefix(c.Key, "./") {
		i.path, i.dir = Printable(file), r.Map.packageDir(file)
		i.owner = r.Map.owner(file)
		i.place = r.placeOf(file, c.Kind != "removed")
	}
	verb := map[string]string{"added": "add", "removed": "remove"}[c.Kind]
	i.message = fmt.Sprintf("the map is out of date: generate would %s %s", cmp.Or(verb, "change"), Printable(c.Key))
	return i
}

func (r *Result) remark(m *Remark) item {
	i := item{remark: true, code: m.Code, level: levelNote, path: Printable(m.Dir), dir: r.Map.packageDir(m.Dir + "/package.json"), owner: Printable(m.Owner), message: Printable(m.Text)}
	switch {
	case m.Code == Outdated:
		i.level = levelError
	case m.Alert:
		i.level = levelWarning
	}
	if i.owner != "" {
		i.message += " (" + i.owner + ")"
	}
	switch {
	case m.Dir != "":
		i.place = r.mapPlace(r.Map.lineOfPath(m.Dir))
	case m.Owner != "": // the project, or a member of its workspace
		i.path, i.place = "package.json", place{file: r.file("package.json"), line: 1}
	default:
		i.place = r.mapPlace(0)
	}
	for _, text := range m.Items {
		i.add("at", text)
	}
	return i
}

// gaps returns the gaps of the project's own code, and one item for those of each
// installed package.
func (r *Result) gaps() []item {
	var list []item
	installed := make(map[string]int) // index in list, by package and code
	for _, g := range r.Gaps {
		dir := r.Map.packageDir(g.Path)
		key := dir + "\x00" + g.Reason
		if at, ok := installed[key]; ok && dir != "" {
			list[at].details = append(list[at].details, gapDetail(g))
			continue
		}
		i := item{code: g.Reason, level: r.gapLevel(g), path: Printable(g.Path), dir: dir, owner: r.Map.owner(g.Path)}
		if dir == "" {
			i.message = "nodeint cannot determine what this place loads"
			if g.Reason == problem.GapUnresolved {
				i.message = "this import resolves to nothing"
			}
			i.add("code", g.Text)
			i.add("why", g.Detail)
			i.place = place{r.file(g.Path), max(g.Line, 1), g.Column}
		} else {
			i.path = Printable(dir)
			i.message = "nodeint cannot determine what places of " + i.ownerOrDir() + " load"
			if g.Reason == problem.GapUnresolved {
				i.message = "imports of " + i.ownerOrDir() + " resolve to nothing"
			}
			i.details = []detail{gapDetail(g)}
			i.place = r.mapPlace(r.Map.lineOfPath(dir))
		}
		installed[key] = len(list)
		list = append(list, i)
	}
	return list
}

func gapDetail(g problem.Gap) detail {
	text := g.Path
	if g.Line > 0 {
		text = fmt.Sprintf("%s:%d:%d", g.Path, g.Line, g.Column)
	}
	if g.Text != "" {
		text += ": " + g.Text
	}
	if g.Detail != "" {
		text += " (" + g.Detail + ")"
	}
	return detail{"at", Printable(text)}
}

// gapLevel returns how serious a gap is: an error if it decides the exit status.
func (r *Result) gapLevel(g problem.Gap) level {
	switch {
	case r.Exit == 3:
		return levelError
	case g.Reason == problem.GapUnresolved:
		return levelWarning
	}
	return levelNote
}

// ownerOrDir names the installed package of an item.
func (i *item) ownerOrDir() string {
	if i.owner != "" {
		return i.owner
	}
	return Printable(i.dir)
}

// file returns the path of a file below the root, relative to the repository.
func (r *Result) file(p string) string { return path.Join(r.Prefix, p) }

// placeOf returns where a file of the root is shown.
func (r *Result) placeOf(p string, exists bool) place {
	if exists && mapfile.IsOwn(p) {
		return place{file: r.file(p), line: 1}
	}
	return r.mapPlace(r.Map.lineOfPath(p))
}

// mapPlace returns a line of the map; 0 is the first. If the map is outside the
// repository, it is the project's package.json.
func (r *Result) mapPlace(line int) place {
	if r.MapFile == "" {
		return place{file: r.file("package.json"), line: 1}
	}
	return place{file: r.MapFile, line: max(line, 1)}
}
