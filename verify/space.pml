// SPDX-License-Identifier: MIT
/*
 * A sender that found no space, and how it hears of space. Argument: docs/memory-ordering/space.md.
 *
 * The sending process has a sender (its thread asks for room and is refused) and a reactor (the one that sleeps and posts
 * "send possible"). Refused, the sender swaps the private `blocked` word to Blocked, writes `wanted` into its own
 * segment, fences, and looks at the peer's head once more. The reactor goes to sleep as in park.pml; while `blocked`
 * is set it also looks at the head. The peer publishes its head with each record, and each QUARTER and when the ring is
 * dry it fences, reads `wanted`, then the sleep word, and rings a sleeper.
 *
 * `wanted` has several threads of one domain as writers: the sender only ever sets it; only the reactor clears it,
 * before the fence of its park, and a reactor that finds `blocked` behind that fence sets it again.
 *
 * Memory is x86-TSO: each thread has a FIFO of stores that reach memory at any later time. A locked instruction waits
 * until the thread's own FIFO is empty. A system call is NOT counted on as a fence.
 */
#ifndef N
#define N 4              /* records */
#endif
#ifndef CAPACITY
#define CAPACITY 2       /* of the ring */
#endif
#ifndef QUARTER
#define QUARTER 2        /* records after which the reader looks although the ring is not dry */
#endif
#ifndef CREDIT
#define CREDIT 0         /* 1: blocked for message credit: `done` gives it, which a handler's thread publishes at any time */
#endif
#ifndef KILL
#define KILL 0           /* 1: the reading process may die at any step, 2: the sending one */
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
#ifndef DONE_LOOK
#define DONE_LOOK 1      /* 0: who publishes `done` leaves the look to the reader */
#endif
#ifndef SLEEP_FENCE
#define SLEEP_FENCE 1    /* 0: the reactor does not fence after announcing sleep */
#endif
#ifndef SLEEP_HEAD
#define SLEEP_HEAD 1     /* 0: the reactor's last look leaves out the head */
#endif
#ifndef CLEAR_LATE
#define CLEAR_LATE 0     /* 1: the reactor clears `wanted` when it has unblocked the sender */
#endif
#ifndef GENERATION
#define GENERATION 1     /* 0: `blocked` is a bare flag */
#endif
#ifndef HANGUP
#define HANGUP 1         /* 0: a dead peer does not end the wait */
#endif

byte head;                            /* reader's segment: its head, or `done` */
byte wanted, sleep;                   /* sender's segment */
byte ring, taken;                     /* records in the ring since the start; taken by the reader */
byte sent;                            /* private to the sending process, changed by compare-and-swap */
byte blocked;                         /* private likewise: 2g clear, 2g+1 blocked for the g-th time */
byte saw[2];                          /* a local of those who ring: the sleep that it saw */
byte possible, bells, rung; bit hup, closed, dead, killed, ended;

mtype = { SLEEP, WANTED };
chan words  = [1] of { byte };         /* the sender's FIFO: `wanted` */
chan sleeps = [4] of { mtype, byte };  /* the reactor's: sleep word and `wanted` */
chan heads  = [4] of { byte };         /* the reader's: its head */

proctype memory() {
  mtype what; byte value;
end:
  do
  :: d_step { words?value -> wanted = value; value = 0 }
  :: d_step { heads?value -> head = value; value = 0 }
  :: d_step { sleeps?what,value ->
       if :: what == SLEEP -> sleep = value :: else -> wanted = value fi; what = 0; value = 0 }
  od
}

/* Joined to the step before: stores into one's own FIFO and what is private to one thread (see park.pml). */

#define ROOM       (sent - head < CAPACITY)
#define IS_BLOCKED (blocked % 2)

proctype sender() provided (!killed) {
  byte g; bit must;
next:
  if
  :: atomic { sent == N || closed -> ended = 1; goto done }
  :: sent < N && !closed
  fi;
  if
  :: atomic { ROOM && empty(words) -> must = 0; sent++; ring++; goto next }   /* admission, then the ring: see ring.pml */
  :: atomic { !ROOM -> assert(!must) }                 /* "send possible" means that one fits now */
  fi;
  atomic { empty(words) -> blocked++; g = blocked;     /* compare-and-swap Clear to Blocked */
    words!1 };
#if WANTED_FENCE
  empty(words);
#endif
#if RECHECK
  if
  :: atomic { ROOM ->
       skip };
     atomic { empty(words) ->                          /* compare-and-swap back; if the reactor was first, it has posted */
       if
#if GENERATION
       :: blocked == g -> blocked++; g = 0; goto next
#else
       :: blocked == g -> blocked--; g = 0; goto next
#endif
       :: else
       fi }
  :: !ROOM
  fi;
#endif
  g = 0;
  if
  :: atomic { possible -> possible--; must = 1; goto next }
  :: atomic { closed -> ended = 1 }
  fi;
done:
  skip
}

#define IN_USE(n) (sleep == n || rung == n || saw[0] == n || saw[1] == n || sleeps??[SLEEP,eval(n)])

proctype reactor() provided (!killed) {
  byte b, number;
awake:
  if
  :: atomic { IS_BLOCKED -> b = blocked }
  :: atomic { !IS_BLOCKED -> goto park }
  fi;
  if
  :: ROOM
  :: atomic { !ROOM -> goto park }
  fi;
  atomic { empty(sleeps) ->                            /* compare-and-swap Blocked to Clear */
    if
    :: blocked == b -> possible++;
#if GENERATION
       blocked++
#else
       blocked--
#endif
#if CLEAR_LATE
       ; sleeps!WANTED,0
#endif
    :: else
    fi };
  b = 0;
  goto awake;
park:
  atomic {                                             /* a new number: the smallest that nobody holds, as in park.pml */
    number = 1; do :: IN_USE(number) -> number++ :: else -> break od;
    sleeps!SLEEP,number;
    b = 0; number = 0
  };
#if !CLEAR_LATE
  atomic {
    b = IS_BLOCKED;
    sleeps!WANTED,b
  };
#endif
#if SLEEP_FENCE
  empty(sleeps);
#endif
#if !CLEAR_LATE
  if                                                   /* cleared, and yet somebody is blocked: set it and look again */
  :: atomic { IS_BLOCKED && !b -> sleeps!SLEEP,0; goto awake }
  :: !IS_BLOCKED || b
  fi;
#endif
#if SLEEP_HEAD
  if
  :: atomic { IS_BLOCKED && ROOM -> b = 0; sleeps!SLEEP,0; goto awake }
  :: atomic { !(IS_BLOCKED && ROOM) -> b = 0 }
  fi;
#endif
end:
  if
  :: atomic { bells -> bells = 0; sleeps!SLEEP,0; goto awake }
#if HANGUP
  :: atomic { hup && !bells -> closed = 1 }
#endif
  fi
}

/* Behind a published head or `done`: fence, is a wish there, does a reactor sleep, has this sleep been rung. */
inline look(me) {
#if HEAD_FENCE
  empty(heads);
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
  byte n; bit w;
end:
  do
  :: atomic { taken < ring -> taken++; n++
#if !CREDIT
       ; heads!taken
#endif
     };
#if CREDIT && DONE_LOOK
     n = 0                                             /* it gave nothing, so it has nothing to tell */
#else
     if
     :: atomic { n == QUARTER || (DRY && taken == ring) -> n = 0 };
        look(0)
     :: atomic { else -> skip }
     fi
#endif
  od
}

#if CREDIT
proctype completer() provided (!dead) {                /* a handler that completes a message when it likes */
  byte completed; bit w;
end:
  do
  :: atomic { completed < taken -> completed++; heads!completed };
#if DONE_LOOK
     look(1)
#endif
  od
}
#endif

#if KILL == 1
active proctype fate() { dead = 1; atomic { empty(heads) -> hup = 1 } }
#elif KILL == 2
active proctype fate() { killed = 1 }
#endif

active proctype quiescence() {
  timeout;
#if KILL == 1
  assert(ended)                                        /* with everything sent, or closed */
#elif KILL == 2
  assert(taken == ring)                                /* a dead sender stops no reader */
#else
  assert(ended && sent == N && taken == N)
#endif
}

init { atomic { run memory(); run sender(); run reactor(); run reader();
#if CREDIT
  run completer()
#endif
  } }
