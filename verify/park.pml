// SPDX-License-Identifier: MIT
/*
 * Park and ring: one reader that sleeps, several ringers of one sleep. Argument: docs/memory-ordering/park.md.
 *
 * The threads of one producing process publish records under the baton (here a plain lock: baton.pml has the real one),
 * let go of it by compare-and-swap, which is the fence, look at the reader's sleep word and ring a sleeper.
 * The reader announces a numbered sleep, fences, looks once more, and waits in epoll for a byte or a hang-up.
 *
 * Memory is x86-TSO: each thread has a FIFO of stores that reach memory at any later time. A locked instruction waits
 * until the thread's own FIFO is empty. A system call is NOT counted on as a fence.
 * Verdict: at quiescence (`timeout`) everything that was published has been taken.
 */
#ifndef THREADS
#define THREADS 2
#endif
#ifndef RECORDS
#define RECORDS 2        /* of each thread */
#endif
#ifndef SOCKET
#define SOCKET 1         /* bytes that the socket takes before EAGAIN */
#endif
#ifndef KILL
#define KILL 0           /* 1: the producing process may die at any step, 2: the reading one */
#endif
#ifndef STALL
#define STALL 0          /* 1: thread 0 may stop for ever at any step while its process lives on */
#endif
#ifndef NOMEM
#define NOMEM 0          /* 1: one send may fail for lack of memory */
#endif
#ifndef SC
#define SC 0             /* 1: no store buffers: shows that such a model proves nothing about fences */
#endif
/* Mutants: each must fail. */
#ifndef BELL_FENCE
#define BELL_FENCE 1     /* 0: the baton is let go by a plain store */
#endif
#ifndef SLEEP_FENCE
#define SLEEP_FENCE 1    /* 0: no fence after announcing sleep */
#endif
#ifndef RECHECK
#define RECHECK 1        /* 0: no last look before sleeping */
#endif
#ifndef MARK_FIRST
#define MARK_FIRST 0     /* 1: marked rung before the call */
#endif
#ifndef NUMBER
#define NUMBER 1         /* 0: every sleep has the same number */
#endif
#ifndef REDRAIN
#define REDRAIN 1        /* 0: a hang-up closes without draining once more */
#endif
#ifndef EMPTY_LATE
#define EMPTY_LATE 0     /* 1: old bytes are received after the last look */
#endif
#ifndef RETRY
#define RETRY 1          /* 0: a ring that failed for lack of memory is forgotten */
#endif

#define N (THREADS*RECORDS)

bit first[N+1];                       /* producer's segment: a record's first word */
byte sleep;                           /* reader's segment: 0 awake, else the number of the sleep */
bit baton; byte position, rung;       /* private to the producing process, shared by its threads */
byte bells; bit hup, retry;           /* kernel: bytes in the socket, hang-up; our own reactor's retry */
bit killed, dead, closed, failed; byte victim, frozen = 255;
byte at[THREADS], seen[THREADS];      /* locals of the senders: where it writes, which sleep it saw */
byte taken, finished, returned;       /* observations of the checker */

mtype = { PUBLISH, POSITION, RUNG, BATON };
chan stores[THREADS] = [4] of { mtype, byte };
chan asleep = [3] of { byte };        /* the reader's FIFO: only its sleep word */

/*
 * A step is one access to memory that others see. What a process does to itself before its next such access, putting
 * stores into its own FIFO included, is joined to the step before: it commutes with everything the others do.
 */
#if SC
#define SETTLED(fifo) empty(fifo)      /* no store is ever late */
#else
#define SETTLED(fifo) true
#endif

#define DRAIN(i) d_step { stores[i]?what,value -> \
  if \
  :: what == PUBLISH  -> first[value] = 1 \
  :: what == POSITION -> position = value \
  :: what == RUNG     -> rung = value \
  :: what == BATON    -> baton = value \
  fi; what = 0; value = 0 }

proctype memory() {
  mtype what; byte value;
end:
  do
  :: d_step { asleep?value -> sleep = value; value = 0 }
  :: DRAIN(0)
#if THREADS > 1
  :: DRAIN(1)
#endif
#if THREADS > 2
  :: DRAIN(2)
#endif
  od
}

/* One byte with MSG_DONTWAIT. A full socket means that a byte is already waiting, which is as good. */
inline send(ok) {
  ok = 1;
  if
  :: bells < SOCKET -> bells++
  :: bells == SOCKET
#if NOMEM
  :: !failed -> failed = 1; ok = 0
#endif
  fi
}

#if STALL
#define RETURNED if :: returned <= at[me] -> returned = at[me]+1 :: else fi
#else
#define RETURNED skip
#endif

proctype sender(byte me) provided (!killed && _pid != frozen) {
  byte k; bit ok;
  do
  :: k == RECORDS -> break
  :: else ->
     atomic {
       !baton && empty(stores[me]) -> baton = 1;     /* compare-and-swap */
       at[me] = position; stores[me]!PUBLISH,at[me]; stores[me]!POSITION,at[me]+1
#if !BELL_FENCE
       ; stores[me]!BATON,0
#endif
     };
#if BELL_FENCE
     atomic { empty(stores[me]) -> baton = 0 };      /* compare-and-swap: the full fence */
#endif
     atomic { SETTLED(stores[me]) -> seen[me] = sleep };
     atomic {
       if                                             /* the baton's swap emptied our FIFO: `rung` needs no forwarding */
       :: seen[me] != 0 && seen[me] != rung -> ok = 1
#if MARK_FIRST
          ; stores[me]!RUNG,seen[me]
#endif
#if NUMBER == 0
       :: seen[me] == 0 -> stores[me]!RUNG,0
#endif
       :: else
       fi
     };
     atomic {
       if
       :: ok ->
          send(ok);
#if !MARK_FIRST
          if
          :: ok -> stores[me]!RUNG,seen[me]
          :: else -> retry = RETRY
          fi;
#endif
          ok = 0
       :: else
       fi;
       k++; RETURNED; at[me] = 0; seen[me] = 0
     }
  od;
  finished++
}

#if NOMEM
proctype retrier() {                                  /* our reactor, 1 ms later */
  bit ok;
end:
  do
  :: atomic { retry -> retry = 0 };
     atomic { if :: sleep != 0 && sleep != rung -> send(ok) :: else fi; ok = 0 }
  od
}
#endif

/*
 * Numbers are only ever compared for equality, so instead of counting up the reader takes the smallest number that no
 * word, local or FIFO holds: the same behaviours, fewer states.
 */
#define HELD_BY(i, n) (seen[i] == n || stores[i]??[RUNG,eval(n)])
#if THREADS > 2
#define IN_USE(n) (sleep == n || rung == n || asleep??[eval(n)] || HELD_BY(0, n) || HELD_BY(1, n) || HELD_BY(2, n))
#elif THREADS > 1
#define IN_USE(n) (sleep == n || rung == n || asleep??[eval(n)] || HELD_BY(0, n) || HELD_BY(1, n))
#else
#define IN_USE(n) (sleep == n || rung == n || asleep??[eval(n)] || HELD_BY(0, n))
#endif
#if NUMBER
#define ANNOUNCE number = 1; do :: IN_USE(number) -> number++ :: else -> break od; asleep!number; number = 0
#else
#define ANNOUNCE asleep!1
#endif

proctype reader() provided (!dead) {
  byte number;
look:
  do
  :: atomic { SETTLED(asleep) && first[taken] -> taken++ }
  :: atomic { SETTLED(asleep) && !first[taken] -> ANNOUNCE; break }
  od;
#if SLEEP_FENCE
  empty(asleep);
#endif
#if RECHECK
  if
  :: atomic { SETTLED(asleep) && first[taken] -> asleep!0; goto look }
  :: SETTLED(asleep) && !first[taken]
  fi;
#endif
#if EMPTY_LATE
  bells = 0;
#endif
end:
  if                                                  /* epoll_wait, level-triggered */
  :: atomic { bells > 0 ->
#if !EMPTY_LATE
       bells--;                                       /* one byte: for the rest epoll comes again */
#endif
       asleep!0; goto look }
  :: hup && bells == 0
  fi;
#if REDRAIN
  do
  :: first[taken] -> taken++
  :: !first[taken] -> break
  od;
#endif
  closed = 1
}

#if KILL == 1
active proctype fate() {
  killed = 1;                                         /* at any step; what was stored still drains */
  atomic { empty(stores[0]) && (THREADS < 2 || empty(stores[THREADS-1])) && (THREADS < 3 || empty(stores[1])) -> hup = 1 }
}
#elif KILL == 2
active proctype fate() { dead = 1 }
#elif STALL
active proctype fate() { frozen = victim }
#endif

active proctype quiescence() {
  timeout;
#if KILL == 1
  assert(closed && !first[taken])                     /* all that reached memory was taken, then closed */
#elif KILL == 2
  assert(finished == THREADS)                         /* a dead reader blocks no sender */
#elif STALL
  assert(taken >= returned)                           /* who returned need not hope for another thread */
#else
  assert(finished == THREADS && taken == N)
#endif
}

init {
  atomic {
    byte i;
    run memory(); run reader();
#if NOMEM
    run retrier();
#endif
    victim = run sender(0);
    for (i : 1 .. THREADS-1) { run sender(i) }
  }
}
