# Two commands: `make demo` runs Deskwire with a simulated helpdesk, and needs
# Go only; `make test` installs what the tests need and runs them all.

.PHONY: demo test go-test web-test browser-test lint build web clean

demo:
	go run ./cmd/deskwire demo

test: lint go-test web-test browser-test
	@echo "test: all passed"

build:
	go build -o bin/deskwire ./cmd/deskwire

go-test:
	@echo "test: Go, with the race detector"
	go test -race ./...

web-test: web/node_modules/.deskwire
	@echo "test: TypeScript"
	npm --prefix web run check
	npm --prefix web test
	npm --prefix web run check:dist

# The stories in a real browser, against the real binary.
browser-test: build web/node_modules/.deskwire
	@.ci/browser
	@echo "test: the stories, in Chromium"
	npm --prefix web run e2e

lint:
	@echo "lint: gofmt, vet, staticcheck"
	@test -z "$$(gofmt -l cmd internal web/*.go)" || { gofmt -l cmd internal web/*.go; echo "lint: run gofmt -w on these"; exit 1; }
	go vet ./...
	go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

web/node_modules/.deskwire: web/package-lock.json
	@echo "install: node packages, from the lock file"
	npm --prefix web ci --no-audit --no-fund
	@touch $@

# Build the workspace into web/dist, which is committed so that Go needs no Node.
web: web/node_modules/.deskwire
	npm --prefix web run build

clean:
	rm -rf bin tmp
