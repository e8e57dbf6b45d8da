// SPDX-License-Identifier: MIT
/*
 * Senders that found no room, and how they hear of room. Argument: docs/memory-ordering/space.md.
 *
 * The sending process has SENDERS threads that wait for room on a private word, and a reactor. A refused sender counts
 * itself in `blocked`, reads the private word, writes `wanted` into its own segment, fences, looks at the peer's head
 * once more, and sleeps if the private word has not changed. The reactor sleeps as in park.pml; while somebody is
 * blocked its last look covers the head, and a head that moved makes it change the private word and wake everybody.
 * The peer publishes its head with each record; each QUARTER, and when the ring is dry, it fences, reads `wanted`, then
 * the sleep word, and rings a sleeper. The last sender that leaves withdraws the wish, fences, and sends round whoever
 * was blocked meanwhile.
 *
 * Memory is x86-TSO: each thread has a FIFO of stores that reach memory at any later time. A locked instruction waits
 * until the thread's own FIFO is empty. A system call is NOT counted on as a fence. "Has the private word changed since I
 * read it" is a bit for each sender, set by a change and cleared by the read.
 */
#ifndef SENDERS
#define SENDERS 2
#endif
#ifndef N
#define N 3              /* records of all senders */
#endif
#ifndef CAPACITY
#define CAPACITY 1       /* of the ring */
#endif
#ifndef QUARTER
#define QUARTER 1        /* records after which the reader looks although the ring is not dry */
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
#ifndef SEEN_FIRST
#define SEEN_FIRST 1     /* 0: the private word is read after that look */
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
#ifndef WITHDRAW_LOOK
#define WITHDRAW_LOOK 1  /* 0: who withdraws the wish does not look whether others are blocked */
#endif
#ifndef WITHDRAW_FENCE
#define WITHDRAW_FENCE 1 /* 0: that look comes without a fence */
#endif
#ifndef HANGUP
#define HANGUP 1         /* 0: a dead peer does not end the wait */
#endif

byte head;                            /* reader's segment: its head, or `done` */
byte wanted, sleep;                   /* sender's segment */
byte ring, taken;                     /* records in the ring since the start; taken by the reader */
byte blocked;                         /* private to the sending process, counted by locked instructions */
bit changed[SENDERS], asleep[SENDERS];   /* private: the word changed since I read it; kernel: sleeps on it */
byte saw[2];                          /* a local of those who ring: the sleep that it saw */
byte bells, rung, finished; bit hup, closed, dead, killed;

chan words[SENDERS] = [2] of { byte }; /* the senders' FIFOs: `wanted` */
chan sleeps = [3] of { byte };         /* the reactor's: its sleep word */
chan heads  = [4] of { byte };         /* the reader's: its head */

proctype memory() {
  byte value;
end:
  do
  :: d_step { words[0]?value -> wanted = value; value = 0 }
#if SENDERS > 1
  :: d_step { words[1]?value -> wanted = value; value = 0 }
#endif
  :: d_step { heads?value -> head = value; value = 0 }
  :: d_step { sleeps?value -> sleep = value; value = 0 }
  od
}

/* Joined to the step before: stores into one's own FIFO and what is private to one thread (see park.pml). */

#define ROOM (ring - head < CAPACITY)

inline wake_blocked() {
  atomic { changed[0] = 1; changed[SENDERS-1] = 1 };
  atomic { asleep[0] = 0; asleep[SENDERS-1] = 0 }
}

proctype sender(byte me) provided (!killed) {
next:
  if
  :: atomic { ring == N || closed -> finished++; goto done }
  :: atomic { ring < N && ROOM -> ring++; goto next }  /* admission, then the ring: see baton.pml and ring.pml */
  :: atomic { ring < N && !closed && !ROOM && empty(words[me]) -> blocked++ }
  fi;
again:
#if SEEN_FIRST
  changed[me] = 0;
#endif
  if
  :: atomic { closed -> goto leave }
  :: atomic { !closed -> words[me]!1 }
  fi;
#if WANTED_FENCE
  empty(words[me]);
#endif
#if RECHECK
  if
  :: atomic { ROOM -> goto leave }
  :: !ROOM
  fi;
#endif
#if !SEEN_FIRST
  changed[me] = 0;
#endif
  atomic { if :: !changed[me] -> asleep[me] = 1 :: else fi };   /* futex_wait */
  !asleep[me];
  if
  :: atomic { ROOM -> goto leave }
  :: atomic { !ROOM -> goto again }
  fi;
leave:
  if
  :: atomic { empty(words[me]) && blocked > 1 -> blocked--; goto next }
  :: atomic { empty(words[me]) && blocked == 1 -> blocked--; words[me]!0 }
  fi;
#if WITHDRAW_FENCE
  empty(words[me]);
#endif
#if WITHDRAW_LOOK
  if
  :: blocked != 0 -> wake_blocked()
  :: blocked == 0
  fi;
#endif
  goto next;
done:
  skip
}

/* A new number: the smallest that nobody holds, as in park.pml. */
#define IN_USE(n) (sleep == n || rung == n || saw[0] == n || saw[1] == n || sleeps??[eval(n)])

proctype reactor() provided (!killed) {
  byte number, seen;
awake:
  if
  :: blocked != 0
  :: atomic { blocked == 0 -> goto park }
  fi;
  if
  :: atomic { head != seen -> seen = head }; wake_blocked()
  :: head == seen
  fi;
park:
  atomic {
    number = 1; do :: IN_USE(number) -> number++ :: else -> break od;
    sleeps!number; number = 0
  };
#if SLEEP_FENCE
  empty(sleeps);
#endif
#if SLEEP_HEAD
  if
  :: blocked != 0 ->
     if
     :: atomic { head != seen -> seen = head }; wake_blocked(); sleeps!0; goto awake
     :: head == seen
     fi
  :: blocked == 0
  fi;
#endif
end:
  if
  :: atomic { bells -> bells = 0; sleeps!0; goto awake }
#if HANGUP
  :: atomic { hup && !bells -> closed = 1 }
#endif
  fi;
  wake_blocked()
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
#if KILL == 2
  assert(taken == ring)                                /* a dead sender stops no reader */
#elif KILL == 1
  assert(finished == SENDERS)                          /* with everything sent, or closed */
#else
  assert(finished == SENDERS && taken == N)
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
