// SPDX-License-Identifier: MIT
/*
 * Signals through a lane and its parent: two senders, a receiver that sleeps, a bell.
 * Argument: docs/memory-ordering/lanes.md.
 *
 * A sender writes its data, fences, and for the lane, then for the parent: reads the private word, then the
 * acknowledgement, toggles the bit if it is not pending and counts one, by compare-and-swap; looks whether the shared copy
 * shows the word that it found or made, and else brings it up to date in at most two tries; goes on to the parent in any
 * case. Then it reads the sleep word and rings. The receiver, from the parent to the lane: copies the word to its
 * acknowledgement, fences, reads what is below. Finds it nothing at the parent, it announces sleep, fences, looks at the
 * parent once more, and waits.
 *
 * Memory is x86-TSO: each thread has a FIFO of stores that reach memory at any later time. A locked instruction waits
 * until the thread's own FIFO is empty. A deeper tree is this one twice: what is said of a parent and its lane holds of a
 * parent and its parent. Several lanes, and a budget: the explorer. A sleep has no number and the bell is a latch:
 * park.pml. Verdict: at quiescence (`timeout`) the receiver has seen what was written before each signal.
 */
#ifndef FIRST
#define FIRST 1          /* how often the first sender signals */
#endif
#ifndef SECOND
#define SECOND 2         /* and the second */
#endif
#ifndef BITS
#define BITS 1           /* 2: each sender has its own bit of the lane */
#endif
#ifndef KILL
#define KILL 0           /* 1: the sending process may die at any step, with a lane set and its parent not */
#endif
/* Mutants: each must fail. */
#ifndef SIGNAL_FENCE
#define SIGNAL_FENCE 1   /* 0: sender reads the acknowledgement without a fence behind its data */
#endif
#ifndef PARENT_FENCE
#define PARENT_FENCE 1   /* 0: receiver reads the lane without a fence behind the parent's acknowledgement */
#endif
#ifndef DELIVER_FENCE
#define DELIVER_FENCE 1  /* 0: receiver reads the data without a fence behind the lane's acknowledgement */
#endif
#ifndef SLEEP_FENCE
#define SLEEP_FENCE 1    /* 0: no fence after announcing sleep */
#endif
#ifndef SLEEP_LOOK
#define SLEEP_LOOK 1     /* 0: no last look at the parent */
#endif
#ifndef ACK_FIRST
#define ACK_FIRST 0      /* 1: sender reads the acknowledgement before its own word */
#endif
#ifndef COUNT
#define COUNT 1          /* 0: the words have no count, so a swap may succeed on a word that came back */
#endif
#ifndef LANE_FIRST
#define LANE_FIRST 0     /* 1: receiver reads the lane before it acknowledges the parent */
#endif
#ifndef ROOT_FIRST
#define ROOT_FIRST 0     /* 1: sender goes from the parent to the lane */
#endif
#ifndef HELP
#define HELP 1           /* 0: sender that finds the lane pending stops there */
#endif
#ifndef SHOW
#define SHOW 1           /* 0: sender that finds a word pending does not look whether it is shown */
#endif
#ifndef TRIES
#define TRIES 2          /* 1: who fails to bring the copy up to date leaves it so */
#endif
#ifndef RING_FIRST
#define RING_FIRST 0     /* 1: the sleep word is read before the lane is signalled */
#endif
#ifndef REDRAIN
#define REDRAIN 1        /* 0: the receiver does not look once more when the senders are dead */
#endif

#define PARENT 0
#define LANE 1
#define ANY(word) ((word) & 3)
#if BITS > 1
#define LANE_BIT (1 + me)
#else
#define LANE_BIT 1
#endif
#if COUNT
#define TOGGLED(word, bit) (((word) ^ (bit)) + 4)
#else
#define TOGGLED(word, bit) ((word) ^ (bit))
#endif

/* Senders' segment, and what the signals tell of. */
byte copy[2], data[2];
/* Receiver's segment. */
byte ack[2]; bit sleep;
/* Private to the sending process. */
byte truth[2];
bit bell, hup, dead;                  /* kernel */
byte seen[2], signalled[2];                /* observations of the checker */

mtype = { PARENT_ACK, LANE_ACK, SLEEP };
chan own = [3] of { mtype, byte };                      /* the receiver's FIFO */
chan stores[2] = [1] of { byte };                       /* a sender's FIFO: its data */

proctype memory() {
  mtype what; byte value;
end:
  do
  :: d_step { stores[0]?value -> data[0] = value; value = 0 }
  :: d_step { stores[1]?value -> data[1] = value; value = 0 }
  :: d_step { own?what,value ->
       if :: what == PARENT_ACK -> ack[PARENT] = value :: what == LANE_ACK -> ack[LANE] = value :: else -> sleep = value fi;
       what = 0; value = 0 }
  od
}

/* Joined to the step before: stores into one's own FIFO and what is private to one thread (see park.pml). */

#define RINGS if :: atomic { sleep -> bell = 1 } :: !sleep fi

/* One try to bring the copy of a word up to date. */
inline try_announce(word) {
  shown = copy[word];
  t = truth[word];
  atomic { empty(stores[me]) ->                         /* compare-and-swap */
    if
    :: copy[word] == shown -> copy[word] = t; ok = 1
    :: else -> ok = 0
    fi; shown = 0; t = 0 }
}

inline raise(word, wanted) {
  do
#if ACK_FIRST
  :: a = ack[word]; set = truth[word];
#else
  :: set = truth[word]; a = ack[word];
#endif
     if
     :: atomic { (set ^ a) & wanted -> pending = 1; a = 0; break }
     :: atomic { !((set ^ a) & wanted) -> a = 0 }
     fi;
     atomic { empty(stores[me]) ->                      /* compare-and-swap on the private word */
       if
       :: truth[word] == set -> set = TOGGLED(set, wanted); truth[word] = set; pending = 0; break
       :: else
       fi }
  od;
#if !SHOW
  if
  :: pending
  :: !pending ->
#endif
  if
  :: copy[word] == set
  :: copy[word] != set ->
     try_announce(word);
#if TRIES > 1
     if
     :: ok
     :: atomic { !ok -> skip }; try_announce(word)
     fi
#endif
  fi
#if !SHOW
  fi
#endif
  ;
  atomic { set = 0; ok = 0 }
}

proctype sender(byte me) provided (!dead) {
  byte k, set, a, t, shown; bit ok, pending;
  do
  :: atomic { k == (me == 0 -> FIRST : SECOND) -> break }
  :: atomic { k < (me == 0 -> FIRST : SECOND) -> k++; stores[me]!k };
#if SIGNAL_FENCE
     empty(stores[me]);
#endif
#if RING_FIRST
     RINGS;
#endif
#if ROOT_FIRST
     raise(PARENT, 1);
     raise(LANE, LANE_BIT);
#else
     raise(LANE, LANE_BIT);
#if !HELP
     if
     :: pending
     :: !pending -> raise(PARENT, 1)
     fi;
#else
     raise(PARENT, 1);
#endif
#endif
     atomic { signalled[me] = k; pending = 0 };
#if !RING_FIRST
     RINGS;
#endif
  od
}

proctype receiver() {
  byte w, bits, taken[2];
look:
  do
  :: atomic { ANY(copy[PARENT] ^ taken[PARENT]) -> w = copy[PARENT]; taken[PARENT] = w };
#if LANE_FIRST
     w = copy[LANE];
     own!PARENT_ACK,taken[PARENT];
     empty(own);
#else
     atomic { own!PARENT_ACK,w; w = 0 };
#if PARENT_FENCE
     empty(own);
#endif
     w = copy[LANE];
#endif
     if
     :: atomic { ANY(w ^ taken[LANE]) -> bits = ANY(w ^ taken[LANE]); taken[LANE] = w; own!LANE_ACK,w };
#if DELIVER_FENCE
        empty(own);
#endif
#if BITS > 1
        if
        :: bits & 1 -> seen[0] = data[0]
        :: !(bits & 1)
        fi;
        if
        :: bits & 2 -> seen[1] = data[1]
        :: !(bits & 2)
        fi;
#else
        seen[0] = data[0];
        seen[1] = data[1];
#endif
        bits = 0
     :: !ANY(w ^ taken[LANE])
     fi;
     w = 0
  :: atomic { !ANY(copy[PARENT] ^ taken[PARENT]) ->
       if :: hup -> goto out :: else -> own!SLEEP,1; break fi }
  od;
#if SLEEP_FENCE
  empty(own);
#endif
#if SLEEP_LOOK
  if
  :: atomic { ANY(copy[PARENT] ^ taken[PARENT]) -> own!SLEEP,0; goto look }
  :: !ANY(copy[PARENT] ^ taken[PARENT])
  fi;
#endif
end:
  if
  :: atomic { bell -> bell = 0; own!SLEEP,0; goto look }
#if KILL && REDRAIN
  :: atomic { hup && !bell -> own!SLEEP,0; goto look }
#endif
  fi;
out:
  skip
}

#if KILL
active proctype fate() {
  dead = 1;                                             /* at any step; what was stored still drains */
  atomic { empty(stores[0]) && empty(stores[1]) -> hup = 1 }
}
#endif

active proctype quiescence() {
  timeout;
#if KILL
  assert(seen[0] >= signalled[0] && seen[1] >= signalled[1])      /* what was signalled before the death is delivered */
#else
  assert(seen[0] == FIRST && seen[1] == SECOND)
#endif
}

init { atomic { run memory(); run receiver(); run sender(0); run sender(1) } }
