package integrity_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/project"
)

// exampleProject writes a program of two modules.
func exampleProject() (dir string, remove func()) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range map[string]string{
		"package.json": `{"name": "example", "main": "app.js"}`,
		"app.js":       `require("./lib")`,
		"lib.js":       `console.log("lib")`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			log.Fatal(err)
		}
	}
	return dir, func() { os.RemoveAll(dir) }
}

func ExampleGenerate() {
	dir, remove := exampleProject()
	defer remove()
	p, err := project.Find(dir)
	if err != nil {
		log.Fatal(err)
	}
	g, err := integrity.Generate(context.Background(), integrity.GenerateOptions{Project: p})
	if err != nil {
		log.Fatal(err)
	}
	if err := integrity.Write(g); err != nil {
		log.Fatal(err)
	}
	fmt.Println(g.Entries, g.Summary.Checked, "files")
	// Output: [./app.js] 3 files
}

func ExampleVerify() {
	dir, remove := exampleProject()
	defer remove()
	p, err := project.Find(dir)
	if err != nil {
		log.Fatal(err)
	}
	g, err := integrity.Generate(context.Background(), integrity.GenerateOptions{Project: p})
	if err != nil {
		log.Fatal(err)
	}
	if err := integrity.Write(g); err != nil {
		log.Fatal(err)
	}

	// Somebody changes a module and adds one that require would find first.
	os.WriteFile(filepath.Join(dir, "lib.js"), []byte("changed"), 0o644)
	os.WriteFile(filepath.Join(dir, "lib"), []byte("added"), 0o644)

	report, err := integrity.Verify(context.Background(), integrity.VerifyOptions{Project: p})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range report.Findings {
		fmt.Println(f.Code, f.Path)
	}
	// Output:
	// unexpected lib
	// mismatch lib.js
}
