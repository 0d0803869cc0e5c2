//go:build ignore

// Command generate writes bundle.js and bootstrap.min.js.
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
	bootstrap, err := bundle.Bootstrap("bootstrap.cjs")
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range map[string][]byte{"bundle.js": script, "bootstrap.min.js": bootstrap} {
		if err := os.WriteFile(name, text, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
