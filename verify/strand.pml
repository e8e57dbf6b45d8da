// SPDX-License-Identifier: MIT
/*
 * A strand: pieces of code that never overlap, and handlers of which none starts while another is suspended in await.
 * Argument: docs/memory-ordering/strand.md.
 *
 * One baton, the turn: Free | Held | Wanted. A private flag, changed only by who holds the turn: a handler is suspended.
 * Two queues, of continuations and of handlers. A dispatcher runs a handler on the spot when it can take the free turn
 * and nobody is suspended; else it puts it into the queue FIRST and then wants the turn. A continuation is put the same
 * way, by whatever thread completed what was awaited, also while the piece that awaits is still running. The holder runs
 * continuations, then handlers unless one is suspended, then lets go; when it was wanted meanwhile it looks again.
 *
 * Memory is x86-TSO: each thread has a FIFO of stores that reach memory at any later time. A locked instruction (and a
 * compare-and-swap that fails is one) waits until the thread's own FIFO is empty. Puts are plain stores here, so the
 * model does not lean on how the queues are made.
 */
#ifndef DISPATCHERS
#define DISPATCHERS 2
#endif
#ifndef HANDLERS
#define HANDLERS 2       /* of each dispatcher */
#endif
#ifndef COMPLETERS
#define COMPLETERS 1     /* threads that complete what is awaited */
#endif
#ifndef AWAITS
#define AWAITS 1         /* how often a handler may suspend */
#endif
/* Mutants: each must fail. */
#ifndef WANT
#define WANT 1           /* 0: a plain try-lock */
#endif
#ifndef REWANT
#define REWANT 1         /* 0: letting go does not look whether it was wanted */
#endif
#ifndef WANT_FIRST
#define WANT_FIRST 0     /* 1: wanted before the put */
#endif
#ifndef CLEAR_OUTSIDE
#define CLEAR_OUTSIDE 0  /* 1: who completes a handler's last await clears the flag itself, without the turn */
#endif
#ifndef SUSPEND_LATE
#define SUSPEND_LATE 0   /* 1: the flag is set after the turn was let go */
#endif
#ifndef INLINE_LOOK
#define INLINE_LOOK 1    /* 0: on the spot although another is suspended */
#endif
#ifndef HANDLERS_LOOK
#define HANDLERS_LOOK 1  /* 0: the holder takes handlers although one is suspended */
#endif

#define N       (DISPATCHERS*HANDLERS)
#define THREADS (DISPATCHERS+COMPLETERS)
#define NONE    255

#define FREE   0
#define HELD   1
#define WANTED 2

byte turn;                            /* private to the process */
bit  suspended;                       /* changed under the turn */
chan continuations = [N] of { byte };
chan handlers = [N] of { byte };      /* what others can see of them */
byte left[N];                         /* how often a handler still suspends */
bit  awaiting[N];                     /* something was awaited, and may complete at any time */
byte last[DISPATCHERS];               /* of each dispatcher: how many of its handlers have started */
byte inside, started = NONE, ended;   /* observations: in a piece; the handler that has started and not ended */

mtype = { PUT, RESUME, SUSPENDED, PIECE };
chan stores[THREADS] = [5] of { mtype, byte };

#define DRAIN(i) d_step { stores[i]?what,value -> \
  if \
  :: what == PUT       -> handlers!value \
  :: what == RESUME    -> continuations!value \
  :: what == SUSPENDED -> suspended = value \
  :: what == PIECE \
  fi; what = 0; value = 0 }

proctype memory() {
  mtype what; byte value;
end:
  do
  :: DRAIN(0)
#if THREADS > 1
  :: DRAIN(1)
#endif
#if THREADS > 2
  :: DRAIN(2)
#endif
#if THREADS > 3
  :: DRAIN(3)
#endif
  od
}

/* Joined to the step before: stores into one's own FIFO and what is private to one thread (see park.pml). */

/* What earlier pieces wrote has reached memory; what this one writes is on its way. */
#define ENTER inside++; assert(inside == 1); \
  for (i : 0 .. THREADS-1) { assert(i == me || !(stores[i]??[PIECE,0])) } i = 0; \
  stores[me]!PIECE,0
#define LEAVE inside--

#define STARTS(h) assert(started == NONE); started = h; assert(last[(h) / HANDLERS] == (h) % HANDLERS); last[(h) / HANDLERS]++

/* One piece of handler h: up to its next await, or to its end. The one that awaits can be completed before it ends. */
inline piece() {
  if
  :: left[h] -> atomic { left[h]--; awaiting[h] = 1 };
     atomic { LEAVE; s = 1
#if !SUSPEND_LATE
       ; stores[me]!SUSPENDED,1
#endif
     }
  :: !left[h] ->
     atomic { LEAVE; started = NONE; ended++; if :: s -> s = 0; stores[me]!SUSPENDED,0 :: else fi }
  fi;
  h = NONE
}

/* The turn is held; s is the flag as the holder knows it, h a handler to start on the spot. */
inline hold() {
  do
  :: atomic { h != NONE -> ENTER; STARTS(h) }; piece()
  :: atomic { h == NONE && nempty(continuations) -> continuations?h; ENTER }; piece()
  :: h == NONE && empty(continuations) ->
     if
     :: atomic { nempty(handlers) && (!s || !HANDLERS_LOOK) -> handlers?h; ENTER; STARTS(h) }; piece()
     :: (empty(handlers) && !(stores[me]??[PUT,_])) || (s && HANDLERS_LOOK) ->   /* it sees its own puts */
        atomic { empty(stores[me]) ->                      /* compare-and-swap, and a full fence */
          if
          :: turn == HELD || !REWANT -> turn = FREE; ok = 1
          :: else -> turn = HELD                           /* compare-and-swap again */
          fi };
        if
        :: atomic { ok ->
#if SUSPEND_LATE
             if :: s -> stores[me]!SUSPENDED,1 :: else fi;
#endif
             ok = 0; s = 0; break }
        :: !ok
        fi
     fi
  od
}

/* Behind a put: takes the turn if it is free, else wants it. */
inline take_or_want() {
  atomic { empty(stores[me]) ->
    if
    :: turn == FREE -> turn = HELD; s = suspended; ok = 1
    :: else ->
#if WANT
       turn = WANTED
#endif
    fi };
  if
  :: atomic { ok -> ok = 0 }; hold()
  :: !ok
  fi
}

proctype dispatcher(byte me) {
  byte k, h = NONE, i; bit s, ok;
  do
  :: k == HANDLERS -> break
  :: k < HANDLERS ->
     atomic { empty(stores[me]) ->                         /* the free turn, by compare-and-swap */
       if
       :: turn == FREE -> turn = HELD; ok = 1; s = suspended
       :: else
       fi };
     if
     :: atomic { ok && (!s || !INLINE_LOOK) -> ok = 0; h = me*HANDLERS + k; k++ }; hold()
     :: atomic { ok && s && INLINE_LOOK -> ok = 0; stores[me]!PUT,me*HANDLERS+k; k++ }; hold()
     :: atomic { !ok ->
#if !WANT_FIRST
          stores[me]!PUT,me*HANDLERS+k; k++
#endif
        };
        take_or_want()
#if WANT_FIRST
        ; atomic { stores[me]!PUT,me*HANDLERS+k; k++ }
#endif
     fi
  od
}

proctype completer(byte me) {
  byte h = NONE, i, c; bit s, ok;
end:
  do
  :: atomic {
       if                                                  /* any of them */
       :: awaiting[0] -> c = 0
#if N > 1
       :: awaiting[1] -> c = 1
#endif
#if N > 2
       :: awaiting[2] -> c = 2
#endif
#if N > 3
       :: awaiting[3] -> c = 3
#endif
       fi;
       awaiting[c] = 0;
#if CLEAR_OUTSIDE
       if
       :: !left[c] -> stores[me]!SUSPENDED,0; started = NONE; ended++; c = 0; goto want
       :: else
       fi;
#endif
#if !WANT_FIRST
       stores[me]!RESUME,c; c = 0
#endif
       skip
     };
want:
     take_or_want()
#if WANT_FIRST
     ; atomic { stores[me]!RESUME,c; c = 0 }
#endif
  od
}

active proctype quiescence() {
  timeout;
  assert(ended == N && turn == FREE && !suspended && inside == 0)
}

init {
  atomic {
    byte i;
    for (i : 0 .. N-1) { if :: left[i] = 0 :: left[i] = AWAITS fi }
    run memory();
    for (i : 0 .. DISPATCHERS-1) { run dispatcher(i) }
    for (i : DISPATCHERS .. THREADS-1) { run completer(i) }
  }
}
