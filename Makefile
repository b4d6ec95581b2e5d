SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help

GO ?= go
# SQLite is C that was translated into Go, with its own locks and memory. The race detector finds nothing in it, and makes each
# test that has a database five times slower. All that calls it is watched, its driver for database/sql too.
UNWATCHED := -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc/...=-race=false
# Two packages at a time, beside the tests of npm, keep two cores busy: some of either wait. No test may take so long that a
# machine twice as slow comes near the timeout. Vet has a target of its own.
TESTFLAGS ?= -race $(UNWATCHED) -vet=off -p 2 -timeout 8m
FUZZTIME ?= 60s
# Without the race detector, which would make the simulator fifteen times slower: the tests of the simulator itself are built
# without it only. docs/testing.md tells of both.
FAULTFLAGS := -tags faults -vet=off -timeout 5m -run TestMutants|TestSeeds|TestFault|TestTheSameSeed|TestChecksNotice|TestAFailingSchedule ./internal/simtest ./internal/fault ./hub
SOAKSEEDS ?= 6000
SOAKCHAOS ?= 600
CHAOSSECONDS ?= 60
# The examples that are modules of their own. Each builds a program and speaks to it; the race detector would watch nothing.
EXAMPLES := $(sort $(patsubst %/go.mod,%,$(wildcard examples/*/go.mod examples/*/*/go.mod)))
EXAMPLEFLAGS := -vet=off -timeout 4m ./...
LINT := bin/golangci-lint
NPM := $(CURDIR)/node_modules/.bin
# What the tests start that neither Go nor npm brings. scripts/need installs what is missing, or says how to.
PACKAGES := chromium nginx caddy node
# The page's first JavaScript and each part that loads later, in KiB after gzip.
FIRST_KIB := 130
LATER_KIB := 100

.PHONY: help
help: ## show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

.PHONY: run
run: ## start the server on :8080 with its data in ./data
	$(GO) run ./cmd/parley

.PHONY: test
test: packages $(NPM) ## run every test, Go, npm and browser; the last line counts them
	@$(GO) test -run 'AllocatesNothing$$' ./hub/websocket # allocations cannot be counted under the race detector
	@$(GO) run ./internal/testsum -go "$(FAULTFLAGS)" $(foreach dir,$(EXAMPLES),-go "-C $(dir) $(EXAMPLEFLAGS)") -vitest client -vitest web -playwright e2e -- $(TESTFLAGS) ./...

.PHONY: unwatched
unwatched:
	@echo "$(UNWATCHED)"

.PHONY: packages
packages:
	@scripts/need $(PACKAGES)

# npm writes node_modules/.package-lock.json last of all; it is the mark of an installation that is whole.
$(NPM): node_modules/.package-lock.json
node_modules/.package-lock.json: package-lock.json
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: check
check: ## everything a change must pass: format, lint, types, vet, generated files, modules, tests
	@$(MAKE) --no-print-directory packages $(NPM)
	@$(MAKE) --no-print-directory -j2 --output-sync=target format-check modules-check vet lint biome-check types-check web-check
	@$(MAKE) --no-print-directory generate-check test

.PHONY: web
web: packages $(NPM) ## build the page into web/dist, which is committed
	@cd web && $(NPM)/vite build --logLevel warn
	@$(MAKE) --no-print-directory size-check

# A screenshot of every screen, in light, dark and on a phone, into e2e/shots; and those of the README into docs/images.
.PHONY: shots
shots: packages $(NPM) ## take the screenshots of every screen
	@cd e2e && PARLEY_SHOTS=1 $(NPM)/playwright test screens readme --reporter=line
	@echo "in e2e/shots; docs/images has the README's"

.PHONY: format-check
format-check:
	@bad=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$bad" ]; then echo "not formatted (run gofmt -w):"; echo "$$bad"; exit 1; fi
	@echo "ok    gofmt"

# `go mod tidy -diff` is no check here: it wants the test dependencies of dependencies, and one of them is no longer
# published. `go list -mod=readonly` fails when go.mod lacks something that the code imports.
.PHONY: modules-check
modules-check:
	@for dir in . $(EXAMPLES); do $(GO) -C $$dir mod verify >/dev/null; $(GO) -C $$dir list -mod=readonly -deps -test ./... >/dev/null; done
	@echo "ok    modules"

.PHONY: vet
vet:
	@for dir in . $(EXAMPLES); do $(GO) -C $$dir vet ./...; done
	@$(GO) vet -tags soak ./internal/chaos
	@$(GO) vet -tags faults ./hub ./hub/internal/fault ./internal/fault ./internal/chat ./internal/simtest
	@echo "ok    go vet"

.PHONY: lint
lint: $(LINT)
	@for dir in . $(EXAMPLES); do (cd $$dir; $(CURDIR)/$(LINT) run ./...); done
	@echo "ok    golangci-lint"

$(LINT): tools/go.mod tools/go.sum
	@echo "building golangci-lint (a few minutes the first time)"
	@$(GO) -C tools build -o ../$(LINT) github.com/golangci/golangci-lint/v2/cmd/golangci-lint

.PHONY: biome-check
biome-check: $(NPM)
	@$(NPM)/biome check --diagnostic-level=error
	@echo "ok    biome"

.PHONY: types-check
types-check: $(NPM)
	@for package in client web e2e; do $(NPM)/tsc --noEmit -p $$package; done
	@echo "ok    types"

# The built page is committed, so that `go run` needs no Node; this fails when it is not what the sources build.
.PHONY: web-check
web-check: $(NPM) size-check
	@dist=$$(mktemp -d); trap 'rm -rf "$$dist"' EXIT; \
	(cd web && $(NPM)/vite build --logLevel warn --outDir "$$dist" --emptyOutDir); \
	if ! diff -rq web/dist "$$dist" | sed "s|$$dist|the build|g"; then \
	  echo "web/dist is not what the sources build (run make web and commit)"; exit 1; fi
	@echo "ok    web/dist"

# The first JavaScript is what index.html loads by itself: the entry and its modulepreloads. Everything else comes later.
.PHONY: size-check
size-check:
	@cd web/dist; first=$$(grep -oE 'assets/[^"]+\.js' index.html | sort -u); total=0; bad=0; \
	for file in assets/*.js; do size=$$(gzip -9 -c "$$file" | wc -c); \
	  if grep -qxF "$$file" <<<"$$first"; then total=$$((total + size)); \
	  elif (( size > $(LATER_KIB) * 1024 )); then echo "web/dist/$$file has $$((size / 1024)) KiB after gzip, more than $(LATER_KIB)"; bad=1; fi; done; \
	if (( total == 0 )); then echo "web/dist/index.html loads no script"; bad=1; fi; \
	if (( total > $(FIRST_KIB) * 1024 )); then echo "the page's first JavaScript has $$((total / 1024)) KiB after gzip, more than $(FIRST_KIB)"; bad=1; fi; \
	if (( bad )); then exit 1; fi; echo "ok    first JavaScript: $$((total / 1024)) KiB after gzip"

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
soak: packages $(NPM) ## what is slow, about 80 minutes: the tests three times over in random order, the page's and the client's, SOAKCHAOS (600) seconds of parley chaos, SOAKSEEDS (6000) fresh seeds of the simulator, then every fuzz target for FUZZTIME (60s)
	@began=$$SECONDS; \
	PARLEY_SOAK=1 $(GO) run ./internal/testsum -vitest client -vitest web -playwright e2e -- $(TESTFLAGS) -timeout 30m -count 3 -shuffle on ./...; \
	$(GO) run ./internal/testsum -go "-tags soak -vet=off -timeout 10m -run TestMistakesAreFound ./internal/chaos"; \
	$(GO) run ./internal/testsum -go "-tags faults -vet=off -timeout 30m -run TestSeeds ./internal/simtest -simtest.runs $(SOAKSEEDS)"; \
	$(MAKE) --no-print-directory chaos CHAOSSECONDS=$(SOAKCHAOS); \
	$(MAKE) --no-print-directory fuzz FUZZTIME=$(FUZZTIME); \
	echo "soak passed in $$(( (SECONDS - began) / 60 )) minutes"

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (60s)
	@targets=0; while read -r dir; do for name in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$$dir"/*_test.go | sed 's/^func //' | sort -u); do \
	  echo "fuzz  $$dir $$name"; told=$$($(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$dir" 2>&1) || { echo "$$told"; exit 1; }; grep -E '^fuzz: ' <<<"$$told" | tail -n 1 || true; targets=$$((targets + 1)); done; \
	done < <(git ls-files -z '*_test.go' | xargs -0 grep -lE '^func Fuzz[A-Z]' | xargs -r -n1 dirname | sed 's|^|./|' | sort -u); \
	echo "$$targets fuzz targets, $(FUZZTIME) each"

.PHONY: chaos
chaos: ## try to break a server for CHAOSSECONDS (60) seconds, with every fault that this machine allows
	@dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; $(GO) build -tags faults -o "$$dir/parley" ./cmd/parley; "$$dir/parley" chaos --seconds $(CHAOSSECONDS)

.PHONY: bench
bench: ## the Go benchmarks with their allocations
	$(GO) test -run '^$$' -bench . -benchmem ./...

.PHONY: build
build: ## build bin/parley, static
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/parley ./cmd/parley
