package archive

import (
	"archive/tar"
	"bytes"
	"crypto/md5"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A Control is the description of a package of Debian:
// https://www.debian.org/doc/debian-policy/ch-controlfields.html.
type Control struct {
	Package, Version, Architecture string
	Maintainer, Homepage           string
	Section                        string
	Synopsis                       string
	Description                    []string // lines
}

// Deb returns a package of Debian (deb(5)) with the files, whose paths are relative to the
// root directory.
func Deb(c Control, files []File) ([]byte, error) {
	files = sorted(files)
	var size int
	var sums bytes.Buffer
	for _, f := range files {
		size += (len(f.Data) + 1023) / 1024
		fmt.Fprintf(&sums, "%x  %s\n", md5.Sum(f.Data), f.Path)
	}
	control, err := rooted([]File{{Path: "control", Data: c.text(size)}, {Path: "md5sums", Data: sums.Bytes()}})
	if err != nil {
		return nil, err
	}
	data, err := rooted(files)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString("!<arch>\n")
	writeMember(&out, "debian-binary", []byte("2.0\n"))
	writeMember(&out, "control.tar.gz", control)
	writeMember(&out, "data.tar.gz", data)
	return out.Bytes(), nil
}

// text returns the file control. The size is in KiB.
func (c Control) text(size int) []byte {
	var b bytes.Buffer
	for _, field := range [][2]string{
		{"Package", c.Package}, {"Version", c.Version}, {"Architecture", c.Architecture}, {"Maintainer", c.Maintainer},
		{"Installed-Size", strconv.Itoa(size)}, {"Section", c.Section}, {"Priority", "optional"}, {"Homepage", c.Homepage},
		{"Description", c.Synopsis},
	} {
		fmt.Fprintf(&b, "%s: %s\n", field[0], field[1])
	}
	for _, line := range c.Description {
		fmt.Fprintf(&b, " %s\n", line)
	}
	return b.Bytes()
}

// rooted returns a compressed tarball with the directories of the files too: dpkg creates
// no directory that has no entry.
func rooted(files []File) ([]byte, error) {
	entries := []tar.Header{{Typeflag: tar.TypeDir, Name: "./", Mode: 0o755}}
	data := [][]byte{nil}
	var made []string
	for _, f := range files {
		var dirs []string
		for dir := path.Dir(f.Path); dir != "." && !slices.Contains(made, dir); dir = path.Dir(dir) {
			dirs = append(dirs, dir)
		}
		for _, dir := range slices.Backward(dirs) {
			entries, data = append(entries, tar.Header{Typeflag: tar.TypeDir, Name: "./" + dir + "/", Mode: 0o755}), append(data, nil)
		}
		made = append(made, dirs...)
		entries = append(entries, tar.Header{Typeflag: tar.TypeReg, Name: "./" + f.Path, Mode: f.mode(), Size: int64(len(f.Data))})
		data = append(data, f.Data)
	}
	for i := range entries {
		entries[i].Uname, entries[i].Gname = "root", "root"
	}
	return tarGzip(entries, data)
}

// writeMember writes a member of an ar archive (ar(5)).
func writeMember(out *bytes.Buffer, name string, data []byte) {
	fmt.Fprintf(out, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", name, modified.Unix(), 0, 0, "100644", len(data))
	out.Write(data)
	if len(data)%2 == 1 {
		out.WriteByte('\n')
	}
}

// ReadDeb returns the files of a package of Debian that [Deb] wrote.
func ReadDeb(text []byte) ([]File, error) {
	rest, ok := bytes.CutPrefix(text, []byte("!<arch>\n"))
	if !ok {
		return nil, fmt.Errorf("not an ar archive")
	}
	const header = 60
	for len(rest) >= header {
		name := strings.TrimSpace(string(rest[:16]))
		size, err := strconv.Atoi(strings.TrimSpace(string(rest[48:58])))
		if err != nil || size < 0 || size > len(rest)-header {
			return nil, fmt.Errorf("the member %s has no valid size", name)
		}
		if name == "data.tar.gz" {
			return ReadTarGzip(rest[header:header+size], "./")
		}
		rest = rest[min(header+size+size%2, len(rest)):]
	}
	return nil, fmt.Errorf("there is no member data.tar.gz")
}
