#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Runs every row of expected.txt and compares verdict and coverage. Exit 0: all as expected, 1: not, 2: cannot run.
#   verify/run.sh [MODEL]        JOBS=n: rows at a time (default: the processors), SPIN=path
#
# "exhausted" is printed only for a full state space: no depth limit reached, no memory limit reached, no bit-state or
# hash-compact search. Works in a directory of its own and leaves nothing behind.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SPIN=${SPIN:-spin}

# One row in one directory of its own: compile, search, judge, print one line.
row() {
  local model=$1 check=$2 defines=$3 verdict=$4 coverage=$5 dir out gcc_flags pan_flags got covered states mark='' why
  dir=$(mktemp -d "$WORK/row.XXXXXX") && cd "$dir" || return 2
  gcc_flags='-DMEMLIM=3000'; pan_flags='-m300000'
  case $coverage in
    memory=*) gcc_flags="-DMEMLIM=${coverage#*=}" ;;
    depth=*)  pan_flags="-m${coverage#*=}" ;;
  esac
  case $check in
    safety) gcc_flags+=' -DSAFETY';  pan_flags+=' -E' ;;
    cycles) gcc_flags+=' -DNP';      pan_flags+=' -E -l' ;;
    ltl:*)  gcc_flags+=' -DNFAIR=5';           pan_flags+=" -a -f -N ${check#ltl:}" ;;
  esac
  # A `provided` clause (which models death) and partial-order reduction do not go together.
  if grep -q 'provided (' "$MODELS/$model.pml"; then gcc_flags+=' -DNOREDUCE'; fi
  case $verdict in                              # a mutant is found at once: there compiling is what takes time
    holds) gcc_flags+=' -O1' ;;
    *)     gcc_flags+=' -O0'; pan_flags+=' -w20' ;;
  esac

  # shellcheck disable=SC2086
  if ! "$SPIN" $defines -a "$MODELS/$model.pml" >spin.out 2>&1 || ! gcc -w $gcc_flags -o pan pan.c >gcc.out 2>&1; then
    printf '%-10s %-16s %-46s broken: does not compile: %s\n' "$model" "$check" "[$defines]" "$(cat spin.out gcc.out 2>/dev/null | tail -n 1)"
    rm -rf "$dir"; return 0
  fi
  # shellcheck disable=SC2086
  out=$(./pan $pan_flags 2>&1)
  states=$(awk '/states, stored/ { print $1; exit }' <<<"$out")
  why=
  case $out in
    *'max search depth too small'*)                        why=depth ;;
    *'MEMLIM bound'*|*'out of memory'*)                    why=memory ;;
    *'Bit statespace'*|*'Hash-Compact'*)                   why=bit-state ;;
  esac
  if [[ $out =~ errors:\ ([0-9]+) ]]; then
    if [[ ${BASH_REMATCH[1]} == 0 ]]; then got=holds
    elif [[ $out == *'assertion violated'* || $out == *'acceptance cycle'* || $out == *'non-progress cycle'* ]]; then got=fails
    else got=broken; fi
  else got=broken; fi

  case $got in
    holds) if [[ -n $why ]]; then covered="bounded ($why)"
           elif [[ $out == *'Full statespace search'* ]]; then covered=exhausted
           else covered=unknown; fi ;;
    fails) covered='stopped at the error' ;;
    *)     covered=$(head -n 1 <<<"$out") ;;
  esac
  if [[ $got != "$verdict" ]]; then mark=" UNEXPECTED: must be '$verdict'"
  elif [[ $got == holds && $coverage == all && $covered != exhausted ]]; then mark=" UNEXPECTED: must be exhausted"; fi
  printf '%-10s %-16s %-46s %-6s %10s states  %s%s\n' "$model" "$check" "[$defines]" "$got" "${states:-?}" "$covered" "$mark"
  rm -rf "$dir"
}

if [[ ${1:-} == --row ]]; then shift; row "$@"; exit; fi

for tool in "$SPIN" gcc; do
  command -v "$tool" >/dev/null || { echo "verify: '$tool' is missing (Debian: apt-get install spin gcc)" >&2; exit 2; }
done
WORK=$(mktemp -d "${TMPDIR:-/tmp}/gangway-verify.XXXXXX") || exit 2
trap 'rm -rf "$WORK"' EXIT
MODELS=$here
export WORK MODELS SPIN

started=$SECONDS
trim() { local s=$1; s=${s#"${s%%[![:space:]]*}"}; printf '%s' "${s%"${s##*[![:space:]]}"}"; }
while IFS='|' read -r model check defines verdict coverage _; do
  [[ $model == '#'* || -z $(trim "$model") ]] && continue
  model=$(trim "$model")
  [[ $# -gt 0 && $model != "$1" ]] && continue
  printf '%s\0%s\0%s\0%s\0%s\0' "$model" "$(trim "$check")" "$(trim "$defines")" "$(trim "$verdict")" "$(trim "$coverage")"
done <"$here/expected.txt" >"$WORK/rows"
rows=$(tr -dc '\0' <"$WORK/rows" | wc -c); rows=$((rows / 5))
[[ $rows -gt 0 ]] || { echo "verify: no rows for '${1:-}' in expected.txt" >&2; exit 2; }

xargs -0 -n 5 -P "${JOBS:-$(nproc)}" "$here/run.sh" --row <"$WORK/rows" | tee "$WORK/lines"

count() { grep -c -- "$1" "$WORK/lines"; }
odd=$(grep -c -e UNEXPECTED -e 'broken' "$WORK/lines")
printed=$(wc -l <"$WORK/lines")
echo "verify: $rows rows: $(count ' exhausted') exhausted, $(count ' bounded (') bounded, $(count 'stopped at the error') mutants found; $odd unexpected; $((SECONDS - started)) s"
[[ $odd == 0 && $printed == "$rows" ]]
