//go:build !linux

package main

import "github.com/nodeint/nodeint/integrity"

// printKernel prints nothing: it asks Linux only.
func (*ui) printKernel(*integrity.Report) {}
