// SPDX-License-Identifier: MIT
/*
 * Replies of which a handler on a loop's thread leaves the news to the loop, and a monitor that takes the loop.
 * Argument: docs/memory-ordering/reply-lanes.md, "Replies that are kept back".
 *
 * CALLS calls, each of a caller of its own, which says how it waits, fences, looks once more, and sleeps. The loop's thread
 * runs a handler for each: it shows the reply, notes the slot, and looks at the loop's word; if it has lost the loop it tells of
 * the reply itself. When a handler ends the thread swaps the word back, and takes the note over; at the end of the poll it
 * fences once, looks how each caller waits, and wakes it. The handler of call STAYS does not end. The taker swaps the word of
 * a handler that it sees, has all threads fence, tells of what is noted and of what the loop had taken over, and goes on with
 * the poll.
 *
 * Memory is x86-TSO, as in the other models. A fence of all threads waits until the FIFO of each is empty. How a wake-up gets
 * to its sleeper is a latch: the lanes and the bell are announce.pml and park.pml. Verdict: at quiescence (`timeout`) every
 * call has its reply; also that of a handler that does not end.
 */
#ifndef CALLS
#define CALLS 2          /* 1 to 3 */
#endif
#ifndef STAYS
#define STAYS 1          /* the call whose handler does not end; 9: none */
#endif
/* Mutants: each must fail. */
#ifndef ALL_FENCE
#define ALL_FENCE 1      /* 0: whoever takes the loop fences itself only */
#endif
#ifndef OWN_LOOK
#define OWN_LOOK 1       /* 0: the handler's thread does not look whether it has the loop */
#endif
#ifndef LOOK_FIRST
#define LOOK_FIRST 0     /* 1: it looks, and notes its reply then */
#endif
#ifndef TAKER_LOOK
#define TAKER_LOOK 1     /* 0: whoever takes the loop does not look at the note */
#endif
#ifndef LOOP_KEPT
#define LOOP_KEPT 1      /* 0: nor at what the loop had taken over from earlier handlers */
#endif
#ifndef LEAVE_TELLS
#define LEAVE_TELLS 1    /* 0: a thread whose handler ends behind the loss forgets its note, and tells nobody */
#endif
#ifndef WAKE_FENCE
#define WAKE_FENCE 1     /* 0: no fence between the replies and the looks at their callers */
#endif
#ifndef PARK_FENCE
#define PARK_FENCE 1     /* 0: none between the caller's word and its last look */
#endif
#ifndef END_TELLS
#define END_TELLS 1      /* 0: the end of the poll tells nobody */
#endif

#define LOOP(n) ((n) << 2)
#define HANDLER(n) ((n) << 2 | 1)
#define TAKEN(n) ((n) << 2 | 2)

/* Shared with the callers' process. */
bit reply[CALLS]; bit waiting[CALLS];
/* Private to the replying one: the loop's word, and the note of the thread that can lose it. */
byte word, note;
/* The loop's own: who has it touches it. */
byte next, kept;
bit latch[CALLS];
byte replied, stayed;
bit ended;

mtype = { REPLY, NOTE, WORD };
chan stores[2] = [5] of { mtype, byte };                /* the FIFO of the loop's thread, and of the taker */
chan words[CALLS] = [1] of { bit };                     /* a caller's */

#define DRAIN(i) d_step { stores[i]?what,value -> \
  if :: what == REPLY -> reply[value] = 1 :: what == NOTE -> note = value :: else -> word = value fi; what = 0; value = 0 }

proctype memory() {
  mtype what; byte value; byte i;
end:
  do
  :: DRAIN(0)
  :: DRAIN(1)
  :: d_step { words[0]?waiting[0] }
#if CALLS > 1
  :: d_step { words[1]?waiting[1] }
#endif
#if CALLS > 2
  :: d_step { words[2]?waiting[2] }
#endif
  od
}

proctype caller(byte me) {
  words[me]!1;
#if PARK_FENCE
  empty(words[me]);
#endif
  if
  :: atomic { reply[me] -> goto out }
  :: !reply[me]
  fi;
  latch[me];
  assert(reply[me]);
out:
  replied++
}

/* One fence, then a look at each caller. */
inline tell(bits) {
#if WAKE_FENCE
  empty(stores[me]);
#endif
  i = 0;
  do
  :: i == CALLS -> break
  :: i < CALLS && (bits >> i & 1) == 0 -> i++
  :: atomic { i < CALLS && (bits >> i & 1) != 0 && waiting[i] -> latch[i] = 1; i++ }
  :: atomic { i < CALLS && (bits >> i & 1) != 0 && !waiting[i] -> i++ }
  od;
  i = 0
}

/* The thread that can lose the loop: its note is `note`, and it sees its own. */
proctype loop() {
  byte me, slot, i, mine, n; bit has;
poll:
  do
  :: atomic { next == CALLS -> n = kept; kept = 0; goto over }
  :: atomic { next < CALLS -> slot = next; next++; n = slot + 1; stores[me]!WORD,HANDLER(n) };
     has = 1;
#if LOOK_FIRST
     empty(stores[me]) -> has = (word == HANDLER(n));
#endif
     stores[me]!REPLY,slot;
     atomic { mine = mine | 1 << slot; stores[me]!NOTE,mine };
#if OWN_LOOK && !LOOK_FIRST
     /* A look at a word that is in its own FIFO finds that one. */
     if
     :: atomic { stores[me]??[WORD,eval(HANDLER(n))] -> has = 1 }
     :: atomic { !stores[me]??[WORD,eval(HANDLER(n))] -> has = (word == HANDLER(n)) }
     fi;
#endif
     if
     :: has
     :: !has -> tell(1 << slot)
     fi;
     if
     :: slot == STAYS -> stayed = 1; goto stays
     :: slot != STAYS
     fi;
     atomic { empty(stores[me]) ->                      /* compare-and-swap */
       if
       :: word == HANDLER(n) -> word = LOOP(n); has = 1
       :: else -> has = 0
       fi };
     if
     :: !has ->
#if LEAVE_TELLS
        tell(mine);
#endif
        stores[me]!NOTE,0;
        goto gone
     :: has -> atomic { kept = kept | mine; mine = 0; stores[me]!NOTE,0 }
     fi
  od;
over:
#if END_TELLS
  tell(n);
#endif
  atomic { ended = 1 };
  goto gone;
stays:
  empty(stores[me]);                                    /* sooner or later it reaches memory */
  replied == CALLS;
gone:
  skip
}

proctype taker() {
  byte me = 1, seen, i, slot, n;
  do
  :: ended -> goto done
  :: atomic { (word & 3) == 1 -> seen = word };
     atomic {                                           /* compare-and-swap */
       if
       :: word == seen -> word = TAKEN(seen >> 2); break
       :: else -> seen = 0
       fi }
  od;
#if ALL_FENCE
  empty(stores[0]);
#endif
  empty(stores[me]);
#if TAKER_LOOK
  n = note;
#endif
#if LOOP_KEPT
  n = n | kept;
#endif
  kept = 0;
  tell(n);
  /* The rest of the poll: its own handlers end, and nobody takes the loop from it. */
  n = 0;
  do
  :: next == CALLS -> break
  :: atomic { next < CALLS -> slot = next; next++; n = n | 1 << slot; stores[me]!REPLY,slot }
  od;
  tell(n);
done:
  skip
}

init {
  byte c;
  atomic {
    run memory(); run loop(); run taker();
    do
    :: c == CALLS -> break
    :: c < CALLS -> run caller(c); c++
    od
  };
end:
  timeout -> assert(replied == CALLS)
}
