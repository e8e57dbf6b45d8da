// SPDX-License-Identifier: MIT
/*
 * A port that sets watch: who takes packets out of it, who comes only to look, and what they leave for each other: PortBaton,
 * PortInbox, EventPort.Watching, EventPort.Waiting. Argument: docs/memory-ordering/readiness.md.
 *
 * WATCHERS threads wait for a set each, in which the port is, edge-triggered. They wake up because their place was put into the
 * list (readiness.pml has that; here it is one step), or because the port's epoll tells theirs, once: then they look for what
 * only a poller finds. What the list names they look at without the baton, and if there is something take packets until they are
 * told that there is none. TAKERS threads take one packet at most, look at the kernel or not, and never come back.
 *
 * SIGNALS packets are linked, EVENTS descriptors become ready, which only a look at the kernel finds, and ASKS threads ask
 * something of the port's loop, which is rung only while it rests. It does not when the first one begins to watch, which rings
 * (BeginWatch).
 *
 * Memory is x86-TSO: each thread has a FIFO of stores that reach memory at any later time. A locked instruction waits until
 * the thread's own FIFO is empty. A system call is NOT counted on as a fence. The queues belong to the baton's holder.
 * Verdict: at quiescence (`timeout`) nothing is left: no packet, no event, nothing that was asked.
 */
#ifndef WATCHERS
#define WATCHERS 1
#endif
#ifndef TAKERS
#define TAKERS 1
#endif
#ifndef SIGNALS
#define SIGNALS 1
#endif
#ifndef EVENTS
#define EVENTS 0
#endif
#ifndef ASKS
#define ASKS 0           /* 0 or 1 */
#endif
#ifndef QUITS
#define QUITS 0          /* 1: the last of those who watch may go, when it has taken what it was told of: nobody waits for its set then */
#endif
/* Mutants: each must fail. */
#ifndef ANNOUNCE
#define ANNOUNCE 1       /* 0: what is taken from the inbox is announced when it is in the queues, and not before */
#endif
#ifndef TAKE_FENCE
#define TAKE_FENCE 1     /* 0: the swap that takes the inbox is no fence */
#endif
#ifndef INBOX_FIRST
#define INBOX_FIRST 1    /* 0: who looks reads the announcement first, the inbox then */
#endif
#ifndef MARK
#define MARK 1           /* 0: who finds the baton taken leaves no mark */
#endif
#ifndef MARK_SWAP
#define MARK_SWAP 1      /* 0: looks at the baton, then leaves a mark, in two steps */
#endif
#ifndef RELEASE_SWAP
#define RELEASE_SWAP 1   /* 0: the marks are looked at, and the baton is let go in a second step */
#endif
#ifndef LOOK_MARKS
#define LOOK_MARKS 1     /* 0: who looks once more and finds the baton taken leaves no mark */
#endif
#ifndef TELL_TAKER
#define TELL_TAKER 1     /* 0: who came for packets in vain is not told of those that are left */
#endif
#ifndef LOOK_AGAIN
#define LOOK_AGAIN 1     /* 0: who looked does not look once more for who came to look; 2: has all of them look */
#endif
#ifndef RING_MISSED
#define RING_MISSED 1    /* 0: who took packets does not ring for who came to look */
#endif
#ifndef REST
#define REST 1           /* 0: the loop does not rest when the baton is let go */
#endif
#ifndef REST_FENCE
#define REST_FENCE 1     /* 0: no fence between "asleep" and the last look at what was asked */
#endif
#ifndef REST_LOOK
#define REST_LOOK 1      /* 0: no last look */
#endif
#ifndef HAND_OVER
#define HAND_OVER 1      /* 0: who leaves something to the loop rings for nobody */
#endif

#define USERS (WATCHERS+TAKERS)
#define CLIENT USERS
#define TAKER 1
#define WATCHER 2

byte inbox;                         /* memory, changed by locked instructions */
bit queued;                         /* memory: the announcement */
byte queue;                         /* the baton's holder's */
bit held; byte marks;               /* memory: the baton, one word */
bit asked, awake;                   /* memory: the loop's words */
bit work;                           /* what was asked; a queue's own steps are locked */
bit event, bell, loopbell;          /* kernel: a descriptor, the port's eventfd, the loop's */
bit told[WATCHERS];                 /* kernel: the port's epoll has told this one's */
bit listed[WATCHERS];               /* the place is linked, and in the list */
byte taken, found;                  /* observations of the checker */

#define READABLE (event || bell || loopbell)

mtype = { QUEUED, ASKED, AWAKE };
chan stores[USERS+1] = [4] of { mtype, byte };

#define DRAIN(i) d_step { stores[i]?what,value -> \
  if \
  :: what == QUEUED -> queued = value \
  :: what == ASKED  -> asked = value \
  :: what == AWAKE  -> awake = value \
  fi; what = 0; value = 0 }

proctype memory() {
  mtype what; byte value;
end:
  do
  :: DRAIN(0)
#if USERS > 1 || ASKS
  :: DRAIN(1)
#endif
#if USERS > 2 || USERS > 1 && ASKS
  :: DRAIN(2)
#endif
#if USERS > 3 || USERS > 2 && ASKS
  :: DRAIN(3)
#endif
  od
}

#define OWN empty(stores[me])

/* The kernel tells each epoll that the port's is in. */
#if WATCHERS == 1
#define TELL told[0] = 1
#define WAKE atomic { listed[0] = 1 }
#elif WATCHERS == 2
#define TELL told[0] = 1; told[1] = 1
#define WAKE atomic { listed[0] = 1 }; atomic { listed[1] = 1 }
#else
#define TELL told[0] = 1; told[1] = 1; told[2] = 1
#define WAKE atomic { listed[0] = 1 }; atomic { listed[1] = 1 }; atomic { listed[2] = 1 }
#endif
#define RING atomic { bell = 1; TELL }

proctype signaller() {
  byte k;
  do
  :: k == SIGNALS -> break
  :: k < SIGNALS -> atomic { k++; inbox++ }; WAKE        /* a compare-and-swap, then exchanges: no store is its own */
  od
}

proctype device() {
  byte k;
  do
  :: k == EVENTS -> break
  :: atomic { k < EVENTS && !event -> k++; event = 1; TELL }
  od
}

proctype client() {
  byte me = CLIENT;
  atomic { work = 1; stores[me]!ASKED,1 };
  OWN;
  if
  :: atomic { !awake -> loopbell = 1; TELL }
  :: awake
  fi
}

proctype user(byte me) {
  bit takes, got, rung, leaves; byte m, left;
again:
  if
  :: me >= WATCHERS -> takes = 1
  :: me < WATCHERS ->
end_sleep:
     if
     :: atomic { told[me] && READABLE -> told[me] = 0; left = WATCHERS }
     :: atomic { listed[me] -> listed[me] = 0 };        /* an exchange behind it: nothing is in its FIFO here */
#if INBOX_FIRST
        if
        :: inbox != 0
        :: inbox == 0 ->
           if
           :: queued
           :: !queued -> goto again
           fi
        fi;
#else
        if
        :: queued
        :: !queued ->
           if
           :: inbox != 0
           :: inbox == 0 -> goto again
           fi
        fi;
#endif
        takes = 1
     fi
  fi;

try:
  if
  :: atomic { !held && OWN -> held = 1 }                /* compare-and-swap */
#if !MARK
  :: held -> goto leave
#elif MARK_SWAP
  :: atomic { held && OWN -> marks = marks | (takes -> TAKER : WATCHER); goto leave }   /* the same word */
#else
  :: held -> atomic { OWN -> marks = marks | (takes -> TAKER : WATCHER); goto leave }
#endif
  fi;

hold:                                                   /* Look */
  if
  :: atomic { bell = 0; rung = loopbell;
       if :: event -> event = 0; got = 1 :: else fi }
  :: me >= WATCHERS                                     /* not each time: EventPort.Poll; or it is there for something else: Sweep */
  fi;
  if
  :: got -> atomic { OWN -> inbox++; found++; got = 0 }; WAKE
  :: else
  fi;
                                                        /* VisitLoop */
  if
  :: rung || asked ->
     atomic { rung = 0; stores[me]!AWAKE,1; loopbell = 0 };
     if
     :: asked -> stores[me]!ASKED,0; atomic { OWN -> work = 0 }
     :: !asked
     fi
  :: !rung && !asked
  fi;

  if                                                    /* Deliver, to one place */
  :: takes ->
     if
     :: inbox != 0 ->
#if ANNOUNCE
        stores[me]!QUEUED,1;
#endif
#if TAKE_FENCE
        atomic { OWN -> queue = queue + inbox; inbox = 0 }
#else
        atomic { queue = queue + inbox; inbox = 0 }
#endif
     :: inbox == 0
     fi;
     if
     :: queue != 0 -> atomic { queue--; taken++; got = 1; stores[me]!QUEUED,(queue != 0) }
     :: queue == 0
     fi
  :: !takes
  fi;

#if REST                                                /* the loop rests, if it is not hot */
  if
  :: asked -> leaves = 1
  :: !asked ->
     stores[me]!AWAKE,0;
#if REST_FENCE
     OWN;
#endif
#if REST_LOOK
     if
     :: asked -> atomic { leaves = 1; stores[me]!AWAKE,1 }
     :: !asked
     fi
#endif
  fi;
#endif

#if RELEASE_SWAP
  atomic { OWN -> held = 0; m = marks; marks = 0 };
#else
  atomic { OWN -> m = marks; marks = 0 };
  atomic { OWN -> held = 0 };
#endif

  if                                                    /* WakeWhoMissed */
  :: (m & TAKER) && TELL_TAKER ->
     if
     :: inbox != 0 -> WAKE
     :: inbox == 0 ->
        if
        :: queued -> WAKE
        :: !queued
        fi
     fi
  :: else
  fi;
  if                                                    /* HandOver */
  :: leaves ->
#if HAND_OVER
     RING;
#endif
     atomic { leaves = 0; m = 0 }
  :: !leaves && (m & WATCHER) ->
     m = 0;
     if
     :: takes && RING_MISSED -> RING
     :: takes && !RING_MISSED
#if LOOK_AGAIN == 1
#if LOOK_MARKS
     :: atomic { !takes && left != 0 -> left-- }; goto try
#else
     :: atomic { !takes && left != 0 -> left-- };
        if
        :: atomic { !held && OWN -> held = 1 }; goto hold
        :: held -> goto leave
        fi
#endif
     :: atomic { !takes && left == 0 }; RING
#elif LOOK_AGAIN == 2
     :: !takes -> RING
#else
     :: !takes
#endif
     fi
  :: !leaves && !(m & WATCHER) -> m = 0
  fi;
  if
  :: atomic { got && me < WATCHERS -> got = 0 }; goto try   /* until there is none */
  :: else
  fi;

leave:
  atomic { takes = 0; got = 0; left = 0 };
  if
  :: me < WATCHERS -> goto again
  :: me >= WATCHERS
#if QUITS
  :: me == WATCHERS-1
#endif
  fi
}

active proctype quiescence() {
  timeout;
  assert(!held);
  assert(inbox == 0 && queue == 0 && taken == SIGNALS + found);
  assert(!event);
  assert(!work)
}

init {
  atomic {
    byte i;
#if ASKS
    awake = 1; bell = 1; TELL;
#endif
    run memory(); run signaller(); run device();
    for (i : 0 .. USERS-1) { run user(i) }
#if ASKS
    run client()
#endif
  }
}
