#!/bin/sh
# SPDX-License-Identifier: MIT
# Each side in C against the other: the honest client and all attacks against the honest C server, and every hostile
# server against the honest client, which must refuse. `check.sh BUILD [SECONDS]`.
set -u
build=$1
seconds=${2:-1}
work=$(mktemp -d)
chmod 755 "$work"
server=
failures=0
finish() { [ -n "$server" ] && kill "$server" 2>/dev/null; rm -rf "$work"; }
trap finish EXIT

serve() { # serve NAME: starts a server and waits until it is ready
    mkfifo "$work/$1.pipe"
    "$build/hostile" server "$work/$1" "$1" >"$work/$1.pipe" 2>/dev/null &
    server=$!
    exec 3<"$work/$1.pipe"
    read -r line <&3 && [ "$line" = ready ] || { echo "no server: $1"; exit 1; }
    cat <&3 >"$work/$1.log" &
    log=$!
    exec 3<&-
}
stop() { kill "$server"; wait "$server" 2>/dev/null; wait "$log"; server=; }

serve honest
"$build/honest" "$work/honest" mixed 20000 || failures=$((failures + 1))
user=
[ "$(id -u)" = 0 ] && user="--uid 65534"
for attack in $("$build/hostile" list | cut -f1 | grep -v -e other-user -e orphan -e reused-number \
    -e never -e hoard -e fork-and-die -e forbidden -e lanes); do # its server has no pidfd, quotas, policy, nor lanes
    "$build/hostile" $user --seconds "$seconds" "$work/honest" "$attack" </dev/null || failures=$((failures + 1))
done
stop

for departure in $("$build/hostile" departures | cut -f1 | grep -v -e honest -e silent); do
    serve "$departure"
    "$build/honest" "$work/$departure" calls 200 >/dev/null # fails, and must end; the C client has no deadlines
    stop
    cat "$work/$departure.log"
    grep -q "resisted" "$work/$departure.log" || { echo "THROUGH $departure"; failures=$((failures + 1)); }
done
echo "$failures failures"
[ "$failures" = 0 ]
