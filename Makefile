# The commands of everyday work. .ci/run runs all that must pass.

# Tests without what -short leaves out: real programs, package managers, bypasses,
# failing system calls.
test:
	.ci/fast

# All tests, and those of the fast loop once more with the race detector, under which the
# others would take ten minutes.
# -count=1: the cache does not notice that tests in fixtures run a command that was
# changed. Without cgo, most packages are compiled for the tests and for nodeint once.
# -vet=off: lint runs vet.
test-all:
	.ci/race
	CI=true CGO_ENABLED=0 go test -count=1 -vet=off -timeout 60m ./...

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
