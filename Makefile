# Everything that is done to this project. "make" alone lists it.
#
# What the tools need is in tools/go.mod, pinned; go builds it on first use and
# keeps it in its cache. Nothing is installed outside, except a C compiler for
# the race detector when there is none (scripts/need-cc).

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The program is pure Go; only the race detector needs cgo, where it is on.
export CGO_ENABLED := 0

# Formats that are built in only when asked for. nodynamic is AVIF: it costs 4 MB of
# program, and the tag keeps its library from looking for that of the system.
TAGS ?= nodynamic

TOOL := go tool -modfile=tools/go.mod

VERSION  ?=
COMMIT   ?=
BENCH    ?= .
COUNT    ?= 6
FUZZTIME ?= 30s
API_SECONDS ?= 40
ROUNDS   ?= 15
PKG      ?= ./...

buildinfo := github.com/charcoal-art/charcoal/internal/buildinfo
ldflags   := -s -w \
	$(if $(VERSION),-X $(buildinfo).version=$(VERSION)) \
	$(if $(COMMIT),-X $(buildinfo).commit=$(COMMIT))

.PHONY: help
help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.PHONY: test
test: check-fmt vet check-mod lint compile race fuzz-api check-deploy ## Check everything, as CI does

.PHONY: build
build: ## Build bin/charcoal (VERSION=v1.2.3 COMMIT=… for a build outside a checkout)
	go build -tags '$(TAGS)' -trimpath -ldflags '$(ldflags)' -o bin/charcoal ./cmd/charcoal

.PHONY: fmt
fmt: ## Format the code and tidy go.mod
	gofmt -w .
	go mod tidy
	go -C deploy mod tidy

.PHONY: lint
lint: ## Run the linters that .golangci.yml explains
	$(TOOL) golangci-lint run

.PHONY: race
race: ## Run the tests with the race detector (PKG=./raster/... for some)
	@scripts/need-cc
	@scripts/need-peers
	@scripts/need-machines
	@scripts/need-postgres
	@scripts/need-s3
	@scripts/need-kafka
	@scripts/need-peers pgbouncer
	CGO_ENABLED=1 go test -race -tags '$(TAGS)' $(PKG)

.PHONY: fuzz-api
fuzz-api: ## Ask a server all that its OpenAPI document allows, for API_SECONDS=40 twice
	scripts/schemathesis $(API_SECONDS)

.PHONY: check-deploy
check-deploy: ## Hold the files in deploy/ against what reads them, and against the program
	@scripts/need-peers systemd-analyze:systemd
	go -C deploy mod tidy -diff
	go -C deploy vet ./...
	go -C deploy test ./...

.PHONY: bench
bench: ## Run benchmarks into bench.out for benchstat (BENCH=Convert COUNT=6)
	go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) $(PKG) | tee bench.out
	$(TOOL) benchstat bench.out

.PHONY: bench-peers
bench-peers: build ## Compare with chafa and jp2a, as whole processes (ROUNDS=15), in Markdown
	@scripts/bench-peers $(ROUNDS)

.PHONY: fuzz
fuzz: ## Fuzz every target for FUZZTIME=30s each, on one core (PKG=./raster/... for some)
	scripts/fuzz $(FUZZTIME) $(PKG)

.PHONY: cover
cover: ## Measure test coverage into cover.out and show it by function
	go test -coverprofile cover.out -coverpkg ./... $(PKG)
	go tool cover -func cover.out

.PHONY: gallery
gallery: ## Draw the pictures of docs/gallery.md
	scripts/gallery

.PHONY: clean
clean: ## Remove what these targets wrote
	rm -rf bin bench.out cover.out

# The parts of "make test" that need no explanation of their own.
.PHONY: check-fmt vet check-mod compile

check-fmt:
	@unformatted=$$(gofmt -l .); \
	if [[ -n $$unformatted ]]; then echo "not formatted, run 'make fmt':" $$unformatted >&2; exit 1; fi

vet:
	go vet ./...
	go vet -tags '$(TAGS)' ./...

check-mod:
	go mod tidy -diff
	go mod verify
	scripts/check-libc

# For this machine and for those that differ most from it: an int of 32 bits, fused
# multiplication and addition, no threads.
compile:
	go build ./...
	go build -tags '$(TAGS)' ./...
	GOARCH=386 go build ./...
	GOARCH=arm go build ./...
	GOARCH=arm64 go build ./...
	GOOS=js GOARCH=wasm go build ./ascii/... ./raster/...
	scripts/check-fma
