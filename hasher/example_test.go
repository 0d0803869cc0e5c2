package hasher_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nodeint/nodeint/hasher"
)

// The metadata of one file, as an import map has it.
func Example() {
	metadata, err := hasher.ParseMetadata("sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, content := range []string{"hello", "Hello"} {
		digests := hasher.Sum(metadata.Algorithms(), []byte(content))
		fmt.Println(content, metadata.Match(digests))
	}
	// Output:
	// hello true
	// Hello false
}

// Metadata without a known algorithm is an error: a browser would accept any file.
func ExampleParseMetadata() {
	for _, text := range []string{"", "sha1-qvTGHdzF6KLavt4PO0gs2a6pQ00=", "sha256-AAAA"} {
		_, err := hasher.ParseMetadata(text)
		fmt.Println(err)
	}
	// Output:
	// integrity metadata is empty: it would allow any content
	// integrity metadata "sha1-qvTGHdzF6KLavt4PO0gs2a6pQ00=" has no known algorithm (sha256, sha384, sha512, blake3): it would allow any content
	// sha256 digest "AAAA" has 4 characters, not 44
}

// The strongest SHA-2 algorithm decides. A blake3 digest is checked as well.
func ExampleMetadata_Match() {
	content := []byte("hello")
	right := hasher.Format(hasher.Sum(hasher.SetOf(hasher.SHA256), content))
	wrong := hasher.Format(hasher.Sum(hasher.SetOf(hasher.SHA512), []byte("other")))
	metadata, err := hasher.ParseMetadata(right + " " + wrong)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(metadata.Algorithms(), metadata.Match(hasher.Sum(metadata.Algorithms(), content)))
	// Output:
	// sha512 false
}

// Files hashes the files below a directory in parallel. The outcome of each file is
// in its result.
func ExampleFiles() {
	root, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(root)
	if err := os.WriteFile(filepath.Join(root, "app.js"), []byte("hello"), 0o644); err != nil {
		fmt.Println(err)
		return
	}

	sha256 := hasher.SetOf(hasher.SHA256)
	jobs := []hasher.Job{{Path: "app.js", Algorithms: sha256}, {Path: "missing.js", Algorithms: sha256}}
	results, err := hasher.Files(context.Background(), root, jobs, hasher.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, r := range results {
		if r.Err != nil {
			fmt.Println(jobs[i].Path, errors.Is(r.Err, fs.ErrNotExist))
			continue
		}
		fmt.Printf("%s: %d bytes, %s\n", jobs[i].Path, r.Size, hasher.Format(r.Digests))
	}
	// Output:
	// app.js: 5 bytes, sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=
	// missing.js true
}

// Two maps with the same entries have the same tree digest.
func ExampleTree() {
	fmt.Println(hasher.Tree([]hasher.Pair{
		{Key: "./b.js", Value: "sha256-BBBB"},
		{Key: "./a.js", Value: "sha256-AAAA"},
	}))
	// Output:
	// blake3-c/Cb3pSPhxO7HWDaP2inMWG63TfZ9ESqDYXlF7dnLTQ=
}
