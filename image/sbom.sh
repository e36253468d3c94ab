#!/bin/sh
# Writes what the program is made of (CycloneDX 1.5, JSON): image/sbom.sh FILE
# Crates that are linked into it, by Cargo.lock; what only builds it is left out.
set -eu
[ $# -eq 1 ] || { echo "usage: $0 FILE" >&2; exit 2; }
cargo cyclonedx --version >/dev/null 2>&1 || {
  echo "cargo-cyclonedx is missing; run: cargo install --locked cargo-cyclonedx@0.5.9" >&2
  exit 1
}
cd "$(dirname "$0")/.."
cargo cyclonedx --quiet --format json --spec-version 1.5 --describe binaries --no-build-deps
mkdir -p "$(dirname "$1")"
mv lead-router_bin.cdx.json "$1"
