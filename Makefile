SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help

GO ?= go
# Three packages at a time keep two cores busy: some of the tests wait. Vet has a target of its own.
TESTFLAGS ?= -race -vet=off -p 3 -timeout 4m
FUZZTIME ?= 60s
LINT := bin/golangci-lint

.PHONY: help
help: ## show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

.PHONY: run
run: ## start the server on :8080 with its data in ./data
	$(GO) run ./cmd/parley

.PHONY: test
test: ## run every test; the last line counts them
	@$(GO) test -run 'AllocatesNothing$$' ./hub/websocket # allocations cannot be counted under the race detector
	@$(GO) run ./internal/testsum -- $(TESTFLAGS) ./...

.PHONY: check
check: ## everything a change must pass: format, lint, vet, generated files, modules, tests
	@$(MAKE) --no-print-directory format-check modules-check vet lint generate-check test

.PHONY: format-check
format-check:
	@bad=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$bad" ]; then echo "not formatted (run gofmt -w):"; echo "$$bad"; exit 1; fi
	@echo "ok    gofmt"

# `go mod tidy -diff` is no check here: it wants the test dependencies of dependencies, and one of them is no longer
# published. `go list -mod=readonly` fails when go.mod lacks something that the code imports.
.PHONY: modules-check
modules-check:
	@$(GO) mod verify >/dev/null
	@$(GO) list -mod=readonly -deps -test ./... >/dev/null
	@echo "ok    modules"

.PHONY: vet
vet:
	@$(GO) vet ./...
	@echo "ok    go vet"

.PHONY: lint
lint: $(LINT)
	@$(LINT) run ./...
	@echo "ok    golangci-lint"

$(LINT): tools/go.mod tools/go.sum
	@echo "building golangci-lint (a few minutes the first time)"
	@$(GO) -C tools build -o ../$(LINT) github.com/golangci/golangci-lint/v2/cmd/golangci-lint

# Generated files are committed; this fails when they are not what their sources make. They are compared with what was
# there before, so that it also works with uncommitted changes.
.PHONY: generate-check
generate-check:
	@sum() { git ls-files -z -co --exclude-standard | xargs -0 sha256sum 2>/dev/null | sort -k2; }; \
	before=$$(sum); $(GO) generate ./...; after=$$(sum); \
	if [ "$$before" != "$$after" ]; then echo "generated files are not up to date (run go generate ./... and commit):"; \
	  diff <(echo "$$before") <(echo "$$after") | awk '/^[<>]/ {print $$3}' | sort -u; exit 1; fi
	@echo "ok    generated files"

.PHONY: soak
soak: ## what is slow: the tests three times over in random order, then every fuzz target for FUZZTIME (60s)
	@PARLEY_SOAK=1 $(GO) run ./internal/testsum -- $(TESTFLAGS) -timeout 30m -count 3 -shuffle on ./...
	@grep -rlE '^func Fuzz[A-Z]' --include='*_test.go' . | xargs -r -n1 dirname | sort -u | while read -r dir; do \
	  grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$$dir"/*_test.go | sed 's/^func //' | sort -u | while read -r name; do \
	    echo "fuzz  $$dir $$name"; $(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$dir"; done; done
	@echo "soak passed"

.PHONY: bench
bench: ## the Go benchmarks with their allocations
	$(GO) test -run '^$$' -bench . -benchmem ./...

.PHONY: build
build: ## build bin/parley, static
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/parley ./cmd/parley
