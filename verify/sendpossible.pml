// SPDX-License-Identifier: MIT
/*
 * Senders that do not wait for room, and the one notice that they get. Argument: docs/memory-ordering/send-possible.md.
 *
 * A refused sender swaps the private word `blocked` from Clear to Blocked, writes `wanted` into its own segment, fences,
 * and looks at the peer's head and `done` once more. While Blocked stands, its reactor looks at them on each turn, and
 * once more before it parks (as in park.pml). Whoever finds that a largest message fits swaps Blocked back to Clear; the one
 * whose swap succeeds posts the one notice, takes the wish back, fences, and looks whether somebody blocked meanwhile:
 * then the wish is written again, and it looks again. The peer publishes its head with each record; each QUARTER, and
 * when the ring is dry, it fences, reads `wanted`, then the sleep word, and rings a sleeper. Each sender has records of one
 * size, and tries again after a notice that came later than its last refusal began.
 *
 * Memory is x86-TSO: each thread has a FIFO of stores that reach memory at any later time. A locked instruction waits
 * until the thread's own FIFO is empty. A system call is NOT counted on as a fence.
 */
#ifndef SENDERS
#define SENDERS 1        /* at most 2 */
#endif
#ifndef N
#define N 3              /* records of sender 0 */
#endif
#ifndef SMALL
#define SMALL N          /* records of sender 1 */
#endif
#ifndef LARGEST
#define LARGEST 2        /* size of sender 0's records; sender 1 sends small ones */
#endif
#ifndef CAPACITY
#define CAPACITY 2       /* of the ring, in units */
#endif
#ifndef QUARTER
#define QUARTER 1        /* records after which the reader looks although the ring is not dry */
#endif
#ifndef CREDIT
#define CREDIT 0         /* messages in flight; 0: room counts. `done` gives it back, from another thread at any time */
#endif
#ifndef KILL
#define KILL 0           /* 1: the reading process may die at any step */
#endif
/* Mutants: each must fail. */
#ifndef WANTED_FENCE
#define WANTED_FENCE 1   /* 0: no fence after writing `wanted` */
#endif
#ifndef RECHECK
#define RECHECK 1        /* 0: the refused sender does not look once more */
#endif
#ifndef HEAD_FENCE
#define HEAD_FENCE 1     /* 0: the reader does not fence between its head and `wanted` */
#endif
#ifndef DRY
#define DRY 1            /* 0: the reader looks each quarter only, not when the ring is dry */
#endif
#ifndef SLEEP_FENCE
#define SLEEP_FENCE 1    /* 0: the reactor does not fence after announcing sleep */
#endif
#ifndef SLEEP_HEAD
#define SLEEP_HEAD 1     /* 0: the reactor's last look leaves out head and done */
#endif
#ifndef SWAP_BACK
#define SWAP_BACK 1      /* 0: Clear is written, not swapped */
#endif
#ifndef FULL_ROOM
#define FULL_ROOM 1      /* 0: the notice is posted as soon as anything fits */
#endif
#ifndef WITHDRAW_LOOK
#define WITHDRAW_LOOK 1  /* 0: who withdraws the wish does not look whether somebody blocked meanwhile */
#endif
#ifndef WITHDRAW_FENCE
#define WITHDRAW_FENCE 1 /* 0: that look comes without a fence */
#endif
#ifndef HANGUP
#define HANGUP 1         /* 0: a dead peer is no news */
#endif

#define REACTOR SENDERS
#if SENDERS > 1
#define ALL (N+SMALL)
#else
#define ALL N
#endif

byte head, completed;                 /* reader's segment: units taken, messages done */
byte wanted, sleep;                   /* sender's segment */
byte ring, sent;                      /* units and records in the ring since the start */
chan records = [ALL] of { byte };
bit  blocked;                         /* private to the sending process: Clear or Blocked, changed by compare-and-swap */
byte notices, periods;                /* observations; a sender reads `notices` as a program would count them */
bit  sent_since[SENDERS+1];           /* observation: somebody sent since this thread's look */
byte taken, saw[2], bells, rung, finished; bit hup, closed, dead;

chan wishes[SENDERS+1] = [4] of { byte };  /* the FIFOs of senders and reactor: `wanted` */
chan sleeps = [3] of { byte };             /* the reactor's: its sleep word */
chan heads  = [4] of { byte };             /* the reader's: its head */
chan dones  = [4] of { byte };             /* a handler's: `done` */

proctype memory() {
  byte value;
end:
  do
  :: d_step { wishes[0]?value -> wanted = value; value = 0 }
  :: d_step { wishes[1]?value -> wanted = value; value = 0 }
#if SENDERS > 1
  :: d_step { wishes[2]?value -> wanted = value; value = 0 }
#endif
  :: d_step { heads?value -> head = value; value = 0 }
  :: d_step { dones?value -> completed = value; value = 0 }
  :: d_step { sleeps?value -> sleep = value; value = 0 }
  od
}

/* Joined to the step before: stores into one's own FIFO and what is private to one thread (see park.pml). */

#if CREDIT
#define FITS(size) (sent - completed < CREDIT)
#else
#define FITS(size) (ring + (size) - head <= CAPACITY)
#endif
#if FULL_ROOM
#define ROOM FITS(LARGEST)
#else
#define ROOM FITS(1)
#endif

/* Behind a look that found room: swap back, and if that was us, post, withdraw, and look for the next who is blocked. */
inline unblock() {
#if SWAP_BACK
  atomic { empty(wishes[me]) -> ok = blocked; blocked = 0 };
#else
  atomic { blocked = 0; ok = 1 };
#endif
  if
  :: atomic { ok -> ok = 0;
       assert(FITS(LARGEST) || sent_since[me]);            /* what the notice says is true, unless somebody was faster */
       notices++; assert(notices <= periods);              /* one for each time that it was blocked */
       wishes[me]!0 };
#if WITHDRAW_FENCE
     empty(wishes[me]);
#endif
     more = WITHDRAW_LOOK && blocked
  :: atomic { !ok -> more = 0 }
  fi
}

/* The word says Blocked: write the wish, fence, look once more. */
inline announce() {
  do
  :: wishes[me]!1;
#if WANTED_FENCE
     empty(wishes[me]);
#endif
#if RECHECK
     if
     :: atomic { ROOM -> sent_since[me] = 0 }; unblock();
        if :: atomic { more -> more = 0 } :: atomic { !more -> break } fi
     :: !ROOM -> break
     fi
#else
     break
#endif
  od
}

proctype sender(byte me) {
  byte k, before, size, count; bit ok, more;
  atomic { size = (me == 0 -> LARGEST : 1); count = (me == 0 -> N : SMALL) };
  do
  :: atomic { k == count || closed -> finished++; break }
  :: atomic { k < count && !closed -> before = notices };
     if
     :: atomic { FITS(size) -> ring = ring + size; sent++; records!size; k++;   /* admission, then the ring */
          sent_since[0] = 1; sent_since[1] = 1; sent_since[SENDERS] = 1 }
     :: !FITS(size) ->
        if                                                 /* compare-and-swap */
        :: atomic { empty(wishes[me]) && !blocked -> blocked = 1; periods++ };
           announce()
        :: empty(wishes[me]) && blocked                    /* its notice comes later than this */
        fi;
        notices != before || closed                        /* the program tries again when it is told */
     fi
  od
}

/* A new number: the smallest that nobody holds, as in park.pml. */
#define IN_USE(n) (sleep == n || rung == n || saw[0] == n || saw[1] == n || sleeps??[eval(n)])

proctype reactor() {
  byte me = REACTOR, number; bit ok, more;
awake:
  if
  :: blocked ->
     if
     :: atomic { ROOM -> sent_since[me] = 0 }; unblock();
        if :: atomic { more -> more = 0 }; announce() :: !more fi
     :: !ROOM
     fi
  :: !blocked
  fi;
  atomic {
    number = 1; do :: IN_USE(number) -> number++ :: else -> break od;
    sleeps!number; number = 0
  };
#if SLEEP_FENCE
  empty(sleeps);
#endif
#if SLEEP_HEAD
  if
  :: blocked ->
     if
     :: atomic { ROOM -> sleeps!0; goto awake }
     :: !ROOM
     fi
  :: !blocked
  fi;
#endif
end:
  if                                                       /* epoll_wait */
  :: atomic { bells -> bells = 0; sleeps!0; goto awake }
#if HANGUP
  :: atomic { hup && !bells -> closed = 1 }
#endif
  fi
}

/* Behind a published head or `done`: fence, is a wish there, does a reactor sleep, has this sleep been rung. */
inline look(fifo, me) {
#if HEAD_FENCE
  empty(fifo);
#endif
  w = wanted;
  if
  :: atomic { w -> w = 0; saw[me] = sleep };
     if
     :: atomic { saw[me] && saw[me] != rung -> bells = 1; rung = saw[me]; saw[me] = 0 }
     :: atomic { else -> saw[me] = 0 }
     fi
  :: !w
  fi
}

proctype reader() provided (!dead) {
  byte n, size, units; bit w;
end:
  do
  :: atomic { records?size -> taken++; n++; units = units + size; size = 0
#if !CREDIT
       ; heads!units
#endif
     };
     if
     :: atomic { !CREDIT && (n == QUARTER || (DRY && empty(records))) -> n = 0 };
        look(heads, 0)
     :: atomic { else -> skip }
     fi
  od
}

#if CREDIT
proctype completer() provided (!dead) {                    /* handlers that complete their messages when they like */
  byte n; bit w;
end:
  do
  :: atomic { n < taken -> n++; dones!n };
     look(dones, 1)
  od
}
#endif

#if KILL
active proctype fate() { dead = 1; atomic { empty(heads) && empty(dones) -> hup = 1 } }
#endif

active proctype quiescence() {
  timeout;
  assert(finished == SENDERS);                             /* all sent, or told that the peer has gone */
#if !KILL
  assert(taken == ALL && notices == periods && !blocked)
#endif
}

init {
  atomic {
    byte i;
    run memory(); run reactor(); run reader();
#if CREDIT
    run completer();
#endif
    for (i : 0 .. SENDERS-1) { run sender(i) }
  }
}
