# One definition per word; .ci/run calls `make test`.
SHELL := /bin/bash
CARGO ?= cargo

.PHONY: run demo test install-test-parts lint bench faults docs

run: demo

# Leads being routed, with nothing to install or configure.
demo:
	$(CARGO) run --release

# Everything that must hold. Installs the real parts it needs (a redis-server), then runs formatting,
# lints, documentation and all tests in one profile.
test: install-test-parts lint
	$(CARGO) test --locked --features test-clock

install-test-parts:
	@command -v redis-server >/dev/null || { \
	  echo "installing redis-server (needed by the tests)"; \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-server; \
	  else sudo apt-get update -qq && sudo apt-get install -y -qq --no-install-recommends redis-server; fi; } \
	  || { echo "could not install it; run: apt-get install redis-server" >&2; exit 1; }

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets --features test-clock -- -D warnings
