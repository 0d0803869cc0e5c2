// Package page puts the import map of a browser in an HTML page.
//
// The map is the text of an element <script type="importmap">. Browsers load no map from a
// file, so the page has a copy of it. Only the text between the tags of that element is
// replaced: its attributes, such as nonce, and the rest of the page stay byte for byte.
//
// The copy has imports, scopes and integrity. Keys and addresses of the map are relative
// to the root. Those of the copy are relative to the page: a page in a subdirectory of the
// root has "../lib/a.js" for "./lib/a.js".
package page

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"golang.org/x/net/html"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/atomic"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/jsontext"
	"github.com/nodeint/nodeint/integrity/problem"
)

// maxSize is the size limit of a page, in bytes.
const maxSize = 64 << 20

// An Update is a page with the import map that it should have.
type Update struct {
	File  string
	Block string // the whole element, for a page that has none
	Found bool   // whether the page has an import map
	Same  bool   // whether it is the one that the page should have
	Late  bool   // whether a module script or a modulepreload comes before it

	text []byte // the new page, if Found
}

// Prepare reads the page at an absolute path below root, and compares its import map with
// the map whose text is given.
func Prepare(file, root string, mapText []byte) (*Update, error) {
	prefix, err := prefixOf(file, root)
	if err != nil {
		return nil, err
	}
	content, err := contentOf(mapText, prefix)
	if err != nil {
		return nil, problem.NotChecked(file, "", "writing the import map of %s: %w", file, err)
	}
	text, err := safefile.Read(file, maxSize)
	if err != nil {
		return nil, problem.NotChecked(file, "give the path of an HTML file with --html", "reading the page: %w", err)
	}
	u := &Update{File: file, Block: "<script type=\"importmap\">\n" + content + "</script>\n"}
	place, err := find(text)
	if err != nil {
		return nil, problem.BadUsage("change the page so that it has one import map", "%s: %w", file, err)
	}
	u.Found, u.Late = place.found, place.late
	if !u.Found {
		return u, nil
	}
	is := text[place.start:place.end]
	u.Same = strings.TrimSpace(strings.ReplaceAll(string(is), "\r\n", "\n")) == strings.TrimSpace(content)
	u.text = bytes.Join([][]byte{text[:place.start], []byte("\n" + content), text[place.end:]}, nil)
	return u, nil
}

// Write writes the page with the new import map, whole or not at all.
func (u *Update) Write() error {
	if err := atomic.Write(u.File, u.text); err != nil {
		return atomic.Problem(u.File, "the page", err)
	}
	return nil
}

// prefixOf returns what takes the place of "./" in a page: "./", "../", "../../".
func prefixOf(file, root string) (string, error) {
	dir, err := filepath.EvalSymlinks(filepath.Dir(file))
	if err != nil {
		return "", problem.NotChecked(file, "give the path of an HTML file with --html", "reading the page: %w", err)
	}
	rel, err := filepath.Rel(root, dir)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", problem.BadUsage("move the page below the root", "the page %s is outside the root %s, whose files the map names", file, root)
	}
	if rel == "." {
		return "./", nil
	}
	return strings.Repeat("../", strings.Count(rel, string(filepath.Separator))+1), nil
}

// contentOf returns the text of the script element. "<" is escaped, so that no name can
// end the element.
func contentOf(mapText []byte, prefix string) (string, error) {
	doc, err := importmap.Read("map", mapText)
	if err != nil {
		return "", err
	}
	out := &importmap.Document{HasIntegrity: true}
	for _, e := range doc.Integrity {
		out.Integrity = append(out.Integrity, importmap.Entry{Key: rebase(e.Key, prefix), Value: e.Value})
	}
	if out.Imports, err = rebaseSection(doc.Imports, prefix); err != nil {
		return "", err
	}
	if out.Scopes, err = rebaseSection(doc.Scopes, prefix); err != nil {
		return "", err
	}
	return strings.ReplaceAll(string(out.Format()), "<", `\u003c`), nil
}

func rebase(address, prefix string) string {
	if rest, ok := strings.CutPrefix(address, "./"); ok {
		return prefix + rest
	}
	return address
}

// rebaseSection rebases every name and every address of imports or scopes.
func rebaseSection(raw []byte, prefix string) ([]byte, error) {
	if raw == nil {
		return nil, nil
	}
	var section map[string]any
	if err := json.Unmarshal(raw, &section); err != nil {
		return nil, err
	}
	return jsontext.Marshal(rebaseValue(section, prefix))
}

func rebaseValue(v any, prefix string) any {
	switch v := v.(type) {
	case string:
		return rebase(v, prefix)
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, value := range v {
			out[rebase(name, prefix)] = rebaseValue(value, prefix)
		}
		return out
	}
	return v
}

// A place is where the text of a page's import map is.
type place struct {
	start, end  int
	found, late bool
}

var (
	errTwo   = errors.New("it has more than one import map")
	errBase  = errors.New("it has an element <base href>, so addresses in it are not relative to the page")
	errNoEnd = errors.New("its import map has no end tag")
)

// find finds the import map of a page, as the tokenizer of the HTML standard reads it
// (https://html.spec.whatwg.org/#tokenization).
func find(text []byte) (place, error) {
	var p place
	z := html.NewTokenizer(bytes.NewReader(text))
	at, modules := 0, false
	for {
		kind := z.Next()
		start := at
		at += len(z.Raw())
		if kind == html.ErrorToken {
			return p, nil
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		token := z.Token()
		switch role, err := roleOf(token); {
		case err != nil:
			return p, err
		case role == isModule:
			modules = true
		case role == isMap && p.found:
			return p, errTwo
		case role == isMap:
			p = place{start: at, end: at, found: true, late: modules}
			for z.Next() == html.TextToken {
				at += len(z.Raw())
				p.end = at
			}
			if end := z.Token(); end.Type != html.EndTagToken || end.Data != "script" {
				return p, fmt.Errorf("%w (offset %d)", errNoEnd, start)
			}
			at += len(z.Raw())
		}
	}
}

// A role is what an element is to import maps.
type role int

const (
	isOther  role = iota
	isMap         // an import map
	isModule      // a module script or a modulepreload
)

func roleOf(t html.Token) (role, error) {
	attributes := make(map[string]string)
	for _, a := range t.Attr {
		if _, again := attributes[a.Key]; !again { // the first one has effect
			attributes[a.Key] = a.Val
		}
	}
	kind := strings.ToLower(strings.Trim(attributes["type"], " \t\n\f\r"))
	_, hasHref := attributes["href"]
	switch {
	case t.Data == "base" && hasHref:
		return isOther, errBase
	case t.Data == "script" && kind == "importmap":
		return isMap, nil
	case t.Data == "script" && kind == "module":
		return isModule, nil
	case t.Data == "link":
		for _, rel := range strings.Fields(strings.ToLower(attributes["rel"])) {
			if rel == "modulepreload" {
				return isModule, nil
			}
		}
	}
	return isOther, nil
}
