// SPDX-License-Identifier: MIT
/*
 * The write baton `Free | Held | Wanted`, the outbox behind it, and admission before it.
 * Argument: docs/memory-ordering/baton.md.
 *
 * A sender that cannot take the baton puts its record into the process's outbox FIRST, then swaps Held to Wanted, or
 * takes the baton after all if it became free meanwhile. The holder empties the outbox before its own record and before
 * it lets go; letting go is a compare-and-swap Held to Free, and when that finds Wanted the holder swaps it back to Held
 * and looks again. After LIMIT foreign records it leaves the rest to the reactor: its own record goes to the end of the
 * outbox, and the reactor is woken and goes on with the baton, which stays held.
 *
 * Memory is x86-TSO: each thread has a FIFO of stores that reach memory at any later time. A locked instruction (and a
 * compare-and-swap that fails is one) waits until the thread's own FIFO is empty. Puts into the outbox are plain stores
 * here, so the model does not lean on how the queue is made.
 */
#ifndef SENDERS
#define SENDERS 2        /* at most 4 */
#endif
#ifndef RECORDS
#define RECORDS 2        /* of each sender */
#endif
#ifndef LIMIT
#define LIMIT 1          /* foreign records that a holder writes */
#endif
#ifndef REACTOR_LIMIT
#define REACTOR_LIMIT LIMIT  /* the reactor too, and then it wakes itself again */
#endif
#ifndef CAPACITY
#define CAPACITY 0       /* records that the ring takes; 0: it never fills, no admission */
#endif
#ifndef PLACES
#define PLACES 0         /* places of the outbox, claimed before the put and freed when written; 0: without end */
#endif
#ifndef KILL
#define KILL 0           /* 1: the process may die at any step */
#endif
#ifndef STALL
#define STALL 0          /* 1: sender 0 may stop for ever at any step while its process lives on */
#endif
/* Mutants: each must fail. */
#ifndef WANT
#define WANT 1           /* 0: a plain try-lock */
#endif
#ifndef REWANT
#define REWANT 1         /* 0: letting go does not look whether it was wanted */
#endif
#ifndef WANT_FIRST
#define WANT_FIRST 0     /* 1: marked wanted before the record is in the outbox */
#endif
#ifndef OWN_FIRST
#define OWN_FIRST 0      /* 1: own record before the outbox */
#endif
#ifndef OWN_AT_LIMIT
#define OWN_AT_LIMIT 0   /* 1: at the limit the holder still writes its own record, ahead of the outbox */
#endif
#ifndef HAND
#define HAND 1           /* 2: lets go, and the reactor takes the baton; 0: lets go, and nobody is told; 3: both at once */
#endif
#ifndef HELD_SWAP
#define HELD_SWAP 1      /* 0: Wanted goes back to Held by a plain store */
#endif
#ifndef WANT_SWAP
#define WANT_SWAP 1      /* 0: who reads Wanted leaves without a locked instruction */
#endif
#ifndef REACTOR_TAKES
#define REACTOR_TAKES 1  /* 0: the reactor empties the outbox without the baton */
#endif
#ifndef PLACE_BY_COUNT
#define PLACE_BY_COUNT 0 /* 1: the count at admission, modulo PLACES, names the place */
#endif
#ifndef ADMIT_SWAP
#define ADMIT_SWAP 1     /* 0: admission adds with a plain store */
#endif

#define THREADS (SENDERS+1)
#define REACTOR SENDERS               /* the last thread */
#define N       (SENDERS*RECORDS)
#define RECORD(sender, k) ((sender)*RECORDS + (k) + 1)

#define FREE   0
#define HELD   1
#define WANTED 2

byte baton, admitted;                 /* private to the process */
bit woken;                            /* private: the reactor's wake-up, an eventfd */
chan outbox = [N] of { byte };        /* what others can see of it */
byte ring, head;                      /* records in the ring since the start; the reader's head */
byte last[SENDERS];                   /* of each sender: the last of its records in the ring */
#if PLACES
byte place[N+1]; bit used[PLACES];     /* of each record: its place in the outbox; private, changed by compare-and-swap */
#endif
byte finished, inside, frozen = 255, victim; bit killed;

mtype = { PUT, WRITE, BATON, TAKEN, WAKE };
chan stores[THREADS] = [N+2] of { mtype, byte };

#if CAPACITY
#define FITS assert(ring - head <= CAPACITY)
#else
#define FITS skip
#endif

#if PLACES
#define FREE_PLACE(r) used[place[r]] = 0
#if PLACE_BY_COUNT
#define CLAIM_PLACE assert(!used[place[own]]); used[place[own]] = 1
#else
#define CLAIM_PLACE p = 0; do :: used[p] -> p++ :: !used[p] -> break od; used[p] = 1; place[own] = p; p = 0
#endif
#else
#define FREE_PLACE(r) skip
#define CLAIM_PLACE skip
#endif

#define DRAIN(i) atomic { nempty(stores[i]) -> stores[i]?what,value; \
  if \
  :: what == PUT   -> outbox!value \
  :: what == BATON -> baton = value \
  :: what == TAKEN -> admitted = value \
  :: what == WAKE  -> woken = 1 \
  :: what == WRITE -> ring++; FITS; \
       assert(last[(value-1) / RECORDS] < value); last[(value-1) / RECORDS] = value \
  fi; what = 0; value = 0 }

proctype memory() {
  mtype what; byte value;
end:
  do
  :: DRAIN(0)
  :: DRAIN(1)
#if THREADS > 2
  :: DRAIN(2)
#endif
#if THREADS > 3
  :: DRAIN(3)
#endif
#if THREADS > 4
  :: DRAIN(4)
#endif
  od
}

/* Joined to the step before: stores into one's own FIFO and what is private to one thread (see park.pml). */

#define ENTER inside++; assert(inside == 1)
#define LEAVE inside--

/* The baton is held, `own` is the record that was not yet put anywhere (0: none). */
inline hold(limit) {
#if OWN_FIRST
  if
  :: own -> stores[me]!WRITE,own; own = 0
  :: else
  fi;
#endif
  do
  :: atomic { nempty(outbox) && n < limit -> outbox?r; FREE_PLACE(r); stores[me]!WRITE,r; r = 0; n++ }
  :: atomic { nempty(outbox) && n == limit -> n = 0;
       if
#if OWN_AT_LIMIT
       :: own -> stores[me]!WRITE,own; own = 0
#else
       :: own -> CLAIM_PLACE; stores[me]!PUT,own; own = 0
#endif
       :: else
       fi };
#if HAND == 1
     atomic { LEAVE; stores[me]!WAKE,1 };                        /* a release store, then the reactor's eventfd */
#else
     atomic { empty(stores[me]) -> LEAVE; baton = FREE };       /* whoever wanted it has its record in the outbox */
     woken = (HAND != 0);
#endif
     break
  :: atomic { empty(outbox) && own -> stores[me]!WRITE,own; own = 0 }
  :: empty(outbox) && !own ->
     atomic { empty(stores[me]) ->                              /* compare-and-swap, and a full fence */
       if
       :: baton == HELD || !REWANT -> LEAVE; baton = FREE; ok = 1
       :: else -> ok = 0;
#if HELD_SWAP
          baton = HELD                                          /* compare-and-swap again: nobody else leaves Wanted */
#else
          stores[me]!BATON,HELD
#endif
       fi
     };
     if
     :: atomic { ok -> ok = 0; n = 0; break }
     :: !ok
     fi
  od
}

proctype sender(byte me) provided (!killed && _pid != frozen) {
  byte k, own, n, r, t, p; bit ok;
next:
  if
  :: atomic { k == RECORDS -> finished++; goto done }
  :: atomic { k < RECORDS -> own = RECORD(me, k); k++ }
  fi;
#if CAPACITY
admission:
  if
  :: atomic { admitted - head < CAPACITY -> t = admitted }
  :: atomic { admitted - head >= CAPACITY -> own = 0; goto next }    /* refused: it has its status, nothing is queued */
  fi;
#if ADMIT_SWAP
  atomic { empty(stores[me]) ->
    if
    :: admitted == t -> admitted++;
#if PLACES && PLACE_BY_COUNT
       place[own] = t % PLACES;
#endif
       t = 0
    :: else -> t = 0; goto admission
    fi };
#else
  atomic { stores[me]!TAKEN,t+1; t = 0 };
#endif
#endif
  atomic { empty(stores[me]) ->
    if
    :: baton == FREE -> baton = HELD; ENTER; goto mine
    :: else
#if !WANT_FIRST
       ; CLAIM_PLACE; stores[me]!PUT,own; own = 0
#endif
    fi };
#if !WANT
  goto next;
#endif
#if !WANT_SWAP
  if
  :: atomic { baton == WANTED -> goto next }
  :: baton != WANTED
  fi;
#endif
  atomic { empty(stores[me]) ->
    if
    :: baton == FREE -> baton = HELD; ENTER; goto mine
    :: else -> baton = WANTED
#if WANT_FIRST
       ; CLAIM_PLACE; stores[me]!PUT,own; own = 0
#endif
    fi };
  goto next;
mine:
  hold(LIMIT);
  goto next;
done:
  skip
}

proctype reactor(byte me) provided (!killed) {
  byte own, n, r, p; bit ok;
end:
  do
  :: atomic { woken -> woken = 0 };
#if REACTOR_TAKES && (HAND == 1 || HAND == 3)
     atomic { ENTER };
     hold(REACTOR_LIMIT)
#elif REACTOR_TAKES
     atomic { empty(stores[me]) ->
       if
       :: baton == FREE -> baton = HELD; ENTER; ok = 1
       :: else -> baton = WANTED; ok = 0
       fi };
     if
     :: atomic { ok -> ok = 0 }; hold(REACTOR_LIMIT)
     :: !ok
     fi
#else
     do
     :: atomic { nempty(outbox) -> ENTER; outbox?r; stores[me]!WRITE,r; r = 0 };
        atomic { empty(stores[me]) -> LEAVE }
     :: empty(outbox) -> break
     od
#endif
  od
}

#if CAPACITY
active proctype reader() { end: do :: head < ring -> head++ od }
#endif
#if KILL
active proctype fate() { killed = 1 }
#elif STALL
active proctype fate() { frozen = victim }
#endif

byte i;
active proctype quiescence() {
  timeout;
#if STALL
  assert(finished >= SENDERS-1)                          /* nobody waits for a preempted writer */
#elif !KILL
  assert(finished == SENDERS && empty(outbox) && baton == FREE);
#if CAPACITY
  assert(ring == admitted)
#else
  assert(ring == N)
#endif
#endif
}

init {
  atomic {
    run memory(); run reactor(REACTOR);
    victim = run sender(0);
    for (i : 1 .. SENDERS-1) { run sender(i) }
    i = 0
  }
}
