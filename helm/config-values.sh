#!/bin/sh
# Prints a configuration folder as values of the chart:
#   helm/config-values.sh DIR > config-values.yaml && helm upgrade --install … -f config-values.yaml
set -eu
[ $# -eq 1 ] && [ -d "$1" ] || { echo "usage: $0 DIR" >&2; exit 2; }
cd "$1"
printf 'config:\n  files:\n'
# Rule tests (workspaces/*/tests) are no part of what a service runs by.
find . -type f \( -name '*.yaml' -o -name '*.csv' \) ! -path '*/.*' ! -path './workspaces/*/tests/*' | sed 's|^\./||' | LC_ALL=C sort | while IFS= read -r path; do
  printf '    %s: |2\n' "$path"
  sed 's/^\(.\)/      \1/' "$path"
  # A file that does not end in a line break would swallow the next path.
  [ -z "$(tail -c 1 "$path")" ] || printf '\n'
done
