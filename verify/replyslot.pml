// SPDX-License-Identifier: MIT
/*
 * One reply slot, used again and again: poll, park, time-out, announce, late reply, reclaim, death, dispose.
 * Argument: docs/memory-ordering/reply-slot.md.
 *
 * CALLERS threads of one process want the one slot that there is; workers of the replying process answer each request
 * they take, at any later time and next to each other. A caller announces `parked`, fences, looks once more, and sleeps
 * in futex_waitv on two words: the reply's first word and its side's alarm. A caller whose deadline passes announces
 * `announce` and leaves the slot to its late reply; whoever finds that reply, its reactor or a caller that wants a
 * slot, takes the slot over and frees it.
 *
 * Memory: each thread has a FIFO of stores that reach memory at any later time; a release store waits for those before
 * it, a plain one (payload) may also overtake, so this contains x86-TSO. A locked instruction waits until the thread's
 * own FIFO is empty. A system call is NOT counted on as a fence: futex_waitv compares and sleeps in one step, but the
 * caller's own stores to other words may still be on their way.
 *
 * A word that is only compared for "has changed since I read it" (alarm, slot given back) is a bit for each thread:
 * set by a change, cleared by the read. A bell to the reactor is a latch: park.pml shows that it is one.
 */
#ifndef CALLERS
#define CALLERS 2
#endif
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef N
#define N 3              /* calls in all */
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
#ifndef LIAR
#define LIAR 0           /* 1: a reply may name a generation that nobody waits for */
#endif
/* Mutants: each must fail, alone or with what its row in expected.txt says. */
#ifndef WAKE_FENCE
#define WAKE_FENCE 1     /* 0: replier reads the caller's word without a fence */
#endif
#ifndef PARK_FENCE
#define PARK_FENCE 1     /* 0: caller looks again without a fence */
#endif
#ifndef RECHECK
#define RECHECK 1        /* 0: no last look before the futex (its own comparison is one, so this alone holds) */
#endif
#ifndef COMPARE
#define COMPARE 1        /* 0: the futex compares with whatever it finds */
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
#ifndef PREVIOUS
#define PREVIOUS 1       /* 0: whatever the slot holds is the reply */
#endif
#ifndef GENERATION
#define GENERATION 1     /* 0: a new word is taken without a look at its generation */
#endif
#ifndef ANNOUNCE
#define ANNOUNCE 1       /* 0: who gives up leaves `polling` behind */
#endif
#ifndef ABANDON_LOOK
#define ABANDON_LOOK 1   /* 0: who gives up looks at the reply before it gives up, and not after */
#endif
#ifndef AGAIN_LOOK
#define AGAIN_LOOK 1     /* 0: who took a slot over too early gives it back without another look */
#endif
#ifndef ALARM
#define ALARM 1          /* 0: no second word to park on */
#endif
#ifndef ALARM_FIRST
#define ALARM_FIRST 1    /* 0: the alarm's value is read after the look at the end */
#endif
#ifndef LEAVE_LAST
#define LEAVE_LAST 1     /* 0: the slot is freed before the waiting word is reset */
#endif
#ifndef LAST_LOOK
#define LAST_LOOK 1      /* 0: the slot is looked at before the end is */
#endif

#define POLLING  0
#define PARKED   1
#define AWAITED  2                    /* `announce` */
#define LIE      9

byte reply, payload[2];               /* replier's segment */
byte waiting;                         /* caller's segment */
bit taken, abandoned;                 /* private to the calling side, each changed by compare-and-swap */
byte generation, previous;            /* private, belong to the slot's owner */
byte waiters;                         /* private, counted by locked instructions: threads that want the slot */
bit ended;                            /* private */
bit alarmed[CALLERS], given[CALLERS]; /* private: the alarm, or the word of free slots, changed since I read it */
bit asleep[CALLERS], queued[CALLERS]; /* kernel: sleeps in futex_waitv, sleeps on the word of free slots */
bit bell, fault, killed, dead, hup;
byte calls, finished, spurious;       /* observations and bounds of the checker */

mtype = { WAITING, LAST, PLAIN, ORDERED, LATE, PAYLOAD0, PAYLOAD1, REPLY };
chan request = [N] of { byte };       /* the ring: see ring.pml */
chan words[CALLERS+1] = [4] of { mtype, byte };        /* FIFOs of the calling side: callers, then the reactor */
chan stores[WORKERS] = [4] of { mtype, mtype, byte };  /* FIFOs of the workers */

#define OWN(i) d_step { words[i]?what,value -> \
  if :: what == WAITING -> waiting = value :: else -> previous = value fi; what = 0; value = 0 }

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
  :: OWN(0)
  :: OWN(1)
#if CALLERS > 1
  :: OWN(2)
#endif
  :: DRAIN(0)
#if WORKERS > 1
  :: DRAIN(1)
#endif
  od
}

/* Joined to the step before: stores into one's own FIFO and what is private to one thread (see park.pml). */

#if PREVIOUS
#define THERE (reply != previous)
#else
#define THERE (reply != 0)
#endif

/* The slot is free again: one of those who want it is told. */
inline tell_waiters() {
  if
  :: atomic { waiters != 0 ->
       given[0] = 1; given[CALLERS-1] = 1 };
     atomic {
       if
       :: queued[0] -> queued[0] = 0
#if CALLERS > 1
       :: queued[1] -> queued[1] = 0
#endif
       :: else
       fi }
  :: waiters == 0
  fi
}

/* Takes over a slot that was left to its late reply, if that has come, and frees it. */
inline reclaim() {
  do
  :: atomic { !abandoned -> break }
  :: atomic { abandoned && !THERE -> break }
  :: atomic { abandoned && THERE -> skip };
     atomic { empty(words[me]) ->
       if
       :: abandoned -> abandoned = 0; own = 1
       :: else -> own = 0
       fi };
     if
     :: atomic { !own -> break }
     :: atomic { own && !THERE -> own = 0 };                   /* others had reclaimed, used and left it since we looked */
        atomic { empty(words[me]) -> abandoned = 1 };
#if !AGAIN_LOOK
        break
#endif
     :: atomic { own && THERE -> own = 0;
          if :: reply == generation -> words[me]!LAST,reply :: else fi;    /* a lie stays for the next caller to find */
          words[me]!WAITING,POLLING };
        atomic { empty(words[me]) -> taken = 0 };
        tell_waiters();
        break
     fi
  od
}

inline take(ok) {
  atomic { empty(words[me]) ->                                  /* compare-and-swap */
    if
    :: !taken -> taken = 1; generation++; g = generation; ok = 1
    :: else -> ok = 0
    fi }
}

proctype caller(byte me) provided (!killed) {
  byte g; bit own, deadline, e, late;
next:
  if
  :: atomic { calls == N || ended || fault -> finished++; goto done }
  :: atomic { calls < N && !ended && !fault -> calls++ }
  fi;
  reclaim();
  take(own);
  if
  :: atomic { own -> own = 0; goto send }
  :: !own
  fi;
  atomic { empty(words[me]) -> waiters++ };
want:
  given[me] = 0;                                                /* the word of free slots is read */
  if
  :: atomic { ended || fault -> waiters--; finished++; goto done }
  :: !ended && !fault
  fi;
  reclaim();
  take(own);
  if
  :: atomic { own -> own = 0; waiters--; goto send }
  :: !own
  fi;
  atomic { if :: !given[me] -> queued[me] = 1 :: else fi };     /* futex_wait */
  !queued[me];
  goto want;

send:
  atomic {
    request!g;                                                  /* the baton's swap is a fence, and the FIFO was empty */
#if DEADLINE
    if :: deadline = 1 :: deadline = 0 fi
#endif
  };
  if                                                            /* polls as long as it likes */
  :: atomic { THERE -> goto got }
  :: true
  fi;
park:
#if ALARM_FIRST
  alarmed[me] = 0;
#endif
#if !LAST_LOOK
  if
  :: atomic { THERE -> goto got }
  :: !THERE
  fi;
#endif
  e = ended;
#if !ALARM_FIRST
  alarmed[me] = 0;
#endif
#if LAST_LOOK
  if
  :: atomic { THERE -> e = 0; goto got }
  :: !THERE
  fi;
#endif
  if
  :: atomic { e && ALARM ->
       assert(!(hup && THERE));                                 /* a reply that was there is not lost */
       g = 0; e = 0; deadline = 0; finished++; goto done }
  :: atomic { !(e && ALARM) -> e = 0; words[me]!WAITING,PARKED }
  fi;
#if PARK_FENCE
  empty(words[me]);
#endif
#if RECHECK
  if
  :: atomic { THERE -> goto awake }
  :: !THERE
  fi;
#endif
  atomic {                                                      /* futex_waitv: compare both words and sleep */
    if
    :: (!COMPARE || !THERE) && (!ALARM || !alarmed[me]) -> asleep[me] = 1
    :: else
    fi };
  if
  :: !asleep[me]
  :: atomic { asleep[me] && deadline -> asleep[me] = 0; late = 1 }
#if SPURIOUS
  :: atomic { asleep[me] && spurious < SPURIOUS -> spurious++; asleep[me] = 0 }
#endif
  fi;
awake:
  if
  :: atomic { late && !THERE -> late = 0; goto abandon }
  :: atomic { !(late && !THERE) -> late = 0; words[me]!WAITING,POLLING; goto park }
  fi;

got:
#if GENERATION
  if
  :: atomic { reply != g -> assert(LIAR); fault = 1; g = 0; deadline = 0; finished++; goto done }
  :: reply == g
  fi;
#endif
  assert(payload[0] == g);                                      /* mine, and whole */
  atomic {
    assert(payload[1] == g);
    words[me]!LAST,reply; g = 0; deadline = 0
  };
  atomic { empty(words[me]) -> taken = 0                        /* compare-and-swap */
#if !LEAVE_LAST
    ; words[me]!WAITING,POLLING
#endif
  };
  tell_waiters();
  goto next;

abandon:
  atomic { g = 0; deadline = 0
#if ANNOUNCE
    ; words[me]!WAITING,AWAITED
#else
    ; words[me]!WAITING,POLLING
#endif
  };
  empty(words[me]);
#if !ABANDON_LOOK
  e = THERE;
#endif
#if REUSE_AT_ONCE
  atomic { taken = 0 };
  tell_waiters();
#else
  atomic { abandoned = 1 };                                     /* compare-and-swap: a fence */
#if ABANDON_LOOK
  reclaim();
#else
  if
  :: atomic { e -> e = 0 }; reclaim()
  :: !e
  fi;
#endif
#endif
  goto next;
done:
  skip
}

/* The calling side's reactor: what the bell and the hang-up make it do. */
proctype reactor(byte me) provided (!killed) {
  bit own;
end:
  do
  :: atomic { bell -> bell = 0 };
     if
     :: waiters != 0 -> reclaim()
     :: waiters == 0
     fi
#if KILL == 1 || DISPOSE || LIAR
  :: (DISPOSE || hup || fault) -> break
#endif
  od;
  ended = 1;
  atomic { alarmed[0] = 1; alarmed[CALLERS-1] = 1 };
  atomic { if :: ALARM -> asleep[0] = 0; asleep[CALLERS-1] = 0 :: else fi };
  atomic { given[0] = 1; given[CALLERS-1] = 1 };
  atomic { queued[0] = 0; queued[CALLERS-1] = 0 }
}

#if RELEASE
#define PUBLISH stores[me]!ORDERED,REPLY,g
#else
#define PUBLISH stores[me]!LATE,REPLY,g
#endif

proctype worker(byte me) provided (!dead) {
  byte g, w;
end:
  do
  :: atomic { request?g ->
#if LIAR
       if :: g = LIE :: true fi;
#endif
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
     w = waiting;
     atomic {
       if
       :: w == PARKED && asleep[0] -> asleep[0] = 0             /* FUTEX_WAKE(1) on the reply's first word */
#if CALLERS > 1
       :: w == PARKED && asleep[1] -> asleep[1] = 0
#endif
       :: w == AWAITED -> bell = 1
       :: else
       fi;
       w = 0
     }
  od
}

#if KILL == 1
active proctype fate() {
  dead = 1;                                                     /* at any step; what was stored still drains */
  atomic { empty(stores[0]) && empty(stores[WORKERS-1]) -> hup = 1 }
}
#elif KILL == 2
active proctype fate() { killed = 1 }
#endif

active proctype quiescence() {
  timeout;
#if KILL == 2
  assert(empty(request))                                        /* a dead caller stops no worker */
#else
  assert(finished == CALLERS)                                   /* every call ended, and the slot was never lost */
#endif
}

init {
  atomic {
    byte i;
    run memory(); run reactor(CALLERS);
    for (i : 0 .. CALLERS-1) { run caller(i) }
    for (i : 0 .. WORKERS-1) { run worker(i) }
  }
}
