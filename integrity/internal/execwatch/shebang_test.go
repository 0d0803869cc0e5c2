package execwatch

import (
	"slices"
	"strings"
	"testing"
)

var shebangs = []struct {
	head  string
	words []string // nil if the kernel starts no script
}{
	{"#!/bin/sh\necho", []string{"/bin/sh"}},
	{"#! /usr/bin/env node\n", []string{"/usr/bin/env", "node"}},
	{"#!\t/usr/bin/node  --require ./x.js \t\n1", []string{"/usr/bin/node", "--require ./x.js"}},
	{"#!/usr/bin/env -S node --require ./x.js\n", []string{"/usr/bin/env", "-S node --require ./x.js"}},
	{"#!node\r\n", []string{"node\r"}},
	{"#!/bin/sh", []string{"/bin/sh"}},
	{"#!/bin/sh -e", []string{"/bin/sh", "-e"}},
	{"#!/bin/sh \n", []string{"/bin/sh"}},
	{"#!/bin/sh ", []string{"/bin/sh", ""}},
	{"#!/bin/sh\t ", []string{"/bin/sh", ""}},
	{"#!/bin/sh -e ", []string{"/bin/sh", "-e "}},
	{"#!/bin/sh \x00\n", []string{"/bin/sh", ""}},
	{"#!/bin/sh \x00x\n", []string{"/bin/sh", ""}},
	{"#!/bin/sh\x00 -e\n", []string{"/bin/sh"}},
	{"#!/bin/sh -e\x00 -x\n", []string{"/bin/sh", "-e"}},
	{"#!/bin/sh -e \x00 -x\n", []string{"/bin/sh", "-e "}},
	{"#!" + strings.Repeat("x", 300), nil},
	{"#!/x " + strings.Repeat("y", 300), []string{"/x", strings.Repeat("y", HeadSize-6)}},
	{"#!  \n/bin/sh", nil},
	{"#!", nil},
	{"#", nil},
	{" #!/bin/sh\n", nil},
	{"\x7fELF", nil},
}

func TestShebang(t *testing.T) {
	for _, tt := range shebangs {
		words, ok := Shebang([]byte(tt.head))
		if !slices.Equal(words, tt.words) || ok != (tt.words != nil) {
			t.Errorf("Shebang(%q) = %q, %v, want %q", tt.head, words, ok, tt.words)
		}
	}
}

func FuzzShebang(f *testing.F) {
	for _, tt := range shebangs {
		f.Add([]byte(tt.head))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		words, ok := Shebang(head)
		if ok != (len(words) > 0) || len(words) > 2 {
			t.Fatalf("Shebang(%q) = %q, %v", head, words, ok)
		}
		if strings.ContainsAny(strings.Join(words, ""), "\n\x00") || ok && strings.ContainsAny(words[0], " \t") {
			t.Errorf("Shebang(%q) = %q", head, words)
		}
	})
}
