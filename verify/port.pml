// SPDX-License-Identifier: MIT
/*
 * Sources at an event port: signal, link, sleep, deliver. Argument: docs/memory-ordering/port.md.
 *
 * SIGNALLERS threads write what they signal, then swap the source's word: pending, and Linked if it was not on and the
 * source is not masked. Who turned Linked on links the node: writes its neighbour, swaps the inbox's head, looks at the
 * sleep word, and wakes. The poller takes the inbox whole, takes each node out of its queue, and swaps the word: pending
 * and Linked off. When it finds nothing it announces sleep, fences, looks once more, and sleeps.
 * One more thread masks and unmasks, closes, takes without the port, or acknowledges.
 *
 * Memory is x86-TSO: each thread has a FIFO of stores that reach memory at any later time. A locked instruction waits until
 * the thread's own FIFO is empty. A system call is NOT counted on as a fence.
 * Verdict: at quiescence (`timeout`) nothing is lost.
 */
#ifndef SIGNALLERS
#define SIGNALLERS 2
#endif
#ifndef SOURCES
#define SOURCES 1        /* 2: each signaller has its own */
#endif
#ifndef EACH
#define EACH 1           /* signals of each signaller */
#endif
#ifndef OTHER
#define OTHER 0          /* 1: masks and unmasks, 2: closes, 3: takes by itself, 4: acknowledges, 5: masks, 6: closes while one takes */
#endif
#ifndef STALL
#define STALL 0          /* 1: signaller 0 may stop for ever behind its swap of the head */
#endif
/* Mutants: each must fail. */
#ifndef OUT_FIRST
#define OUT_FIRST 1      /* 0: Linked is turned off before the node has left the inbox */
#endif
#ifndef ONE_SWAP
#define ONE_SWAP 1       /* 0: pending is taken first, and Linked turned off in a second step */
#endif
#ifndef SLEEP_FENCE
#define SLEEP_FENCE 1    /* 0: no fence between the sleep word and the last look */
#endif
#ifndef RECHECK
#define RECHECK 1        /* 0: no last look */
#endif
#ifndef LOOK
#define LOOK 1           /* 0: who links does not look at the sleep word */
#endif
#ifndef LOOK_LAST
#define LOOK_LAST 1      /* 0: who links looks first */
#endif
#ifndef ALL_LOOK
#define ALL_LOOK 1       /* 0: only who finds the inbox empty looks */
#endif
#ifndef SIGNAL_SWAP
#define SIGNAL_SWAP 1    /* 0: the signal's swap is no fence for what it is about */
#endif
#ifndef REMEMBERED
#define REMEMBERED 1     /* 0: a wake-up that comes before the sleep is forgotten */
#endif
#ifndef UNMASK_LINKS
#define UNMASK_LINKS 1   /* 0: who unmasks does not link */
#endif
#ifndef MASK_KEEPS
#define MASK_KEEPS 1     /* 0: who masks clears what is pending */
#endif
#ifndef MASK_SWAP
#define MASK_SWAP 1      /* 0: in mode Acknowledge the source is masked behind its delivery */
#endif
#ifndef CLOSE_TAKES
#define CLOSE_TAKES 1    /* 0: who closes leaves what is pending in the word */
#endif
#ifndef DROP_LATE
#define DROP_LATE 0      /* 1: the poller looks behind its swap whether the node is closed, 2: closed and linked */
#endif

#define TOTAL (SIGNALLERS*EACH)
#define LINKERS (SIGNALLERS+1)                       /* the last one is the other */
#if SOURCES == 1
#define OF(i) 0
#else
#define OF(i) (i)
#endif

byte pending[SOURCES]; bit linked[SOURCES], masked[SOURCES], closed[SOURCES];   /* the word: changed in one step */
byte head, neighbour[3]; bit asleep;                 /* memory: the inbox, by numbers from 1, and the sleep word */
byte about[SIGNALLERS], signals[SIGNALLERS];         /* memory: what a signal is about; bits of the word */
bit woken;                                           /* kernel: eventfd */
bit frozen;
byte seen[SIGNALLERS], taken, refused, finished, dropped, handed, acknowledged;  /* observations of the checker */
bit inside[SOURCES];                                 /* observation: linked, and not taken out */

mtype = { ABOUT, NEXT };
chan stores[LINKERS] = [3] of { mtype, byte, byte };
chan poller_stores = [2] of { bit };                 /* only its sleep word */

#define DRAIN(i) d_step { stores[i]?what,place,value -> \
  if \
  :: what == ABOUT -> about[place] = value \
  :: what == NEXT  -> neighbour[place] = value \
  fi; what = 0; place = 0; value = 0 }

proctype memory() {
  mtype what; byte place, value;
end:
  do
  :: d_step { poller_stores?value -> asleep = value; value = 0 }
  :: DRAIN(0)
  :: DRAIN(1)
#if LINKERS > 2
  :: DRAIN(2)
#endif
  od
}

/* A step is one access to memory that others see; what is private, or goes into the own FIFO, is joined to it (park.pml). */

inline link(source) {
#if !LOOK_LAST
  saw = asleep;
#endif
  first = head;
again:
  stores[me]!NEXT,source+1,first;
  atomic { empty(stores[me]) ->                      /* compare-and-swap */
    if
    :: head == first -> assert(!inside[source]); inside[source] = 1; head = source+1
    :: else -> first = head; goto again
    fi };
#if STALL
  if :: me == 0 -> frozen = 1; false :: true fi;
#endif
#if LOOK && LOOK_LAST
#if !ALL_LOOK
  if :: first == 0 -> saw = asleep :: else fi;
#else
  saw = asleep;
#endif
#endif
  atomic { if :: saw -> woken = 1 :: else fi; saw = 0; first = 0 }
}

/* Swaps the word: a signal of thread me. */
inline swap_signal(source) {
  if
  :: closed[source] -> refused++
  :: else -> pending[source]++; signals[me] = 1;
     if :: !linked[source] && !masked[source] -> linked[source] = 1; must = 1 :: else fi
  fi
}

proctype signaller(byte me) {
  byte k, first; bit must, saw;
  do
  :: k == EACH -> break
  :: else ->
     atomic { k++; stores[me]!ABOUT,me,k };
#if SIGNAL_SWAP
     atomic { empty(stores[me]) -> swap_signal(OF(me)) };
#else
     atomic { swap_signal(OF(me)) };
#endif
     if
     :: must -> must = 0; link(OF(me))
     :: else
     fi
  od;
  atomic { finished++; k = 0 }
}

/* What is pending was taken, in the same step; what it was about is read behind it. */
inline take_word(source) {
  taken = taken + pending[source]; pending[source] = 0;
  for (i : 0 .. SIGNALLERS-1) { got[i] = 0; if :: OF(i) == source -> got[i] = signals[i]; signals[i] = 0 :: else fi }
  i = 0
}

inline read_about() {
  if :: atomic { got[0] -> seen[0] = about[0]; got[0] = 0 } :: !got[0] fi
#if SIGNALLERS > 1
  ; if :: atomic { got[1] -> seen[1] = about[1]; got[1] = 0 } :: !got[1] fi
#endif
}

proctype taker() {                                   /* Notification.Poll */
  bit got[SIGNALLERS]; byte i;
  atomic { if :: pending[0] -> take_word(0) :: else fi };
  read_about();
  finished++
}

#define ALL_SIGNALLED (finished == SIGNALLERS && taken == TOTAL)

proctype other() {
  byte me = SIGNALLERS, first; bit must, saw;
#if OTHER == 1 || OTHER == 5
  atomic { masked[0] = 1;
#if !MASK_KEEPS
    pending[0] = 0; signals[0] = 0; signals[SIGNALLERS-1] = 0
#endif
  };
#endif
#if OTHER == 2 || OTHER == 6
  atomic { closed[0] = 1;
    taken = taken + pending[0];                      /* it goes to the next word */
#if CLOSE_TAKES
    pending[0] = 0;
#endif
    if :: !linked[0] -> dropped++ :: else fi };
#endif
again_packet:
#if OTHER == 4
  if
  :: atomic { handed != acknowledged -> acknowledged++ }
  :: atomic { handed == acknowledged && ALL_SIGNALLED -> goto over }
  fi;
#endif
#if OTHER == 1 || OTHER == 4
  atomic { masked[0] = 0;
    if :: pending[0] && !linked[0] -> linked[0] = UNMASK_LINKS; must = UNMASK_LINKS :: else fi };
  if
  :: must -> must = 0; link(0)
  :: else
  fi;
#endif
#if OTHER == 4
  goto again_packet;
#endif
over:
  finished++
}

/* The poller comes by a node, which it took out of its queue. */
inline deliver(source) {
#if ONE_SWAP
  atomic {
    if
    :: closed[source] -> drop = 1
    :: else ->
       linked[source] = 0;
       if
       :: pending[source] && !masked[source] -> due = 1; take_word(source);
#if OTHER == 4 && MASK_SWAP
          masked[source] = 1;
#endif
       :: else
       fi
    fi };
#else
  atomic { if :: !closed[source] && pending[source] && !masked[source] -> due = 1; take_word(source) :: else fi };
  atomic { if :: !closed[source] -> linked[source] = 0 :: else fi };
#endif
  if
  :: due -> read_about();
#if OTHER == 4
     atomic { assert(handed == acknowledged); handed++ };    /* the next packet only when this one is acknowledged */
#if !MASK_SWAP
     masked[source] = 1;
#endif
#endif
     due = 0
#if DROP_LATE == 1
  :: atomic { !due -> if :: closed[source] -> dropped++ :: else fi }
#elif DROP_LATE == 2
  :: atomic { !due -> if :: closed[source] && linked[source] -> dropped++ :: else fi }
#else
  :: atomic { !due -> dropped = dropped + drop }
#endif
  fi;
  drop = 0
}

proctype poller() {
  byte at, next, i; bit due, drop; bit got[SIGNALLERS];
look:
  if
  :: atomic { head != 0 && empty(poller_stores) ->   /* compare-and-swap */
#if OUT_FIRST
       at = head; head = 0 };
#else
       at = head };
     due = 0; deliver(at-1);
     atomic { empty(poller_stores) -> at = head; head = 0 };
#endif
     do
     :: at == 0 -> break
     :: else ->
        atomic { next = neighbour[at]; inside[at-1] = 0 };
#if OUT_FIRST
        deliver(at-1);
#endif
        atomic { at = next; next = 0 }
     od;
     goto look
  :: atomic { head == 0 -> poller_stores!1 }
  fi;
#if SLEEP_FENCE
  empty(poller_stores);
#endif
#if RECHECK
  if
  :: atomic { head != 0 -> poller_stores!0; goto look }
  :: head == 0
  fi;
#endif
#if !REMEMBERED
  woken = 0;
#endif
end:
  atomic { woken -> woken = 0; poller_stores!0; goto look }
}

active proctype quiescence() {
  byte i;
  timeout;
#if STALL
  if
  :: frozen ->                                       /* the second one need not hope for the first */
     assert(finished >= 1 && (seen[1] == EACH || SIGNALLERS < 2) && !linked[OF(1)]); goto end
  :: else
  fi;
#endif
#if OTHER == 6
  assert(finished == SIGNALLERS + 2);
#else
  assert(finished == SIGNALLERS + (OTHER != 0));
#endif
  assert(head == 0);                                 /* nobody sleeps over what is linked */
#if SOURCES == 2
  assert(taken + refused + pending[0] + pending[1] == TOTAL);
#else
  assert(taken + refused + (closed[0] -> 0 : pending[0]) == TOTAL);   /* nothing is lost, and nothing comes twice */
#endif
  assert(dropped == closed[0]);
  for (i : 0 .. SIGNALLERS-1) {
    assert(closed[OF(i)] || !linked[OF(i)]);
    assert(closed[OF(i)] || masked[OF(i)] || (pending[OF(i)] == 0 && seen[i] == EACH))
  }
end: skip
}

init {
  atomic {
    byte i;
    run memory(); run poller();
    for (i : 0 .. SIGNALLERS-1) { run signaller(i) }
#if OTHER == 3 || OTHER == 6
    run taker();
#endif
#if OTHER != 0 && OTHER != 3
    run other();
#endif
  }
}
