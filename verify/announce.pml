// SPDX-License-Identifier: MIT
/*
 * Announced replies: a caller that suspends, repliers that signal its slot's bit in a reply lane, a reactor that sleeps.
 * Argument: docs/memory-ordering/reply-lanes.md.
 *
 * One lane word, SLOTS slots, CALLS calls in each, answered by REPLIERS threads. A caller posts its request, announces,
 * fences and looks once more; it suspends, or takes the reply itself and uses the slot again, leaving its bit behind. A
 * replier publishes, fences, reads how the caller waits; it reads the private word, then the acknowledgement, toggles
 * the bit if it is not pending, counts one, by compare-and-swap; brings the shared copy up to date in at most two tries;
 * reads the sleep word and rings. The reactor copies the lane word to its acknowledgement, fences, looks at the slots
 * whose bit changed; finds it nothing, it announces sleep, fences, looks at the lane once more, and waits.
 *
 * Memory is x86-TSO: each thread has a FIFO of stores that reach memory at any later time. A locked instruction waits
 * until the thread's own FIFO is empty. Requests travel in a channel: ring.pml. A sleep has no number and the bell is a
 * latch: park.pml. Verdict: at quiescence (`timeout`) every call has its reply.
 */
#ifndef SLOTS
#define SLOTS 1          /* 1 or 2, in one lane word; a caller for each */
#endif
#ifndef CALLS
#define CALLS 2          /* of each caller */
#endif
#ifndef REPLIERS
#define REPLIERS 1
#endif
#ifndef KILL
#define KILL 0           /* 1: the replying process may die at any step */
#endif
/* Mutants: each must fail. */
#ifndef WAIT_FENCE
#define WAIT_FENCE 1     /* 0: caller looks again without a fence */
#endif
#ifndef WAIT_LOOK
#define WAIT_LOOK 1      /* 0: caller suspends without a last look */
#endif
#ifndef WAKE_FENCE
#define WAKE_FENCE 1     /* 0: replier reads `waiting` and the acknowledgement without a fence */
#endif
#ifndef ACK_FENCE
#define ACK_FENCE 1      /* 0: reactor looks at the slots without a fence behind its acknowledgement */
#endif
#ifndef ACK_LAST
#define ACK_LAST 0       /* 1: reactor looks at the slots, and acknowledges then */
#endif
#ifndef ACK_READ
#define ACK_READ 1       /* 0: replier toggles whatever was acknowledged */
#endif
#ifndef ACK_FIRST
#define ACK_FIRST 0      /* 1: replier reads the acknowledgement before its own word */
#endif
#ifndef COUNT
#define COUNT 1          /* 0: the word has no count, so a swap may succeed on a word that came back */
#endif
#ifndef TRIES
#define TRIES 2          /* 1: who fails to bring the copy up to date leaves it so */
#endif
#ifndef COPY_STORE
#define COPY_STORE 0     /* 1: the copy is brought up to date by a plain store */
#endif
#ifndef TRUTH_FIRST
#define TRUTH_FIRST 0    /* 1: the truth is read before the copy that it is swapped for */
#endif
#ifndef RING_FIRST
#define RING_FIRST 0     /* 1: the sleep word is read before the lane is signalled */
#endif
#ifndef SLEEP_FENCE
#define SLEEP_FENCE 1    /* 0: no fence after announcing sleep */
#endif
#ifndef SLEEP_LANE
#define SLEEP_LANE 1     /* 0: the last look before sleep leaves the lane out */
#endif
#ifndef REDRAIN
#define REDRAIN 1        /* 0: at the end the slots are looked at first, and taken over from their callers then */
#endif

#define WORD(count, bits) ((count) << 2 | (bits))
#define BITS(word) ((word) & 3)

/* Replier's segment. */
byte reply[SLOTS]; byte copy;
/* Caller's segment. */
bit waiting[SLOTS]; byte ack; bit sleep;
/* Private to the replying process. */
byte truth;
/* Private to the calling process: who is suspended, and the last reply of a slot, which its owner writes. */
byte awaiting[SLOTS], previous[SLOTS]; bit ended;
bit bell, hup, dead;                  /* kernel */
bit completed[SLOTS];                 /* the suspended caller goes on */
byte replied, finished;               /* observations of the checker */

mtype = { REPLY, WAITING, ACK, SLEEP, COPY };
chan request = [SLOTS*CALLS] of { byte, byte };
chan stores[REPLIERS] = [3] of { mtype, byte, byte };
chan words[SLOTS] = [3] of { byte };                    /* a caller's FIFO: its waiting word */
chan own = [3] of { mtype, byte };                      /* the reactor's FIFO */

#define DRAIN(i) d_step { stores[i]?what,slot,value -> \
  if :: what == REPLY -> reply[slot] = value :: else -> copy = value fi; what = 0; slot = 0; value = 0 }
#define OWN(i) d_step { words[i]?value -> waiting[i] = value; value = 0 }

proctype memory() {
  mtype what; byte slot, value;
end:
  do
  :: DRAIN(0)
#if REPLIERS > 1
  :: DRAIN(1)
#endif
#if REPLIERS > 2
  :: DRAIN(2)
#endif
  :: OWN(0)
#if SLOTS > 1
  :: OWN(1)
#endif
  :: d_step { own?what,value -> if :: what == ACK -> ack = value :: else -> sleep = value fi; what = 0; value = 0 }
  od
}

/* Joined to the step before: stores into one's own FIFO and what is private to one thread (see park.pml). */

proctype caller(byte me) {
  byte g;
next:
  if
  :: atomic { g == CALLS -> finished++; g = 0;
       if :: finished == SLOTS -> bell = 1 :: else fi; goto done }   /* the last one ends its reactor */
  :: atomic { g < CALLS -> g++; request!me,g }
  fi;
  /* From here on whoever clears `awaiting` has the slot. */
  atomic { empty(words[me]) -> awaiting[me] = g; words[me]!1 };
#if WAIT_FENCE
  empty(words[me]);
#endif
#if WAIT_LOOK
  if
  :: atomic { reply[me] != previous[me] -> skip }
  :: atomic { reply[me] == previous[me] -> goto look_at_end }
  fi;
clear:
  atomic { empty(words[me]) ->                          /* compare-and-swap */
    if
    :: awaiting[me] == g -> awaiting[me] = 0
    :: else -> goto suspended
    fi };
  atomic {
    if
    :: reply[me] == g -> previous[me] = g; replied++; words[me]!0
    :: else -> assert(ended)
    fi };
  goto next;
#endif
look_at_end:
#if KILL
  if
  :: atomic { ended -> goto clear }
  :: !ended
  fi;
#endif
suspended:
  atomic { completed[me] -> completed[me] = 0; words[me]!0 };
  goto next;
done:
  skip
}

#define RINGS if :: atomic { sleep -> bell = 1 } :: !sleep fi

inline look_at_copy() { shown = copy }
inline look_at_truth() { atomic { empty(stores[me]) -> t = truth } }    /* its own FIFO holds only the copy */

/* One try to bring the copy up to date. */
inline try_announce() {
#if COPY_STORE
  t = truth;
  atomic { stores[me]!COPY,0,t; t = 0; ok = 1 };
  empty(stores[me])
#else
#if TRUTH_FIRST
  t = truth;
  shown = copy;
#else
  shown = copy;
  t = truth;
#endif
  atomic { empty(stores[me]) ->                         /* compare-and-swap */
    if
    :: copy == shown -> copy = t; ok = 1
    :: else -> ok = 0
    fi; shown = 0; t = 0 }
#endif
}

proctype replier(byte me) provided (!dead) {
  byte slot, g, set, a, t, shown; bit ok;
end:
  do
  :: atomic { request?slot,g -> stores[me]!REPLY,slot,g; g = 0 };
#if WAKE_FENCE
     empty(stores[me]);
#endif
     if
     :: atomic { !waiting[slot] -> slot = 0; goto next }
     :: waiting[slot]
     fi;
#if RING_FIRST
     RINGS;
#endif
     do
#if ACK_FIRST
     :: a = ack; set = truth;
#else
     :: set = truth; a = ack;
#endif
        atomic { empty(stores[me]) ->                   /* compare-and-swap on the private word */
          if
          :: truth == set ->
#if ACK_READ
             if
             :: ((set ^ a) >> slot & 1) == 0 -> truth = set ^ (1 << slot)
             :: else
             fi;
#else
             truth = set ^ (1 << slot);
#endif
#if COUNT
             truth = truth + 4;
#endif
             ok = 1
          :: else -> ok = 0
          fi; set = 0; a = 0 };
        if
        :: atomic { ok -> ok = 0; break }
        :: !ok
        fi
     od;
     try_announce();
#if TRIES > 1
     if
     :: ok
     :: atomic { !ok -> skip }; try_announce()
     fi;
#endif
     atomic { ok = 0; slot = 0 };
#if !RING_FIRST
     RINGS;
#endif
next:
     skip
  od
}

/* Completes the suspended callers whose bit changed. */
inline serve(i) {
  if
  :: (bits >> i & 1) == 0
  :: (bits >> i & 1) != 0 ->
     g = awaiting[i];
     if
     :: g == 0
     :: g != 0 && reply[i] == previous[i]
     :: atomic { g != 0 && reply[i] != previous[i] -> skip };
        atomic { empty(own) ->                          /* compare-and-swap */
          if
          :: awaiting[i] == g -> awaiting[i] = 0; assert(reply[i] == g); previous[i] = g; replied++; completed[i] = 1
          :: else
          fi }
     fi;
     g = 0
  fi
}

#if SLOTS > 1
#define SERVE serve(0); serve(1)
#else
#define SERVE serve(0)
#endif

/* Takes a slot over from whoever is suspended in it, then looks at it once more. */
inline finish(i) {
  atomic { empty(own) ->
    if
    :: awaiting[i] != 0 -> g = awaiting[i]; awaiting[i] = 0; completed[i] = 1;
#if REDRAIN
       if :: reply[i] == g -> previous[i] = g; replied++ :: else fi;
#endif
       g = 0
    :: else
    fi }
}

proctype reactor() {
  byte w, taken, bits, g;
look:
  do
  :: atomic { BITS(copy) != taken -> w = copy; bits = BITS(w) ^ taken; taken = BITS(w)
#if !ACK_LAST
       ; own!ACK,w
#endif
     };
#if ACK_FENCE
     empty(own);
#endif
     SERVE;
#if ACK_LAST
     own!ACK,w;
     empty(own);
#endif
     atomic { w = 0; bits = 0 }
  :: atomic { BITS(copy) == taken -> own!SLEEP,1; break }
  od;
#if SLEEP_FENCE
  empty(own);
#endif
#if SLEEP_LANE
  if
  :: atomic { BITS(copy) != taken -> own!SLEEP,0; goto look }
  :: BITS(copy) == taken
  fi;
#endif
end:
  if
  :: atomic { bell -> bell = 0; own!SLEEP,0;
       if :: finished == SLOTS -> goto out :: else -> goto look fi }
#if KILL
  :: hup && !bell
#endif
  fi;
#if KILL
  atomic { empty(own) -> ended = 1 };
#if !REDRAIN
  bits = 3; SERVE;
#endif
  finish(0);
#if SLOTS > 1
  finish(1);
#endif
#endif
out:
  skip
}

#if KILL
active proctype fate() {
  dead = 1;                                             /* at any step; what was stored still drains */
  atomic { empty(stores[0]) && empty(stores[REPLIERS-1]) -> hup = 1 }
}
#endif

active proctype quiescence() {
  timeout;
  assert(finished == SLOTS);                            /* every call ended */
#if KILL
  assert(reply[0] == previous[0] && reply[SLOTS-1] == previous[SLOTS-1])   /* a reply that reached memory was taken */
#else
  assert(replied == SLOTS*CALLS);
  assert(copy == truth)
#endif
}

init {
  atomic {
    byte i;
    run memory(); run reactor();
    for (i : 0 .. SLOTS-1) { run caller(i) }
    for (i : 0 .. REPLIERS-1) { run replier(i) }
  }
}
