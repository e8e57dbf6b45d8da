// SPDX-License-Identifier: MIT
/*
 * Several waiters of one event port, and one baton: EventPort.Waiting.cs. Argument: docs/memory-ordering/port.md.
 *
 * Who holds the baton polls: takes a packet if there is one, else sleeps until a packet comes (port.pml has that part) or
 * its deadline has passed. The others enter the list, fence, look at the baton, and sleep on private words. Who lets the
 * baton go swaps it, looks whether anybody waits, and if so takes one out of the list and wakes it. A woken one that finds
 * the baton taken enters again; one whose deadline has passed leaves.
 *
 * PACKETS packets come at any time. Each waiter takes one and leaves, and may give up if LATE. The list has a lock, so a
 * step on it is one step; the count beside it is read without the lock.
 *
 * Memory is x86-TSO: each thread has a FIFO of stores that reach memory at any later time. A locked instruction waits until
 * the thread's own FIFO is empty. A system call, and the list's lock when it is let go, are NOT counted on as fences.
 * Verdict: at quiescence (`timeout`) no packet waits while somebody sleeps for it.
 */
#ifndef WAITERS
#define WAITERS 3
#endif
#ifndef PACKETS
#define PACKETS WAITERS
#endif
#ifndef LATE
#define LATE 0           /* so many of the waiters have a deadline, which may pass at any time */
#endif
/* Mutants: each must fail. */
#ifndef ENTER_FENCE
#define ENTER_FENCE 1    /* 0: no fence between the entry and the look at the baton */
#endif
#ifndef ENTER_LOOK
#define ENTER_LOOK 1     /* 0: no look at the baton behind the entry */
#endif
#ifndef RELEASE_FENCE
#define RELEASE_FENCE 1  /* 0: the baton is let go by a plain store */
#endif
#ifndef RELEASE_LOOK
#define RELEASE_LOOK 1   /* 0: who lets the baton go wakes nobody */
#endif
#ifndef RELEASE_EMPTY
#define RELEASE_EMPTY 1  /* 0: who lets the baton go without having got anything wakes nobody */
#endif
#ifndef SEEN_FIRST
#define SEEN_FIRST 1     /* 0: the private word is read behind the entry and the look */
#endif
#ifndef WOKEN_LOOKS
#define WOKEN_LOOKS 1    /* 0: who was woken as its deadline passed leaves without another try for the baton */
#endif

byte packets, left = PACKETS;                        /* in the queues; still to come */
bit held;                                            /* memory: the baton */
byte count;                                          /* memory: how many wait; written under the lock */
bit listed[WAITERS]; byte members;                   /* under the lock: the list */
bit changed[WAITERS];                                /* its private word changed since it was read */
byte got, gone, asleep;                              /* observations of the checker */

mtype = { COUNT, BATON };
chan stores[WAITERS] = [4] of { mtype, byte };

#define DRAIN(i) d_step { stores[i]?what,value -> \
  if \
  :: what == COUNT -> count = value \
  :: what == BATON -> held = value \
  fi; what = 0; value = 0 }

proctype memory() {
  mtype what; byte value;
end:
  do
  :: DRAIN(0)
  :: DRAIN(1)
#if WAITERS > 2
  :: DRAIN(2)
#endif
  od
}

proctype signaller() {
end:
  do
  :: atomic { left > 0 -> left--; packets++ }
  od
}

/*
 * The lock orders what is stored under it: whoever takes the lock next sees it. So a step on the list waits until the
 * last holder's count has arrived. Letting the lock go is no fence for who does it: its own count may still be on its way.
 */
#define NO_COUNT(i) (!(stores[i]??[COUNT,0] || stores[i]??[COUNT,1] || stores[i]??[COUNT,2] || stores[i]??[COUNT,3]))
#if WAITERS > 2
#define ORDERED (NO_COUNT(0) && NO_COUNT(1) && NO_COUNT(2))
#else
#define ORDERED (NO_COUNT(0) && NO_COUNT(1))
#endif

proctype waiter(byte me) {
  byte w; bit ok, late, woken;
again:
  atomic { (held || empty(stores[me])) ->            /* reads, and swaps if it is free */
    if :: !held -> held = 1; ok = 1 :: else fi };
  if
  :: !ok -> goto beside
  :: ok
  fi;
poll:
  ok = 0;
  if
  :: atomic { packets > 0 -> packets--; got++; ok = 1 }
  :: packets == 0 && late                            /* a last look, and nothing */
  :: atomic { packets == 0 && !late -> asleep++ };
end_poll:
     if                                              /* the backend's sleep */
     :: atomic { packets > 0 -> asleep-- }
     :: atomic { me < LATE -> late = 1; asleep-- }
     fi;
     goto poll
  fi;
#if RELEASE_FENCE
  atomic { empty(stores[me]) -> held = 0 };          /* a swap */
#else
  stores[me]!BATON,0;
#endif
#if RELEASE_LOOK
  if
  :: !RELEASE_EMPTY && !ok
  :: RELEASE_EMPTY || ok ->
     if
     :: count != 0 ->
        w = WAITERS;
        atomic { ORDERED ->                          /* under the lock: one out of the list */
          if
          :: listed[0] -> w = 0
          :: listed[1] -> w = 1
#if WAITERS > 2
          :: listed[2] -> w = 2
#endif
          :: members == 0
          fi;
          if :: w < WAITERS -> listed[w] = 0; members--; stores[me]!COUNT,members :: else fi };
        if
        :: w < WAITERS -> atomic { empty(stores[me]) -> changed[w] = 1; w = 0 }   /* the private word is changed by a swap, then woken */
        :: else
        fi
     :: count == 0
     fi
  fi;
#endif
  goto leave;                                        /* with a packet, or because the deadline has passed */

beside:
  if :: late -> goto leave :: else fi;               /* its last try was behind the deadline */
#if SEEN_FIRST
  changed[me] = 0;
#endif
  atomic { ORDERED -> listed[me] = 1; members++; stores[me]!COUNT,members };
#if ENTER_FENCE
  empty(stores[me]);
#endif
#if ENTER_LOOK
  if
  :: !held -> goto awake
  :: held
  fi;
#endif
#if !SEEN_FIRST
  changed[me] = 0;
#endif
  asleep++;
end_beside:
  if                                                 /* futex */
  :: atomic { changed[me] -> asleep-- }
  :: atomic { me < LATE && !changed[me] -> late = 1; asleep-- }
  :: atomic { me < LATE && changed[me] -> late = 1; asleep-- }
  fi;
awake:
  atomic { ORDERED ->
    if
    :: listed[me] -> listed[me] = 0; members--; woken = 0
    :: else -> woken = 1
    fi;
    stores[me]!COUNT,members };
  if
  :: late && !(WOKEN_LOOKS && woken) -> goto leave   /* not woken: nobody counts on it */
  :: else -> goto again
  fi;

leave:
  atomic { gone++; ok = 0; late = 0; woken = 0; w = 0 }
}

active proctype quiescence() {
  timeout;
  assert(left == 0);
  assert(packets == 0 || gone == WAITERS);           /* nobody sleeps beside a packet */
  assert(gone == WAITERS || asleep == WAITERS - gone);
  assert(gone == WAITERS || held)                    /* one of those who are left polls */
}

init {
  atomic {
    byte i;
    run memory(); run signaller();
    for (i : 0 .. WAITERS-1) { run waiter(i) }
  }
}
