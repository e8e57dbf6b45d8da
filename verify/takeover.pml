// SPDX-License-Identifier: MIT
/*
 * A reactor's loop that is taken over from a slow handler. Argument: docs/memory-ordering/takeover.md.
 *
 * One state word says who owns the loop: Loop (the loop thread), Handler(n) (nobody: the n-th inline handler runs),
 * Taken (whoever swapped it, until it has handed the loop over). A loop thread starts a handler inline only while it holds
 * a reserved standby, else it queues the item to a pool. The monitor looks twice, then swaps Handler(n) to Taken and
 * assigns the loop to the reserved standby; a handler that waits in Gangway does the same itself. The old thread's swap
 * back fails: it finishes its handler and becomes a standby, which can be reserved again.
 *
 * ITEMS items wait in the ring. Each handler is quick, or waits until the next item is done: blocked outright, or in
 * Gangway. So one loop that is not given on stops everything behind it.
 *
 * Memory is x86-TSO: each thread has a FIFO of stores that reach memory at any later time. A locked instruction waits until
 * the thread's own FIFO is empty. A system call is NOT counted on as a fence.
 */
#ifndef STANDBYS
#define STANDBYS 2       /* at most 2 */
#endif
#ifndef ITEMS
#define ITEMS 4
#endif
#ifndef HANG
#define HANG 0           /* 1: the first handler never ends */
#endif
/* Mutants: each must fail. */
#ifndef NUMBER
#define NUMBER 1         /* 0: every handler has the same number */
#endif
#ifndef SWAP_BACK
#define SWAP_BACK 1      /* 0: the old thread writes Loop back without looking */
#endif
#ifndef SWAP_FIRST
#define SWAP_FIRST 1     /* 0: the monitor hands the loop over, then swaps */
#endif
#ifndef ASSIGN_FIRST
#define ASSIGN_FIRST 1   /* 0: the standby is woken before the loop is assigned to it */
#endif
#ifndef RESERVE
#define RESERVE 1        /* 0: a handler starts without a reserved standby */
#endif
#ifndef ENTER_LAST
#define ENTER_LAST 1     /* 0: Handler(n) is written before the loop is consistent */
#endif
#ifndef BACK_LATE
#define BACK_LATE 1      /* 0: a thread that gave the loop away is a standby before its handler has ended */
#endif
#ifndef TOUCH
#define TOUCH 0          /* 1: the old thread finishes its turn before it swaps back */
#endif

#define THREADS (STANDBYS+1)
#define MONITOR THREADS
#define NONE    255

#define LOOP    0
#define HANDLER 1
#define TAKEN   2
#if NUMBER
#define WORD(n, phase) ((n)*4 + phase)
#else
#define WORD(n, phase) (phase)
#endif

byte state;                            /* the word: private to the process */
byte reserved = NONE;                  /* loop state that a taker reads: which standby */
bit  assigned[THREADS];                /* the loop is yours */
bit  changed[THREADS], asleep[THREADS];/* its parking word changed since it was read; kernel: sleeps on it */
bit  available[THREADS];               /* standbys that can be reserved, by compare-and-swap */
byte next;                             /* loop state: the next item */
byte running;                          /* observation: number of the handler that was last started */
byte inside;                           /* observation: threads in the loop's part */
bit  done[ITEMS+1], queued[ITEMS];

mtype = { STATE, RESERVED, TURN, ASSIGNED };
chan stores[THREADS+1] = [6] of { mtype, byte };

#define DRAIN(i) d_step { stores[i]?what,value -> \
  if \
  :: what == STATE    -> state = value \
  :: what == RESERVED -> reserved = value \
  :: what == ASSIGNED -> assigned[value >> 1] = value & 1 \
  :: what == TURN \
  fi; what = 0; value = 0 }

proctype memory() {
  mtype what; byte value;
end:
  do
  :: DRAIN(0)
  :: DRAIN(1)
  :: DRAIN(2)
#if STANDBYS > 1
  :: DRAIN(3)
#endif
  od
}

/* Joined to the step before: stores into one's own FIFO and what is private to one thread (see park.pml). */

#define ENTER inside++; assert(inside == 1)
#define LEAVE inside--

/* The loop is ours to give: assign it, then change the parking word and wake. */
inline hand(to) {
#if ASSIGN_FIRST
  stores[me]!ASSIGNED,to*2+1;
  atomic { empty(stores[me]) -> changed[to] = 1 };
  asleep[to] = 0
#else
  atomic { empty(stores[me]) -> changed[to] = 1 };
  asleep[to] = 0;
  stores[me]!ASSIGNED,to*2+1
#endif
}

proctype monitor() {
  byte me = MONITOR, seen, number, to; bit ok;
end:
  do
  :: atomic { (state & 3) == HANDLER -> seen = state; number = running };  /* one tick */
     if                                                    /* the next tick: still the same one */
     :: atomic { state != seen -> seen = 0; number = 0 }
     :: state == seen ->
#if !SWAP_FIRST
        to = reserved;
        if :: to != NONE -> hand(to) :: else fi;
#endif
        atomic {                                           /* compare-and-swap: it may come much later */
          if
          :: state == seen -> assert(number == running); state = seen - HANDLER + TAKEN; ok = 1
          :: else
          fi
        };
#if SWAP_FIRST
        if
        :: ok ->
           to = reserved;
           if :: to != NONE -> hand(to) :: else fi
        :: !ok
        fi;
#endif
        atomic { seen = 0; number = 0; to = 0; ok = 0 }
     fi
  od
}

proctype worker(byte me) {
  byte n, item, held = NONE, i; bit gone;
  if
  :: atomic { me == 0 -> ENTER; goto turn }
  :: else
  fi;
standby:
  changed[me] = 0;                                         /* the parking word is read, then the assignment */
  if
  :: atomic { assigned[me] -> stores[me]!ASSIGNED,me*2; goto taken }
  :: !assigned[me] ->
     atomic { if :: !changed[me] -> asleep[me] = 1 :: else fi };
end_asleep:
     !asleep[me];                                          /* futex_wait: compared and asleep in one step */
     goto standby
  fi;
taken:
  atomic { ENTER; n = running;                             /* the number is in the word; without it a count of its own */
    held = NONE; stores[me]!RESERVED,NONE; stores[me]!STATE,WORD(n, LOOP) };
turn:
  atomic {                                                 /* a turn reads and writes loop state */
    for (i : 0 .. THREADS) { assert(i == me || !(stores[i]??[TURN,0])) } i = 0;
    if
    :: next < ITEMS -> item = next; next++
#if ENTER_LAST
       ; stores[me]!TURN,0
#endif
    :: else -> goto idle
    fi
  };
  if
  :: atomic { held == NONE && empty(stores[me]) ->         /* compare-and-swap on the list of standbys */
       i = 0;
       do
       :: i < THREADS && !available[i] -> i++
       :: else -> break
       od;
       if
       :: i < THREADS -> available[i] = 0; held = i; stores[me]!RESERVED,i; i = 0
       :: else -> i = 0;
#if RESERVE
          queued[item] = 1; goto turn                      /* none left: nothing inline */
#endif
       fi }
  :: held != NONE
  fi;
  atomic { n++; running = n; LEAVE; stores[me]!STATE,WORD(n, HANDLER)
#if !ENTER_LAST
    ; stores[me]!TURN,0
#endif
  };
  if                                                       /* the handler */
  :: !(HANG && item == 0)                                  /* quick */
  :: true -> done[item+1] && !(HANG && item == 0)          /* blocked, until the next item is done */
  :: item < ITEMS-1 ->                                     /* waits for that in Gangway: gives the loop away itself */
     atomic { empty(stores[me]) ->
       if
       :: state == WORD(n, HANDLER) -> state = WORD(n, TAKEN); gone = 1
       :: else
       fi };
     if
     :: gone && held != NONE -> hand(held)
     :: else
     fi;
#if !BACK_LATE
     if :: gone -> available[me] = 1 :: else fi;
#endif
     done[item+1] && !(HANG && item == 0)
  fi;
  done[item] = 1;
#if TOUCH
  atomic { ENTER }; atomic { LEAVE };
#endif
  if
  :: atomic { gone -> gone = 0; item = 0; held = NONE }
  :: atomic { !gone && empty(stores[me]) ->                /* compare-and-swap */
#if SWAP_BACK
       if
       :: state == WORD(n, HANDLER) -> state = WORD(n, LOOP); ENTER; item = 0; goto turn
       :: else -> item = 0; held = NONE
       fi
#else
       state = WORD(n, LOOP); ENTER; item = 0; goto turn
#endif
     }
  fi;
  atomic { empty(stores[me]) -> available[me] = 1; n = 0; goto standby };   /* put into the list of standbys */
idle:
end_idle:
  false                                                    /* epoll_wait: nothing comes any more */
}

#define POOL(i) atomic { queued[i] && !done[i] && done[(i)+1] -> done[i] = 1 }

proctype pool() {                                          /* has a thread for each item: what waits here holds no loop */
end:
  do
  :: POOL(0)
  :: POOL(1)
  :: POOL(2)
#if ITEMS > 3
  :: POOL(3)
#endif
  od
}

active proctype quiescence() {
  byte i;
  timeout;
  for (i : HANG .. ITEMS-1) { assert(done[i]) }            /* some thread got to all of it */
  assert(inside == 1 && (state & 3) == LOOP)               /* and one owns the loop */
}

init {
  atomic {
    byte i;
    done[ITEMS] = 1;
    run memory(); run monitor(); run pool();
    for (i : 0 .. STANDBYS) { available[i] = (i > 0); run worker(i) }
  }
}
