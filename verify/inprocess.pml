// SPDX-License-Identifier: MIT
/*
 * One transaction slot of a connection inside a process, used USES times. Argument: docs/memory-ordering/inprocess.md.
 *
 * The caller takes the slot, hands its request over, and waits: parked (it says so, fences, looks at `answered` and `ended`,
 * sleeps until the word changes or its time is up), or awaited (it writes the generation as claimable, says so, fences,
 * looks, and goes on). The replier writes the reply and sets `answered` by a locked instruction; if the caller has left it
 * frees the slot, else it looks who waits. Whoever gives up claims an awaited call first. Who goes without the reply sets
 * `left`, and frees the slot if `answered` was set. The end writes `ended`, fences, and looks who waits.
 *
 * Memory is x86-TSO: each thread has a FIFO of stores that reach memory at any later time. A locked instruction waits
 * until the thread's own FIFO is empty.
 */
#ifndef USES
#define USES 2
#endif
#ifndef DEADLINE
#define DEADLINE 0       /* 1: who parks may run out of time */
#endif
#ifndef GIVES_UP
#define GIVES_UP 0       /* 1: a token, or the wheel, may end an awaited call at any time */
#endif
#ifndef ENDS
#define ENDS 1           /* 0: the connection lasts */
#endif
#ifndef SILENT
#define SILENT 0         /* 1: the replier never answers: with USES=1 */
#endif
#ifndef NEVER_PARKS
#define NEVER_PARKS 0
#endif
/* Mutants: each must fail. */
#ifndef PARK_FENCE
#define PARK_FENCE 1     /* 0: no fence between saying "parked" and the look */
#endif
#ifndef AWAIT_FENCE
#define AWAIT_FENCE 1    /* 0: no fence between saying "awaited" and the look */
#endif
#ifndef END_FENCE
#define END_FENCE 1      /* 0: no fence between "ended" and the look at who waits */
#endif
#ifndef PUBLISH_FENCE
#define PUBLISH_FENCE 1  /* 0: "answered" is stored, not swapped */
#endif
#ifndef LEAVE_SWAP
#define LEAVE_SWAP 1     /* 0: "left" is read and then written */
#endif
#ifndef END_LOOK
#define END_LOOK 1       /* 0: the waiting caller does not look at "ended" */
#endif
#ifndef CLAIM_GENERATION
#define CLAIM_GENERATION 1 /* 0: a claim does not name the use */
#endif

#define ANSWERED 1
#define LEFT 2

byte gen, state, claim, word, reply;   /* claim: 2 * generation + claimable */
bit awaited, parked, ended, taken;
byte results[USES + 1], freed[USES + 1];
bit callerDone;

chan fifo = [4] of { byte, byte };      /* the caller's: which word, what */
chan ends = [1] of { bit };             /* the end's */
chan stores = [2] of { byte };          /* the replier's, in a mutant */

proctype memory() {
  byte which, value;
end:
  do
  :: d_step { fifo?which, value ->
       if :: which == 0 -> parked = value :: which == 1 -> awaited = value :: which == 2 -> claim = value fi;
       which = 0; value = 0 }
  :: d_step { ends?value -> ended = value; value = 0 }
  :: d_step { stores?value -> state = state | ANSWERED; value = 0 }
  od
}

inline free(use) { assert(taken && gen == use); freed[use]++; taken = 0 }
inline result(use) { results[use]++; assert(results[use] == 1 && gen == use) }

/* Goes without the reply. */
inline leave(use) {
#if LEAVE_SWAP
  atomic { if :: state & ANSWERED -> free(use) :: else -> state = state | LEFT fi }
#else
  seen = state; seen = seen | LEFT; state = seen;
  if :: seen & ANSWERED -> free(use) :: else fi
#endif
}

#if CLAIM_GENERATION
#define CLAIMABLE(use) (claim == 2 * (use) + 1)
#else
#define CLAIMABLE(use) (claim & 1)
#endif

proctype replier(byte use) {
  byte old; bit mine;
#if SILENT
  goto silent;
#endif
  reply = use;
#if PUBLISH_FENCE
  atomic { old = state; state = state | ANSWERED };
#else
  atomic { old = state; stores!1 };
#endif
  if
  :: old & LEFT -> atomic { free(use) }
  :: else ->                             /* from here on the slot may be anybody's */
     if :: parked -> word++ :: !parked fi;
     if
     :: awaited ->
        atomic { mine = CLAIMABLE(use); if :: mine -> claim = claim & 254 :: else fi };
        if
        :: mine -> atomic { assert(reply == use); result(use); free(use) }
        :: !mine
        fi
     :: !awaited
     fi
  fi;
silent:
  skip
}

/* A token or the wheel of one use. */
proctype giver(byte use) {
  bit mine; byte seen;
  atomic { mine = (claim == 2 * use + 1); if :: mine -> claim = 2 * use :: else fi };
  if :: mine -> atomic { result(use) }; leave(use) :: !mine fi
}

proctype ender() {
  byte found; bit mine; byte seen;
  ends!1;
#if END_FENCE
  empty(ends);
#endif
  if :: parked -> word++ :: !parked fi;
  found = claim;
  if
  :: found & 1 ->
     atomic { mine = (claim == found); if :: mine -> claim = found & 254 :: else fi };
     if :: mine -> atomic { result(found / 2) }; leave(found / 2) :: !mine fi
  :: else
  fi
}

proctype caller() {
  byte use = 1, before, seen; bit mine;
  do
  :: use > USES -> break
  :: use <= USES ->
     atomic { !taken -> taken = 1; gen = use; state = 0; awaited = 0 };
     atomic { empty(fifo) -> run replier(use) };       /* handed over by a locked instruction */
     if
#if !NEVER_PARKS
     :: /* blocking */
        do
        :: fifo!0, 1; before = word;
#if PARK_FENCE
           empty(fifo);
#endif
           if
           :: state & ANSWERED -> atomic { assert(reply == use); result(use) }; atomic { free(use) }; break
           :: !(state & ANSWERED) && END_LOOK && ended -> atomic { result(use) }; leave(use); break
           :: !(state & ANSWERED) && !(END_LOOK && ended) ->
              if
              :: word != before
#if DEADLINE
              :: atomic { result(use) }; leave(use); break
#endif
              fi
           fi
        od;
        fifo!0, 0
#endif
     :: /* awaited */
        fifo!2, 2 * use + 1; fifo!1, 1;
#if AWAIT_FENCE
        empty(fifo);
#endif
#if GIVES_UP
        run giver(use);
#endif
        if
        :: (state & ANSWERED) || (END_LOOK && ended) ->
           atomic { empty(fifo) -> mine = (claim == 2 * use + 1); if :: mine -> claim = 2 * use :: else fi };
           if
           :: mine && (state & ANSWERED) -> atomic { assert(reply == use); result(use); free(use) }
           :: mine && !(state & ANSWERED) -> atomic { result(use) }; leave(use)
           :: !mine
           fi
        :: !((state & ANSWERED) || (END_LOOK && ended))
        fi
     fi;
     use++
  od;
  callerDone = 1
}

init {
  byte i;
  atomic { run memory(); run caller();
#if ENDS
    run ender()
#endif
  };
  timeout;                                /* nothing can happen any more */
  assert(callerDone && (SILENT || !taken));
  for (i : 1 .. USES) { assert(results[i] == 1 && (SILENT || freed[i] == 1)) }
}
