#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds everything and runs every test. The last line is "N passed, N failed" (and ", N skipped").
#   ./test            what a change must pass
#   ./test --quick    the same with small counts, and without the SPIN models
#   ./test --soak     the same with large counts: hours
# Needs the .NET SDK. As root it installs the Debian packages it misses; else it says what it skips.
# GANGWAY_SEED=N repeats a random run.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
while [ ! -e "$here/Gangway.slnx" ]; do
  [ "$here" != / ] || { echo "Gangway.slnx stands in no folder above this script" >&2; exit 2; }
  here=$(dirname "$here")
done
cd "$here"

level=normal
for argument in "$@"; do
  case "$argument" in
    --quick) level=quick ;;
    --soak) level=soak ;;
    -h | --help) sed -n '3,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "unknown option '$argument'; known are --quick and --soak" >&2; exit 2 ;;
  esac
done

export GANGWAY_TEST_LEVEL=$level
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export MSBUILDDISABLENODEREUSE=1 # Build nodes end with the build.
[ -n "${HOME:-}" ] || export HOME=/tmp
results=$PWD/TestResults
passed=0 failed=0 skipped=0
limit=(timeout -k 30 45m)
[ "$level" != soak ] || limit=(env)

say() { printf '%s\n' "$*"; }

# Adds to the sums and says so: name, passed, failed, skipped.
count() {
  passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
  summary+=("$(printf '%-34s %6d passed %4d failed %4d skipped' "$1" "$2" "$3" "$4")")
}
summary=()

finish() {
  say ""
  if [ ${#summary[@]} -gt 0 ]; then printf '%s\n' "${summary[@]}"; fi
  local line="$passed passed, $failed failed"
  [ "$skipped" -eq 0 ] || line="$line, $skipped skipped"
  say "$line"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# The C compiler builds the hostile client and checks our constants; spin runs the models; strace kills and
# fails system calls.
install_tools() {
  local packages=()
  command -v gcc > /dev/null || packages+=(gcc)
  [ -e /usr/include/stdio.h ] || packages+=(libc6-dev)
  command -v spin > /dev/null || packages+=(spin)
  command -v strace > /dev/null || packages+=(strace)
  command -v setpriv > /dev/null || packages+=(util-linux)
  [ ${#packages[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
    say "missing and not installed (needs root on a Debian system): ${packages[*]}; tests that need them are skipped"
    return 0
  fi
  say "installing: ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  if ! { apt-get -qq update && apt-get -qq install -y --no-install-recommends "${packages[@]}"; } > /dev/null; then
    say "could not install ${packages[*]}; tests that need them are skipped"
  fi
}

# The models say what was exhausted and what was bounded; one line each is one check.
run_models() {
  if [ "$level" = quick ]; then
    say "skipped: SPIN models (--quick)"
    count "verify (SPIN models)" 0 0 1
  elif ! command -v spin > /dev/null || ! command -v gcc > /dev/null; then
    say "skipped: SPIN models (spin or gcc is missing)"
    count "verify (SPIN models)" 0 0 1
  elif verify/run.sh; then
    count "verify (SPIN models)" 1 0 0
  else
    count "verify (SPIN models)" 0 1 0
  fi
}

# A number out of the first <Counters .../> of a result file.
counter() { grep -o '<Counters [^>]*>' "$2" | head -n 1 | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*'; }

# The tests that did not run, and why.
list_skipped() {
  awk '/<UnitTestResult / { name = ""; if (/outcome="NotExecuted"/ && match($0, /testName="[^"]*"/)) name = substr($0, RSTART + 10, RLENGTH - 11) }
       name != "" && match($0, /<Message>[^<]*/) { print "skipped: " name ": " substr($0, RSTART + 9, RLENGTH - 9); name = "" }' "$1"
}

run_project() {
  local project=$1 name file status=0 total executed ok bad
  name=$(basename "$project" .csproj)
  file=$results/$name.trx
  rm -f "$file"
  say ""
  say "== $name"
  # Tests have their own watchdog; this one is for a test host that does not end.
  "${limit[@]}" dotnet test "$project" -c Release --no-build --nologo --logger "trx;LogFileName=$name.trx" \
    --logger 'console;verbosity=minimal' --results-directory "$results" || status=$?
  if [ ! -s "$file" ] || ! total=$(counter total "$file"); then
    say "$name wrote no results (exit code $status)"
    count "$name" 0 1 0
    return 0
  fi
  list_skipped "$file"
  executed=$(counter executed "$file") ok=$(counter passed "$file")
  bad=$((executed - ok))
  # A host that died, or a run that was cut off, fails without a failed test.
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  if [ "$total" -eq 0 ]; then
    say "$name holds no test"
    bad=1
  fi
  count "$name" "$ok" "$bad" $((total - executed))
}

if ! command -v dotnet > /dev/null; then
  say "the .NET SDK is missing (see global.json for its version)"
  count "build" 0 1 0
  finish || exit 1
fi

install_tools
mkdir -p "$results"
say "== build (Release)"
if ! dotnet build Gangway.slnx -c Release -v quiet --nologo -nodeReuse:false; then
  count "build" 0 1 0
  finish || exit 1
fi

say ""
say "== verify"
run_models

# One after the other: many are about timing, processes and what the machine holds.
for project in test/*.Tests/*.csproj; do
  if [ -e "$project" ]; then run_project "$project"; fi
done

finish || exit 1
