// SPDX-License-Identifier: MIT
/*
 * A node of a reactor's timer wheel that any thread asks for. Argument: docs/memory-ordering/timer.md.
 *
 * Who asks exchanges `wanted`, and is done if the wheel will look at the node by then (`placed`). Else it links the node
 * into the stack of requests, once (`queued`), looks at the reactor's announced next wake, and wakes it for something
 * earlier. The reactor takes the stack, puts nodes in their place, fires what is due, announces its next wake, fences, takes
 * the stack once more, and sleeps. A node that was moved later or withdrawn is left alone until its place comes due.
 * Time passes at any moment, and may stop; when nothing else can happen it goes to the reactor's next wake, and by then
 * nobody may be waiting for something earlier.
 *
 * Memory is x86-TSO: each thread has a FIFO of stores that reach memory at any later time. A locked instruction (and a
 * compare-and-swap that fails is one) waits until the thread's own FIFO is empty.
 */
#ifndef THREADS
#define THREADS 2        /* that ask for the same node */
#endif
#ifndef WISHES
#define WISHES 2         /* of each */
#endif
#ifndef TIMES
#define TIMES 2          /* times that can be asked for: 1 to TIMES */
#endif
/* Mutants: each must fail. */
#ifndef WISH_FENCE
#define WISH_FENCE 1     /* 0: the wish is a plain store */
#endif
#ifndef PLACED_FENCE
#define PLACED_FENCE 1   /* 0: `placed` is taken back by a plain store */
#endif
#ifndef QUEUED_LATE
#define QUEUED_LATE 0    /* 1: the reactor looks at the wish before it clears `queued` */
#endif
#ifndef WAKE_FENCE
#define WAKE_FENCE 1     /* 0: no fence after announcing the next wake */
#endif
#ifndef TAKE_AGAIN
#define TAKE_AGAIN 1     /* 0: the stack is not taken once more */
#endif
#ifndef LOOK_AGAIN
#define LOOK_AGAIN 1     /* 0: who linked the node wakes for its own wish only */
#endif
#ifndef SWAP
#define SWAP 1           /* 0: firing writes none over the wish instead of swapping it */
#endif

#define NONE 9

byte wanted = NONE, placed = NONE, wake = NONE;   /* private to the process */
bit  queued, linked, woken;            /* the node is claimed; it is in the stack; the eventfd */
byte now, asked; bit owed;              /* observation: the last wish has neither fired nor been withdrawn */

mtype = { WANTED, PLACED, WAKE, LINK };
chan stores[THREADS+1] = [5] of { mtype, byte };
#define REACTOR THREADS

#define DRAIN(i) d_step { stores[i]?what,value -> \
  if \
  :: what == WANTED -> wanted = value; owed = (i == REACTOR -> owed : value != NONE) \
  :: what == PLACED -> placed = value \
  :: what == WAKE   -> wake = value \
  fi; what = 0; value = 0 }

proctype memory() {
  mtype what; byte value;
end:
  do
  :: DRAIN(0)
  :: DRAIN(1)
#if THREADS > 1
  :: DRAIN(2)
#endif
#if THREADS > 2
  :: DRAIN(3)
#endif
  od
}

/* Joined to the step before: stores into one's own FIFO and what is private to one thread (see park.pml). */

proctype asker(byte me) {
  byte k, d; bit first;
  do
  :: k == WISHES -> break
  :: k < WISHES ->
     atomic { k++;
       if
       :: d = 1
       :: d = TIMES
       :: stores[me]!WANTED,NONE; d = 0; goto next         /* withdraws */
       fi;
       d = now + d };
#if WISH_FENCE
     atomic { empty(stores[me]) -> wanted = d; owed = 1 }; /* an exchange */
#else
     stores[me]!WANTED,d;
#endif
     if
     :: atomic { placed <= d -> goto next }
     :: placed > d
     fi;
     atomic { empty(stores[me]) -> first = !queued; queued = 1 };      /* compare-and-swap */
     if
     :: first ->
        linked = 1;                                        /* compare-and-swap into the stack */
#if LOOK_AGAIN
        d = (wanted < d -> wanted : d)
#endif
     :: !first
     fi;
     if
     :: d < wake -> woken = 1
     :: d >= wake
     fi;
next:
     atomic { d = 0; first = 0 }
  od;
  asked++
}

/* Puts the node, which lies nowhere, where its wish belongs. */
inline put() {
#if PLACED_FENCE
  atomic { empty(stores[me]) -> placed = NONE };           /* an exchange */
#else
  stores[me]!PLACED,NONE;
#endif
  atomic { place = wanted; if :: place != NONE -> stores[me]!PLACED,place :: else fi }
}

inline take() {
  if
  :: atomic { empty(stores[me]) && linked -> linked = 0 };  /* an exchange takes the stack */
#if QUEUED_LATE
     w = wanted;
     atomic { empty(stores[me]) -> queued = 0 };
#else
     atomic { empty(stores[me]) -> queued = 0 };
     w = wanted;
#endif
     if
     :: atomic { w < place -> w = 0 }; put()
     :: atomic { w >= place -> w = 0 }
     fi
  :: !linked
  fi
}

proctype reactor() {
  byte me = REACTOR, place = NONE, w, t;
turn:
  t = now;
  take();
  if
  :: place <= t ->                                         /* its place comes due: first it lies nowhere, then a look */
     place = NONE;
#if PLACED_FENCE
     atomic { empty(stores[me]) -> placed = NONE };
#else
     stores[me]!PLACED,NONE;
#endif
     w = wanted;
     if
     :: w > t -> put()
     :: w <= t ->
#if SWAP
        if
        :: atomic { empty(stores[me]) && wanted == w -> wanted = NONE; owed = 0; assert(w <= now) }
        :: empty(stores[me]) && wanted != w -> put()
        fi
#else
        atomic { stores[me]!WANTED,NONE; owed = (wanted == w -> 0 : owed) }
#endif
     fi;
     w = 0
  :: place > t
  fi;
  stores[me]!WAKE,place;
#if WAKE_FENCE
  empty(stores[me]);
#endif
#if TAKE_AGAIN
  take();
  stores[me]!WAKE,place;
#endif
end:
  if                                                       /* epoll_wait with a time-out */
  :: atomic { woken -> woken = 0; goto turn }
  :: atomic { !woken && place != NONE && now >= place -> goto turn }
  fi
}

#define LAST TIMES

active proctype time() {
  do
  :: now < LAST && asked < THREADS -> now++
  :: break
  od;
  do
  :: timeout ->
     assert(asked == THREADS && wanted >= wake);            /* who sleeps until then misses nobody */
     if
     :: wake == NONE -> break
     :: wake != NONE -> now = (wake > now -> wake : now)
     fi
  od;
  assert(wanted == NONE && !linked && !owed)
}

init {
  atomic {
    byte i;
    run memory(); run reactor();
    for (i : 0 .. THREADS-1) { run asker(i) }
  }
}
