#!/usr/bin/env bash
# Runs fuzz targets for so many seconds each, so many at a time, and prints a row of docs/reliability.md for each; fails if
# anything was found. `fuzz/run.sh SECONDS JOBS TARGET...`; `make fuzz` does. What it finds grows in target/fuzz.
set -euo pipefail
cd "$(dirname "$0")/.."
export SECS=$1 JOBS=$2 TOOLCHAIN=${FUZZ_TOOLCHAIN:-nightly}
shift 2

cargo "+$TOOLCHAIN" fuzz build

one() {
  local target=$1 grown=target/fuzz/$1 log=target/fuzz/$1.log found=nothing
  mkdir -p "$grown"
  cargo "+$TOOLCHAIN" fuzz run "$target" "$grown" "fuzz/corpus/$target" -- -max_total_time="$SECS" \
    -max_len=65536 -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 >"$log" 2>&1 || found="see $log"
  stat() { sed -n "s/^stat::$1: *//p" "$log"; }
  coverage=$(grep -oE 'cov: [0-9]+' "$log" | tail -1)
  seconds=$(sed -n 's/^Done [0-9]* runs in \([0-9]*\) second.*/\1/p' "$log")
  echo "| $target | $(stat number_of_executed_units) | $seconds | ${coverage#cov: } | $(stat peak_rss_mb) MiB | $found |"
  [ "$found" = nothing ]
}
export -f one
echo '| target | executions | seconds | edges covered | memory at most | found |'
echo '|---|---|---|---|---|---|'
printf '%s\n' "$@" | xargs -P "$JOBS" -I '{}' bash -c 'one {}'
