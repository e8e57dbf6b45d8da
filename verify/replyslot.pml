// SPDX-License-Identifier: MIT
/*
 * One reply slot, used again and again: poll, park, time-out, late reply, death, dispose.
 * Argument: docs/memory-ordering/reply-slot.md.
 *
 * CALLERS threads of one process want the one slot that there is; workers of the replying process answer each request
 * they take, at any later time and next to each other. A caller announces `parked`, fences, looks once more, and sleeps
 * in futex_waitv on two words: the reply's first word (compared with what that look saw) and its side's alarm.
 *
 * Memory: each thread has a FIFO of stores that reach memory at any later time; a release store waits for those before
 * it, a plain one (payload) may also overtake, so this contains x86-TSO. A locked instruction waits until the thread's
 * own FIFO is empty. A system call is NOT counted on as a fence: futex_waitv compares and sleeps in one step, but the
 * caller's own stores to other words may still be on their way.
 */
#ifndef CALLERS
#define CALLERS 2
#endif
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef N
#define N 4              /* calls in all */
#endif
#ifndef DEADLINE
#define DEADLINE 1       /* 1: each call may have a deadline or none, 0: none has */
#endif
#ifndef KILL
#define KILL 0           /* 1: the replying process may die at any step, 2: the calling one */
#endif
#ifndef DISPOSE
#define DISPOSE 0        /* 1: the calling side may dispose its endpoint at any moment */
#endif
#ifndef SPURIOUS
#define SPURIOUS 0       /* futex wake-ups out of nothing */
#endif
/* Mutants: each must fail. */
#ifndef WAKE_FENCE
#define WAKE_FENCE 1     /* 0: replier reads the caller's word without a fence */
#endif
#ifndef PARK_FENCE
#define PARK_FENCE 1     /* 0: caller looks again without a fence */
#endif
#ifndef RECHECK
#define RECHECK 1        /* 0: parks on whatever value it finds */
#endif
#ifndef RELEASE
#define RELEASE 1        /* 0: the reply is published by a plain store */
#endif
#ifndef PUBLISH_FIRST
#define PUBLISH_FIRST 0  /* 1: first word before payload */
#endif
#ifndef REUSE_AT_ONCE
#define REUSE_AT_ONCE 0  /* 1: a call that timed out frees its slot */
#endif
#ifndef GENERATION
#define GENERATION 1     /* 0: any reply in the slot is taken for one's own */
#endif
#ifndef RECLAIM
#define RECLAIM 1        /* 0: a slot that was given up is never looked at again */
#endif
#ifndef ALARM
#define ALARM 1          /* 0: no second word to park on */
#endif
#ifndef ALARM_LOOK
#define ALARM_LOOK 1     /* 0: parks on whatever value the alarm has */
#endif
#ifndef FREE_FIRST
#define FREE_FIRST 0     /* 1: the slot is freed before the waiting word is reset */
#endif
#ifndef LAST_LOOK
#define LAST_LOOK 1      /* 0: an alarm ends the call without looking at the slot once more */
#endif

#define POLLING 0
#define PARKED  1
#define FREE    0
#define BUSY    1
#define GIVEN_UP 2

byte reply, payload[2];               /* replier's segment */
byte waiting;                         /* caller's segment */
byte slot, generation;                /* private to the calling side: one word, changed by compare-and-swap */
bit alarm;                            /* private to the calling side */
bit asleep[CALLERS];                  /* kernel: who sleeps in futex_waitv */
bit killed, dead, hup;
byte calls, finished, spurious;       /* observations and bounds of the checker */

mtype = { WAITING, PLAIN, ORDERED, LATE, PAYLOAD0, PAYLOAD1, REPLY };
chan request = [N] of { byte };       /* the ring: see ring.pml */
chan words[CALLERS] = [3] of { byte };                 /* callers' FIFOs: only their waiting word */
chan stores[WORKERS] = [4] of { mtype, mtype, byte };  /* workers' FIFOs */

#define DRAIN(i) atomic { nempty(stores[i]) -> \
  if \
  :: stores[i]?_,what,value \
  :: stores[i]??PLAIN,what,value \
  :: stores[i]??LATE,what,value \
  fi; \
  if \
  :: what == PAYLOAD0 -> payload[0] = value \
  :: what == PAYLOAD1 -> payload[1] = value \
  :: what == REPLY    -> reply = value \
  fi; what = 0; value = 0 }

proctype memory() {
  mtype what; byte value;
end:
  do
  :: d_step { words[0]?value -> waiting = value; value = 0 }
#if CALLERS > 1
  :: d_step { words[1]?value -> waiting = value; value = 0 }
#endif
  :: DRAIN(0)
#if WORKERS > 1
  :: DRAIN(1)
#endif
  od
}

/* Joined to the step before: stores into one's own FIFO and what is private to one thread (see park.pml). */

#if GENERATION
#define MINE(r) ((r) == g)
#else
#define MINE(r) ((r) != 0)
#endif
#if ALARM
#define RAISED alarm
#else
#define RAISED false
#endif

proctype caller(byte me) provided (!killed) {
  byte g, r; bit deadline, a;
next:
  if
  :: atomic { calls == N -> finished++; goto done }
  :: atomic { calls < N -> calls++ }
  fi;
  if                                                   /* a free slot, or one whose late reply has arrived */
  :: atomic { slot == FREE && empty(words[me]) -> slot = BUSY; generation++; g = generation }
#if RECLAIM
  :: atomic { slot == GIVEN_UP && reply == generation && empty(words[me]) -> slot = BUSY; generation++; g = generation }
#endif
  :: alarm -> goto next                                /* closed: the call fails at once */
  fi;
  atomic {
    request!g;                                         /* the baton's swap is a fence, and the FIFO was empty */
#if DEADLINE
    if :: deadline = 1 :: deadline = 0 fi
#endif
  };
look:
  if
  :: atomic { MINE(reply) -> goto got }
  :: atomic { deadline && !MINE(reply) -> goto expired }           /* ran out while polling */
  :: atomic { !MINE(reply) -> words[me]!PARKED }
  fi;
#if PARK_FENCE
  empty(words[me]);
#endif
again:
#if ALARM_LOOK
  if
  :: atomic { RAISED -> goto raised }
  :: !RAISED
  fi;
  a = 0;
#else
  a = alarm;
#endif
#if RECHECK
  if
  :: atomic { MINE(reply) -> r = 0; goto got }
  :: atomic { !MINE(reply) -> r = reply }
  fi;
#else
  r = reply;
#endif
  atomic {                                             /* futex_waitv: compare both words and sleep */
    if
    :: reply == r && (!ALARM || alarm == a) -> asleep[me] = 1
    :: else
    fi;
    r = 0; a = 0
  };
  if
  :: atomic { !asleep[me] -> goto again }
  :: atomic { deadline && asleep[me] -> asleep[me] = 0; goto expired }
#if SPURIOUS
  :: atomic { asleep[me] && spurious < SPURIOUS -> spurious++; asleep[me] = 0; goto again }
#endif
  fi;
got:
  assert(payload[0] == g);                             /* mine, and whole */
  atomic {
    assert(payload[1] == g);
    g = 0; deadline = 0;
#if !FREE_FIRST
    words[me]!POLLING
#endif
  };
  atomic { empty(words[me]) -> slot = FREE };          /* compare-and-swap */
#if FREE_FIRST
  words[me]!POLLING;
#endif
  goto next;
expired:
  atomic { g = 0; deadline = 0; words[me]!POLLING };
#if REUSE_AT_ONCE
  atomic { empty(words[me]) -> slot = FREE };
#else
  atomic { empty(words[me]) -> slot = GIVEN_UP };      /* until the late reply of this generation is there */
#endif
  goto next;
raised:
#if LAST_LOOK
  if
  :: atomic { MINE(reply) -> r = 0; goto got }
  :: !MINE(reply)
  fi;
#endif
  atomic { assert(!(hup && reply == g)); g = 0; r = 0; deadline = 0; goto next };   /* a reply that was there is not lost */
done:
  skip
}

#if RELEASE
#define PUBLISH stores[me]!ORDERED,REPLY,g
#else
#define PUBLISH stores[me]!LATE,REPLY,g
#endif

proctype worker(byte me) provided (!dead) {
  byte g; bit wake;
end:
  do
  :: atomic { request?g ->
#if PUBLISH_FIRST
       PUBLISH;
#endif
       stores[me]!PLAIN,PAYLOAD0,g; stores[me]!PLAIN,PAYLOAD1,g
#if !PUBLISH_FIRST
       ; PUBLISH
#endif
       ; g = 0
     };
#if WAKE_FENCE
     empty(stores[me]);
#endif
     wake = (waiting == PARKED);
     atomic {                                          /* FUTEX_WAKE(1) on the reply's first word */
       if
       :: wake && asleep[0] -> asleep[0] = 0
#if CALLERS > 1
       :: wake && asleep[1] -> asleep[1] = 0
#endif
       :: else
       fi;
       wake = 0
     }
  od
}

#if KILL == 1
active proctype fate() {
  dead = 1;                                            /* at any step; what was stored still drains */
  atomic { empty(stores[0]) && empty(stores[WORKERS-1]) -> hup = 1 }
}
#elif KILL == 2
active proctype fate() { killed = 1 }
#endif

#if KILL == 1 || DISPOSE
active proctype closer() provided (!killed) {          /* the calling side's reactor, or whoever disposes */
#if DISPOSE
  alarm = 1;
#else
  atomic { hup -> alarm = 1 };
#endif
  atomic {                                             /* FUTEX_WAKE(all) on the alarm */
    byte i;
    if
    :: ALARM -> for (i : 0 .. CALLERS-1) { asleep[i] = 0 }
    :: else
    fi
  }
}
#endif

active proctype quiescence() {
  timeout;
#if KILL == 2
  assert(empty(request) || dead)                       /* a dead caller stops no worker */
#else
  assert(finished == CALLERS)                          /* every call ended, and the slot was never lost */
#endif
}

init {
  atomic {
    byte i;
    run memory();
    for (i : 0 .. CALLERS-1) { run caller(i) }
    for (i : 0 .. WORKERS-1) { run worker(i) }
  }
}
