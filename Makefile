# One definition per word; .ci/run calls `make test`.
SHELL := /bin/bash
CARGO ?= cargo

.PHONY: fuzz run demo test all-tests quality year rows names-nobody install-test-parts screenshots lint docs package-lint image image-local image-try sbom audit-deps bench bench-count bench-decision backlog faults

run: demo

# Leads being routed, with nothing to install or configure.
demo:
	$(CARGO) run --release

# Everything that must hold. Installs the real parts it needs (Redis, a browser), then runs formatting,
# lints, documentation, all tests in one profile and the checks of the chart; at last, nothing that any of it wrote may name a person.
TEST_OUTPUT := target/test-output.log
PERSONS := tests/fixtures/persons.patterns

test: install-test-parts
	@mkdir -p $(dir $(TEST_OUTPUT))
	@set -o pipefail; $(MAKE) --no-print-directory lint docs all-tests package-lint 2>&1 | tee $(TEST_OUTPUT)
	@$(MAKE) --no-print-directory names-nobody

all-tests:
	$(CARGO) test --locked --features test-clock -- --show-output

# A year of rows, 50,000 inquiries: reports against plain counting; what a million rows cost (docs/reports.md). And what a
# change of rules would do to 10,000 recorded inquiries.
year:
	YEAR_INQUIRIES=50000 $(CARGO) test --locked --features test-clock --test it year:: -- --nocapture --test-threads=1
	RECORDED_INQUIRIES=10000 $(CARGO) test --locked --features test-clock --test it scenarios::s14 -- --test-threads=1

# What a million rows of the journal cost in either store, by strangers who put another campaign into every inquiry, and as
# usual: sums, what is remembered, a report (docs/reports.md). Hours in a debug build; ROWS_OF chooses (redis_rows_of_strangers …).
ROWS ?= 1000000
ROWS_OF ?=
rows:
	ROWS=$(ROWS) $(CARGO) test --locked --features test-clock --test it year::rows::$(ROWS_OF) -- --nocapture --test-threads=1

# How well people are recognised. QUALITY_LEADS=FILE measures a corpus of one's own too (tests/quality).
# QUALITY_SAMPLES=DIR lays bodies, numbers, cards and addresses of other programs beside what is expected of them.
quality:
	$(CARGO) test --locked --features test-clock --test it quality:: -- --nocapture --test-threads=1

names-nobody:
	@if grep -niE -f <(grep -v '^#' $(PERSONS)) $(TEST_OUTPUT); then \
	  echo "the lines above name persons: nothing may write that (see $(PERSONS))" >&2; exit 1; \
	else echo "the output of all tests names nobody"; fi

# Kills the service, Redis and both, each at 30 random moments under load, on each engine; then the service every 20
# seconds beside receivers that misbehave; rates as receivers see them. Prints the tables of docs/reliability.md.
# About 40 minutes; FAULTS_KILLS, FAULTS_SOAK_SECS and so on set other numbers.
FAULTS_KILLS ?= 30
FAULTS_CLOCKS ?= 10000
FAULTS_SOAK_SECS ?= 600
FAULTS_RATE_SECS ?= 30
FAULTS_OUTPUT := target/faults.log

faults: install-test-parts
	@mkdir -p $(dir $(FAULTS_OUTPUT))
	set -o pipefail; FAULTS_KILLS=$(FAULTS_KILLS) FAULTS_CLOCKS=$(FAULTS_CLOCKS) FAULTS_SOAK_SECS=$(FAULTS_SOAK_SECS) \
	  FAULTS_RATE_SECS=$(FAULTS_RATE_SECS) $(CARGO) test --locked --features test-clock \
	  --test it faults:: -- --nocapture --test-threads=1 | tee $(FAULTS_OUTPUT)
	@echo '| store | killed | kills | acknowledged | posts repeated | events | requests again | lost | settled after |'
	@echo '|---|---|---|---|---|---|---|---|---|'
	@grep '^| ' $(FAULTS_OUTPUT)
	@grep '^clocks: ' $(FAULTS_OUTPUT)
	@echo '| store | length | destinations | kills | acknowledged | posts repeated | deliveries | requests again | lost | settled after |'
	@echo '|---|---|---|---|---|---|---|---|---|---|'
	@sed -n 's/^soak: //p' $(FAULTS_OUTPUT)
	@echo '| pair | each | destinations | deliveries timed | all behave: p50 / p99 | ten misbehave: p50 / p99 | ratio of p99 |'
	@echo '|---|---|---|---|---|---|---|'
	@sed -n 's/^delay: |/|/p' $(FAULTS_OUTPUT)
	@echo '| store | processes | requests | most in a second | on average | stood still |'
	@echo '|---|---|---|---|---|---|'
	@sed -n 's/^rate: //p' $(FAULTS_OUTPUT)

# A redis-server, a chromium with its driver, axe-core, which judges pages, and what the guides' samples are
# written for: curl, Python, Node, PHP.
BROWSER_PARTS := target/browser-parts

install-test-parts: $(BROWSER_PARTS)/installed
	@missing=(); need() { command -v "$$1" >/dev/null || missing+=("$$2"); }; \
	need redis-server redis-server; need chromium chromium; need chromedriver chromium-driver; need curl curl; need node nodejs; need php php-cli; \
	[ $${#missing[@]} = 0 ] && exit 0; \
	install="apt-get install -y -qq --no-install-recommends $${missing[*]}"; \
	echo "installing $${missing[*]} (needed by the tests)"; \
	as_root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	{ $$as_root apt-get update -qq && $$as_root $$install; } \
	  || { echo "could not install it; run: $$install" >&2; exit 1; }

$(BROWSER_PARTS)/installed: tests/browser/package.json tests/browser/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing; run: apt-get install npm" >&2; exit 1; }
	@mkdir -p $(BROWSER_PARTS) && cp $^ $(BROWSER_PARTS)/
	cd $(BROWSER_PARTS) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# The pictures of docs/console.md, from the demo, as the tests see its pages.
PICTURES := live-1280-light:live leads-lead-1280-light:lead sources-820-light:sources
screenshots: install-test-parts
	@command -v pngquant >/dev/null || { echo "pngquant is missing; run: apt-get install pngquant" >&2; exit 1; }
	$(CARGO) test --locked --features test-clock --test it browser::console::pages
	@for picture in $(PICTURES); do \
	  pngquant --force --strip --speed 1 32 --output docs/pictures/console-$${picture#*:}.png target/pictures/$${picture%:*}.png || exit 1; done
	@ls -l docs/pictures/console-*.png

# Every decoder, the verifiers and conditions, fed with anything, FUZZ_SECS each (ten minutes), FUZZ_JOBS at a time; FUZZ_TARGETS
# chooses. What is found grows in target/fuzz; what crashes stands in fuzz/artifacts. Prints the table of docs/reliability.md.
# `make test` feeds the same functions with fuzz/corpus, on stable.
FUZZ_SECS ?= 600
FUZZ_JOBS ?= 2
FUZZ_TARGETS := form multipart json xml csv card preset verify condition
FUZZ_TOOLCHAIN ?= nightly

fuzz:
	@rustup toolchain list 2>/dev/null | grep -q '^$(FUZZ_TOOLCHAIN)' || { \
	  echo "no toolchain $(FUZZ_TOOLCHAIN) here; run: rustup toolchain install $(FUZZ_TOOLCHAIN)" >&2; exit 1; }
	@command -v cargo-fuzz >/dev/null || { \
	  echo "cargo-fuzz is missing; run: cargo install --locked cargo-fuzz" >&2; exit 1; }
	@FUZZ_TOOLCHAIN=$(FUZZ_TOOLCHAIN) fuzz/run.sh $(FUZZ_SECS) $(FUZZ_JOBS) $(FUZZ_TARGETS)

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets --features test-clock -- -D warnings

# The crate's documentation, for whoever carries on the code; a broken link is an error. src/lib.rs is the map.
docs:
	RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" $(CARGO) doc --locked --no-deps --lib --document-private-items --features test-clock

# Dockerfile and chart without a cluster, and a platform engineer's way through the chart's README. Seconds; needs
# Python and PyPI. The program of the tests, if there is one, is given what arrives in the pods.
PACKAGE_TOOLS := target/package-tools
BUILT := $(CURDIR)/target/debug/lead-router
package-lint: $(PACKAGE_TOOLS)/installed
	@export PATH="$(CURDIR)/$(PACKAGE_TOOLS)/bin:$$PATH" LEAD_ROUTER="$(wildcard $(BUILT))"; \
	set -e; python helm/lint.py; python helm/journey.py

$(PACKAGE_TOOLS)/installed: helm/requirements.txt helm/requirements-known.txt
	python3 -m venv $(PACKAGE_TOOLS)
	$(PACKAGE_TOOLS)/bin/pip install -q --no-deps --require-hashes -r helm/requirements.txt
	$(PACKAGE_TOOLS)/bin/pip install -q --no-deps -r helm/requirements-known.txt
	touch $@

# The service as an image. VERSION and REVISION go into its labels.
IMAGE ?= lead-router
IMAGE_BUILDER ?= $(firstword $(foreach builder,docker podman buildah,$(if $(shell command -v $(builder)),$(builder))))
image:
	@[ -n "$(IMAGE_BUILDER)" ] || { echo "no docker, podman or buildah here; see make image-local" >&2; exit 1; }
	$(IMAGE_BUILDER) build $(if $(filter-out docker,$(IMAGE_BUILDER)),--format docker) -t $(IMAGE) \
	  --build-arg REVISION="$$(git rev-parse HEAD 2>/dev/null || echo unknown)" .

# The same Dockerfile by buildah alone, its bases out of Debian's packages: for machines that reach no image registry.
# Needs root, buildah, debootstrap. Then the image is run as it is declared, and looked at: image/try.py.
image-local:
	image/local.sh
image-try:
	python3 image/try.py

# What the program is made of, as CycloneDX; the image holds the same.
sbom:
	image/sbom.sh target/lead-router.cdx.json
	@echo target/lead-router.cdx.json

# Licences, banned crates, sources of the dependency tree. Known vulnerabilities too where the
# advisory database can be fetched; this says which of the two was done.
audit-deps:
	@command -v cargo-deny >/dev/null || { \
	  echo "cargo-deny is missing; run: cargo install --locked cargo-deny@0.20.2" >&2; exit 1; }
	$(CARGO) deny --offline check bans licenses sources
	@if $(CARGO) deny check advisories; then echo "advisories: checked"; \
	 else echo "advisories: NOT checked, or something was found: see above" >&2; exit 1; fi

# What it takes in and hands out here, beside what the machine could do at all: docs/performance.md.
# BENCH_SECS=1 BENCH_REPS=1 only shows that it works.
bench: install-test-parts
	$(CARGO) bench --profile dist --locked --bench throughput

# What an inquiry costs the service and its redis-server in counted instructions. Needs valgrind. COUNT_KEEP=DIR keeps
# what callgrind wrote.
bench-count: install-test-parts
	@command -v valgrind >/dev/null || { echo "valgrind is missing; run: apt-get install valgrind" >&2; exit 1; }
	$(CARGO) bench --profile release --locked --bench throughput -- count

# 200,000 deliveries that wait, on each store: memory of the service, bytes of the store, how fast they go out once
# they may. Some minutes; BACKLOG=5000 only shows that it works. Writes its table in docs/reliability.md.
backlog: install-test-parts
	$(CARGO) bench --profile dist --locked --bench throughput -- backlog

# What a decision costs in counted instructions, into the same page. Needs valgrind.
bench-decision:
	@command -v valgrind >/dev/null || { echo "valgrind is missing; run: apt-get install valgrind" >&2; exit 1; }
	$(CARGO) bench --profile release --locked --bench decision
