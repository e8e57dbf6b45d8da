// SPDX-License-Identifier: MIT
/*
 * The gate of granted notifications inside a process. Argument: docs/memory-ordering/inprocess.md.
 *
 * Who signals counts itself in by a locked instruction that also says whether the end has come, signals only if not, and
 * counts itself out; the end sets its bit. Whoever finds the bit set and nobody inside tells "sender gone", once, under a
 * lock. All words are changed by locked instructions only, so there is nothing to buffer.
 */
#ifndef SIGNALLERS
#define SIGNALLERS 3
#endif
#ifndef TIMES
#define TIMES 2
#endif
/* Mutants: each must fail. */
#ifndef COUNTED
#define COUNTED 1        /* 0: who signals does not count itself in */
#endif
#ifndef LAST_TELLS
#define LAST_TELLS 1     /* 0: the last one out does not look for the end */
#endif
#ifndef ONCE
#define ONCE 1           /* 0: whoever finds nobody inside tells, also if it was told */
#endif

byte inside, told; bit ended, lock;

inline tell() {
  atomic { !lock -> lock = 1 };
  if :: !ONCE || told == 0 -> told++ :: else fi;
  lock = 0
}

proctype signaller() {
  byte left = TIMES; bit may, last;
  do
  :: left == 0 -> break
  :: left > 0 ->
     atomic { may = !ended; inside = inside + COUNTED };
     if :: may -> assert(told == 0) :: !may fi;         /* the signal: before "sender gone" */
     atomic { inside = inside - COUNTED; last = ended && inside == 0 && LAST_TELLS };
     if :: last -> tell() :: !last fi;
     left--
  od
}

proctype ender() {
  bit none;
  atomic { ended = 1; none = (inside == 0) };
  if :: none -> tell() :: !none fi
}

init {
  byte i;
  atomic { for (i : 1 .. SIGNALLERS) { run signaller() } run ender() };
  timeout;
  assert(told == 1)
}
