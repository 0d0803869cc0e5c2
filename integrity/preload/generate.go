//go:build ignore

// Command generate writes bundle.js.
package main

import (
	"log"
	"os"

	"github.com/nodeint/nodeint/integrity/preload/bundle"
)

func main() {
	log.SetFlags(0)
	script, err := bundle.Bundle("src", nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("bundle.js", script, 0o644); err != nil {
		log.Fatal(err)
	}
}
