# The commands of everyday work. .ci/run runs all that must pass.

# Tests without what -short leaves out: real programs, package managers, bypasses,
# failing system calls.
test:
	.ci/fast

# All tests, and those of the fast loop once more with the race detector.
test-all:
	.ci/test-all

lint:
	.ci/lint

bench:
	go test -run '^$$' -bench . ./hasher ./importmap ./integrity/...

# FUZZTIME is the time for each target.
FUZZTIME ?= 5s
fuzz:
	.ci/fuzz $(FUZZTIME)

generate:
	go generate ./...

.PHONY: test test-all lint bench fuzz generate
