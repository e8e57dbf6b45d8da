// SPDX-License-Identifier: MIT
/*
 * An EpollSet's ready list, and those who wait for it: EpollRegistration, ReadyList, ParkedWaiters, EpollSet.Waiting.
 * Argument: docs/memory-ordering/readiness.md.
 *
 * SOURCES sources are signalled SIGNALS times each, by a thread of their own. A signal changes the source, turns Linked on,
 * puts the place into the list if it was the one that did, and looks whether anybody waits; it wakes one. A waiter scans the
 * list, under a lock: takes a place out, turns Linked off, looks at the source. It reports one place, so it may leave others
 * in the list; then it wakes the next, and scans again or leaves for good. With nothing it enters, fences, looks at the list, and sleeps; LATE
 * of the waiters have a deadline, and leave for good after a last scan.
 *
 * Places are edge-triggered: `owed` says that the source was signalled behind the last look of a report; as LEVEL it stays.
 * The list has no order here: fairness is not the question.
 *
 * Memory is x86-TSO: each thread has a FIFO of stores that reach memory at any later time. A locked instruction waits until
 * the thread's own FIFO is empty; a lock orders what is stored under it for who takes it next, but letting it go is no fence.
 * Verdict: at quiescence (`timeout`) nobody sleeps while a source is owed.
 */
#ifndef SOURCES
#define SOURCES 2
#endif
#ifndef SIGNALS
#define SIGNALS 1
#endif
#ifndef WAITERS
#define WAITERS 2
#endif
#ifndef LATE
#define LATE 0           /* so many of those who wait have a deadline, which may pass at any time */
#endif
#ifndef LEVEL
#define LEVEL 0          /* 1: a place that is reported goes back into the list; each who waits takes one report */
#endif
/* Mutants: each must fail. */
#ifndef UNLINK_FIRST
#define UNLINK_FIRST 1   /* 0: Linked is turned off behind the look at the source */
#endif
#ifndef UNLINK_FENCE
#define UNLINK_FENCE 1   /* 0: Linked is turned off by a plain store */
#endif
#ifndef ENTER_FENCE
#define ENTER_FENCE 1    /* 0: no fence between the entry and the last look at the list */
#endif
#ifndef LAST_LOOK
#define LAST_LOOK 1      /* 0: no look at the list behind the entry */
#endif
#ifndef WAKE_FENCE
#define WAKE_FENCE 1     /* 0: who puts a place into the list looks too early whether anybody waits */
#endif
#ifndef PASS_ON
#define PASS_ON 1        /* 0: who leaves places in the list wakes nobody */
#endif
#ifndef WOKEN_SCANS
#define WOKEN_SCANS 1    /* 0: who was woken as its deadline passed leaves without a scan */
#endif

bit owed[SOURCES];                  /* memory, changed by locked instructions */
bit linked[SOURCES];                /* memory */
bit listed[SOURCES];                /* in the stack or the list */
byte count;                         /* memory: how many are entered; written under the lock of the waiters */
bit entered[WAITERS]; byte members; /* under that lock */
bit woken[WAITERS];                 /* the private words */
bit locked;                         /* the set's lock */
byte asleep, gone, signalled;       /* observations of the checker */

mtype = { COUNT, UNLINK };
chan stores[SOURCES+WAITERS] = [4] of { mtype, byte };

#define DRAIN(i) d_step { stores[i]?what,value -> \
  if \
  :: what == COUNT  -> count = value \
  :: what == UNLINK -> linked[value] = 0 \
  fi; what = 0; value = 0 }

proctype memory() {
  mtype what; byte value;
end:
  do
  :: DRAIN(0)
  :: DRAIN(1)
#if SOURCES + WAITERS > 2
  :: DRAIN(2)
#endif
#if SOURCES + WAITERS > 3
  :: DRAIN(3)
#endif
  od
}

#define NO_COUNT(i) (!(stores[i]??[COUNT,0] || stores[i]??[COUNT,1] || stores[i]??[COUNT,2]))
#if SOURCES + WAITERS > 3
#define ORDERED (NO_COUNT(0) && NO_COUNT(1) && NO_COUNT(2) && NO_COUNT(3))
#elif SOURCES + WAITERS > 2
#define ORDERED (NO_COUNT(0) && NO_COUNT(1) && NO_COUNT(2))
#else
#define ORDERED (NO_COUNT(0) && NO_COUNT(1))
#endif

/* Wakes one of those who are entered. */
inline wake() {
  if
  :: count != 0 ->
     atomic { ORDERED ->
       w = WAITERS;
       if
       :: entered[0] -> w = 0
#if WAITERS > 1
       :: entered[1] -> w = 1
#endif
       :: members == 0
       fi;
       if :: w < WAITERS -> entered[w] = 0; members--; stores[me]!COUNT,members :: else fi };
     if
     :: w < WAITERS -> atomic { empty(stores[me]) -> woken[w] = 1; w = 0 }
     :: else -> w = 0
     fi
  :: count == 0
  fi
}

proctype signaller(byte s) {
  byte me = s, k, w; bit mine, anybody;
  do
  :: k == SIGNALS -> break
  :: k < SIGNALS ->
     atomic { empty(stores[me]) -> k++; owed[s] = 1 };                        /* the source, by a compare-and-swap */
#if !WAKE_FENCE
     anybody = count != 0;
#endif
     atomic { empty(stores[me]) -> mine = !linked[s]; linked[s] = 1 };        /* an exchange */
     if :: mine -> atomic { empty(stores[me]) -> listed[s] = 1 } :: else fi;  /* a compare-and-swap */
#if WAKE_FENCE
     wake();
#else
     if :: anybody -> wake() :: else fi;
#endif
     atomic { mine = 0; anybody = 0 }
  od;
  signalled++
}

proctype waiter(byte n) {
  byte me = SOURCES + n, w, s; bit got, late, was;
again:
  atomic { !locked -> locked = 1 };
  s = 0;
  do
  :: s == SOURCES || got -> break
  :: s < SOURCES && !got && !listed[s] -> s++
  :: s < SOURCES && !got && listed[s] ->
     listed[s] = 0;
#if !UNLINK_FIRST
     atomic { got = owed[s]; owed[s] = 0 };
#endif
#if UNLINK_FENCE
     atomic { empty(stores[me]) -> linked[s] = 0 };                           /* an exchange */
#else
     stores[me]!UNLINK,s;
#endif
#if UNLINK_FIRST && !LEVEL
     atomic { got = owed[s]; owed[s] = 0 };
#endif
#if LEVEL
     got = owed[s];
     if
     :: got ->
        atomic { empty(stores[me]) -> was = !linked[s]; linked[s] = 1 };     /* an exchange: back into the list */
        if :: was -> listed[s] = 1; was = 0 :: else fi
     :: else
     fi;
#endif
     s++
  od;
  atomic { empty(stores[me]) -> locked = 0; s = 0 };
#if PASS_ON
  if
  :: listed[0] || listed[SOURCES-1] -> wake()
  :: else
  fi;
#endif
  if
#if !LEVEL
  :: got -> got = 0; goto again
#endif
  :: got -> goto leave                               /* does something with it, and does not come back */
  :: !got && late -> goto leave
  :: else
  fi;

  atomic { ORDERED -> woken[n] = 0; entered[n] = 1; members++; stores[me]!COUNT,members };
#if ENTER_FENCE
  empty(stores[me]);
#endif
#if LAST_LOOK
  if
  :: listed[0] || listed[SOURCES-1] -> goto awake
  :: else
  fi;
#endif
  asleep++;
end_asleep:
  if
  :: atomic { woken[n] -> asleep-- }
  :: atomic { n < LATE -> late = 1; asleep-- }
  fi;
awake:
  atomic { ORDERED ->
    if
    :: entered[n] -> entered[n] = 0; members--; was = 0
    :: else -> was = 1
    fi;
    stores[me]!COUNT,members };
  if
  :: late && was && !WOKEN_SCANS -> goto leave
  :: else -> was = 0; goto again
  fi;

leave:
  atomic { gone++; late = 0; was = 0; got = 0 }
}

active proctype quiescence() {
  timeout;
  assert(signalled == SOURCES);
  assert(gone + asleep == WAITERS);
  assert(gone == WAITERS || !owed[0] && !owed[SOURCES-1])   /* nobody sleeps beside something */
}

init {
  atomic {
    byte i;
    run memory();
    for (i : 0 .. SOURCES-1) { run signaller(i) }
    for (i : 0 .. WAITERS-1) { run waiter(i) }
  }
}
