// SPDX-License-Identifier: MIT
/*
 * A loop at home: run turn by turn by the poller of an event port, or by a thread that stands in for it.
 * Argument: docs/memory-ordering/takeover.md.
 *
 * One word: how many need the loop, and its phase: AtHome (nobody has it), Visited (the poller), Away (who stands in), Called
 * (the same, and the poller wants it back). A poller waits ROUNDS times, and may leave between any two turns. Client 0 needs
 * the loop: it asks for something and waits until it was done. Client 1 is one of: POSTS (asks, and does not wait), BELL
 * (needs it, and waits for a bell), STOPS (has the loop stop, and waits for that). A poller's handler may be slow: the monitor
 * takes the loop then (takeover.pml has that protocol; here each of its steps is whole).
 *
 * Memory is x86-TSO: each thread has a FIFO of stores that reach memory at any later time. A locked instruction waits until
 * the thread's own FIFO is empty. A system call is NOT counted on as a fence.
 */
#define POSTS 0
#define BELL  1
#define STOPS 2
#ifndef KIND
#define KIND POSTS       /* what client 1 is */
#endif
#ifndef ASKS
#define ASKS 1           /* 0: client 0 is not there */
#endif
#ifndef ROUNDS
#define ROUNDS 2         /* how often somebody waits on the port */
#endif
#ifndef SLOW
#define SLOW 1           /* how many handlers of the poller may be slow */
#endif
/* Mutants: each must fail. */
#ifndef ENTER_SWAP
#define ENTER_SWAP 1     /* 0: the poller looks, then writes */
#endif
#ifndef LEAVE_SWAP
#define LEAVE_SWAP 1     /* 0: the poller writes AtHome without looking who needs the loop */
#endif
#ifndef RETURN_SWAP
#define RETURN_SWAP 1    /* 0: who stands in looks, then writes AtHome */
#endif
#ifndef NEED_SWAP
#define NEED_SWAP 1      /* 0: who needs the loop looks where it is, then counts */
#endif
#ifndef NEED_HELD
#define NEED_HELD 1      /* 0: the loop is sent away once, and may come home while somebody waits for it */
#endif
#ifndef TAKEN
#define TAKEN 1          /* 0: who takes the loop from a poller's handler does not say that it is away */
#endif
#ifndef CALL_WAKES
#define CALL_WAKES 1     /* 0: the poller does not wake whom it calls */
#endif
#ifndef SLEEP_LOOKS
#define SLEEP_LOOKS 1    /* 0: who stands in may sleep although it was called */
#endif
#ifndef RETURN_WAKES
#define RETURN_WAKES 1   /* 0: a loop that comes home does not wake the poller */
#endif
#ifndef END_WAKES
#define END_WAKES 1      /* 0: a need that ends does not wake who stands in */
#endif
#ifndef REST_FENCE
#define REST_FENCE 1     /* 0: no fence between "asleep" and the last look */
#endif
#ifndef REST_LOOKS
#define REST_LOOKS 1     /* 0: no last look */
#endif
#ifndef AGAIN
#define AGAIN 1          /* 0: a new thread does not look for what the one before it left */
#endif

#define ATHOME  0
#define VISITED 1
#define AWAY    2
#define CALLED  3
#define PHASE (word & 3)
#define NEED  4

#define POLLER 4
#define STANDINS 2

byte word;
bit awake = 1, asked;              /* the loop's _isAwake and _hasRequests */
bit queued[2], done[2];            /* what the clients ask for; a queue's own steps are locked */
bit wakeup, porthead, bell;        /* kernel: the loop's eventfd, the port's, a connection's socket */
bit assigned[STANDINS], idle[STANDINS] = 1;
byte inside;                       /* observation: threads in the loop */
bit stopping, stopped;
bit handling, taken;               /* the loop word: a poller's handler runs; it was taken */
byte slow;
bit waits;                         /* observation: the poller sleeps */

mtype = { AWAKE, ASKED };
chan stores[5] = [4] of { mtype, bit };   /* clients 0 and 1, who stands in 2 and 3, the poller 4 */

#define DRAIN(i) d_step { stores[i]?what,value -> \
  if :: what == AWAKE -> awake = value :: what == ASKED -> asked = value fi; what = 0; value = 0 }
#define OWN(i) empty(stores[i])

proctype memory() {
  mtype what; bit value;
end:
  do
  :: DRAIN(0) :: DRAIN(1) :: DRAIN(2) :: DRAIN(3) :: DRAIN(4)
  od
}

#define ENTER inside++; assert(inside == 1)
#define LEAVE inside--

/* StandbyThreads.StandIn: there is a thread for it. */
#define GIVE if :: idle[0] -> idle[0] = 0; assigned[0] = 1 \
  :: !idle[0] && idle[1] -> idle[1] = 0; assigned[1] = 1 \
  :: else -> assert(false) fi

/* Reactor.WakeUp: says that something was asked, fences, and rings if the loop sleeps. */
#define WAKE_SAYS stores[me]!ASKED,1
#define WAKE_RINGS atomic { OWN(me) -> if :: !awake -> wakeup = 1 :: else fi }
#define WAKE WAKE_SAYS; WAKE_RINGS

/* Joined to the step before: stores into one's own FIFO and what is private to one thread (see park.pml). */

/* Reactor.BeginNeed. */
#if NEED_SWAP
#define BEGIN_NEED atomic { OWN(me) -> \
    if :: PHASE == ATHOME -> word = word + NEED + AWAY; GIVE :: else -> word = word + NEED fi }
#else
#define BEGIN_NEED athome = (PHASE == ATHOME); \
  atomic { OWN(me) -> word = word + NEED; \
    if :: athome -> word = word - PHASE + AWAY; GIVE :: else fi; athome = 0 }
#endif

#define END_NEED atomic { OWN(me) -> word = word - NEED; wascalled = (word == CALLED) }; \
  if :: atomic { wascalled && END_WAKES -> wascalled = 0 }; WAKE :: else -> wascalled = 0 fi

proctype client(byte me) {
  bit athome, wascalled;
  if
  :: me == 0 || KIND != POSTS ->
     BEGIN_NEED;
#if !NEED_HELD
     END_NEED;
#endif
  :: else
  fi;
  if
  :: me == 0 || KIND != BELL -> atomic { queued[me] = 1; WAKE_SAYS }; WAKE_RINGS
  :: else -> bell = 1                                   /* the peer's answer, at any time */
  fi;
  if
  :: me == 0 -> done[0]
  :: me == 1 && KIND == POSTS
  :: me == 1 && KIND == BELL  -> done[1]
  :: me == 1 && KIND == STOPS -> stopped                /* for good: the need does not end */
  fi;
#if NEED_HELD
  if
  :: (me == 0 || KIND == BELL) && !stopped -> END_NEED
  :: else
  fi
#endif
}

/* Reactor.Look: what the kernel has. */
#define LOOK atomic { wakeup = 0; if :: bell -> bell = 0; done[1] = 1 :: else fi }

/* Reactor.RunPosted, one of what was asked. */
#define RUN(i) queued[i] = 0; if :: (i) == 1 && KIND == STOPS -> stopping = 1 :: else -> done[i] = 1 fi

proctype poller() {
  byte me = POLLER, rounds; bit athome;
wait:
  if
  :: atomic { rounds < ROUNDS -> rounds++ }
  :: goto gone                                          /* never comes back */
  fi;
next:
  if
  :: goto wait                                          /* the wait is over: nobody polls */
  :: skip
  fi;
  if
  :: (PHASE == ATHOME && asked) || bell || wakeup       /* hot, or rung */
  :: else -> goto rest
  fi;
visit:
#if ENTER_SWAP
  atomic { OWN(me) ->
    if
    :: PHASE == ATHOME  -> word = VISITED; ENTER; stores[me]!AWAKE,1; goto turn
    :: PHASE == AWAY    -> word = word | CALLED
    :: else -> goto rest
    fi }
#else
  if
  :: PHASE == ATHOME -> atomic { OWN(me) -> word = VISITED; ENTER; stores[me]!AWAKE,1; goto turn }
  :: PHASE == AWAY   -> atomic { OWN(me) -> word = word | CALLED }
  :: else -> goto rest
  fi
#endif
#if CALL_WAKES
  ; WAKE
#endif
  ; goto rest;
turn:
  LOOK;
  if
  :: atomic { asked && !stopping -> stores[me]!ASKED,0 };
     OWN(me);
     do
     :: atomic { queued[1] && !stopping -> RUN(1); if :: KIND == STOPS -> break :: else fi }
     :: atomic { queued[0] && !stopping -> queued[0] = 0 };
        if                                              /* its handler */
        :: atomic { done[0] = 1 }
        :: atomic { slow < SLOW && OWN(me) -> slow++; LEAVE; handling = 1 };
           if
           :: atomic { OWN(me) && !taken -> handling = 0; ENTER; done[0] = 1 }
           :: taken -> done[0] = 1; goto lost
           fi
        fi
     :: else -> break
     od
  :: else
  fi;
#if LEAVE_SWAP
  atomic { OWN(me) -> LEAVE;
    if
    :: word == VISITED -> word = ATHOME; goto next
    :: else -> word = word - VISITED + AWAY; GIVE; goto next
    fi };
#else
  atomic { OWN(me) -> LEAVE; word = word - PHASE; goto next };
#endif
lost:
  handling = 0;                                         /* touches nothing of it any more */
  goto next;
rest:
  atomic { OWN(me) ->                                   /* Reactor.TryRest */
    if
    :: PHASE == ATHOME -> word = VISITED; ENTER; stores[me]!AWAKE,0
    :: PHASE == AWAY   -> word = word | CALLED; goto call
    :: else -> goto sleep                               /* called before, or just being taken */
    fi };
#if REST_FENCE
  OWN(me);
#endif
  atomic {
    athome = !(REST_LOOKS && asked) && !stopping;       /* rests */
    if
    :: !athome -> stores[me]!AWAKE,1
    :: else
    fi };
  atomic { OWN(me) -> LEAVE;
    if
    :: word == VISITED -> word = ATHOME
    :: else -> word = word - VISITED + AWAY; GIVE
    fi };
  if
  :: atomic { athome -> athome = 0; goto sleep }
  :: atomic { !athome && !stopping -> goto next }
  :: atomic { !athome && stopping -> goto gone }        /* the port is disposed */
  fi;
call:
#if CALL_WAKES
  WAKE;
#endif
sleep:
  waits = 1;
end_sleep:                                              /* epoll_wait: the port's bell, the loop's epoll */
  atomic { porthead || (PHASE == ATHOME && (wakeup || bell)) -> porthead = 0; waits = 0; goto next };
gone:
  skip
}

proctype monitor() {
end:
  atomic { handling && !taken -> taken = 1 };
#if TAKEN
  atomic { if :: PHASE == VISITED -> word = word - VISITED + AWAY :: else fi };
#endif
  atomic { GIVE }
}

proctype standin(byte me) {
  bit athome;
again:
end_idle:
  atomic { assigned[me-2] -> assigned[me-2] = 0; ENTER;
#if AGAIN
    stores[me]!ASKED,1;
#endif
    stores[me]!AWAKE,1 };
  do
  :: stopping -> break
  :: !stopping ->
     if
     :: atomic { asked -> stores[me]!ASKED,0 };
        OWN(me);
        do
        :: atomic { queued[1] && !stopping -> RUN(1) }
        :: atomic { queued[0] && !stopping -> RUN(0) }
        :: else -> break
        od
     :: else
     fi;
     if
     :: stopping -> break
     :: else
     fi;
     if
     :: SLEEP_LOOKS && word == CALLED
     :: atomic { !(SLEEP_LOOKS && word == CALLED) ->    /* Reactor.Sleep */
          stores[me]!AWAKE,0 };
        OWN(me);
end_sleep:
        atomic { asked || wakeup || bell -> stores[me]!AWAKE,1 };
        LOOK
     fi;
#if RETURN_SWAP
     if
     :: word == CALLED ->
        atomic { OWN(me) -> if :: word == CALLED -> LEAVE; word = ATHOME; goto home :: else fi }
     :: word != CALLED
     fi
#else
     if
     :: atomic { word == CALLED -> LEAVE }; atomic { OWN(me) -> word = ATHOME }; goto home
     :: word != CALLED
     fi
#endif
  od;
  stopped = 1;                                          /* Reactor.StopLoop */
  goto out;
home:
#if RETURN_WAKES
  porthead = 1;
#endif
  idle[me-2] = 1;
  goto again;
out:
  skip
}

active proctype quiescence() {
  timeout;
  assert(done[0] || KIND == STOPS);                     /* what somebody waits for comes, whoever polls */
  assert(KIND != BELL || done[1]);
  assert(KIND != STOPS || stopped);
  if
  :: !stopped && waits ->                               /* and what a waiting poller called has come home */
     assert(word == ATHOME || word == AWAY);
     assert(!queued[0] && !queued[1] && !asked)
  :: else
  fi;
  assert(stopped || (word >> 2) == 0)
}

init {
  atomic {
    run memory(); run monitor(); run poller();
#if ASKS
    run client(0);
#else
    done[0] = 1;
#endif
    run client(1);
    run standin(2); run standin(3)
  }
}
