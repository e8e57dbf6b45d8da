// SPDX-License-Identifier: MIT
/* Consumer role of one connection on the connecting side: C synchronous callers, the reactor, a peer that answers every request and sends one unasked message.
   KICK=1: whoever fails to take the role marks it (Held -> Kicked); release is a compare-and-swap Held -> Free that fails when marked, and the holder looks again.
   KICK=0: plain try-lock. GIVE=1: on release the role is handed to a parked caller (ownership moves). TSO: the sleep word and the publish are buffered, FENCE drains. */
#ifndef C
#define C 2
#endif
#ifndef KICK
#define KICK 1
#endif
#ifndef FENCE
#define FENCE 1
#endif
#ifndef TMO
#define TMO 0        /* 1: a parked caller may give up */
#endif
#ifndef PASS
#define PASS 1       /* 0: a caller that gives up forgets a role that was handed to it */
#endif
#define FREE 0
#define HELD 1
#define KICKED 2
#define AWAKE 0
#define FUTEX 1
#define EPOLL 2
byte role, slp, slpseq, bell, sock; 
byte slot[C];            /* 0 idle 1 waiting 2 done 3 you hold the role */
byte parked[C];          /* registered as a waiter */
byte msgs, left;
chan ring = [4] of { byte };      /* visible records: id of the caller, or C for the unasked message */
chan pb = [2] of { byte };        /* peer's store buffer */
chan ob = [2] of { byte, byte };  /* our store buffer for the sleep word: state, seq (one is enough: the role is exclusive) */
chan req = [C] of { byte };
proctype flush() { byte a, b; end: do :: atomic { nempty(pb) && nfull(ring) -> pb?a; ring!a } :: atomic { ob?a,b -> slp=a; slpseq=b } od }
proctype peer() { byte r, n, s, q, last; bit said;
  end: do
  :: atomic { req?r -> skip }; pb!r; goto tell
  :: !said -> said=1; pb!C; goto tell
  :: break
  od; goto fin;
tell:
#if FENCE
  empty(pb);
#endif
  atomic { s=slp; q=slpseq };
  if :: s!=AWAKE && q!=last -> last=q; if :: s==FUTEX -> bell++ :: else -> sock=1 fi :: else fi;
  goto end;
fin: (len(req)>0 || !said) -> goto end }
inline take(ok) { atomic { if :: role==FREE -> role=HELD; ok=1 :: else -> ok=0;
#if KICK
   role=KICKED
#endif
   fi } }
inline consume() { /* one visible record */
   ring?r; if :: r==C -> msgs++ :: else -> atomic { if :: slot[r]==1 -> slot[r]=2 :: else fi } fi }
byte seqno;
inline look_and_release() { /* called by the holder who is done */
   again:
   do :: nempty(ring) -> consume() :: empty(ring) -> break od;
   atomic { w=0; do :: w<C && !(parked[w] && slot[w]==1) -> w++ :: else -> break od; if :: w<C -> slot[w]=3; parked[w]=0 :: else fi };
   if :: w<C -> goto out :: else fi;
   seqno++; ob!EPOLL,seqno;
#if FENCE
   empty(ob);
#endif
   if :: nempty(ring) -> ob!AWAKE,seqno; goto again :: empty(ring) -> skip fi;
   atomic { if :: role==HELD -> role=FREE; ok=1 :: else -> role=HELD; ok=0 fi };
   if :: !ok -> ob!AWAKE,seqno; goto again :: else fi;
   out: skip }
proctype caller(byte me) { byte r, w, b0; bit ok;
  slot[me]=1; req!me;
  parked[me]=1;
  take(ok);
  if :: ok -> parked[me]=0; goto hold :: else fi;
  do
  :: atomic { slot[me]==2 -> parked[me]=0 }; goto fin
  :: atomic { slot[me]==3 -> slot[me]=1 }; goto hold
#if TMO
  :: atomic { slot[me]==1 -> slot[me]=0; parked[me]=0 }; goto fin
#if PASS==0
  :: atomic { slot[me]==3 -> slot[me]=0 }; goto fin
#endif
#endif
  od;
hold: ob!AWAKE,seqno;
  do
  :: slot[me]==2 -> break
#if TMO
  :: slot[me]==0 -> break
#endif
#if TMO
  :: atomic { slot[me]==1 -> slot[me]=0 }; break
#endif
  :: slot[me]==1 && nempty(ring) -> consume()
  :: slot[me]==1 && empty(ring) -> b0=bell; seqno++; ob!FUTEX,seqno;
#if FENCE
       empty(ob);
#endif
       if :: nempty(ring) -> skip :: empty(ring) ->
          empty(ob); if :: bell!=b0 -> skip
#if TMO
          :: atomic { slot[me]==1 -> slot[me]=0 }
#endif
          fi
       fi; ob!AWAKE,seqno
  od;
  look_and_release();
fin: atomic { r=0; w=0; b0=0; ok=0; left++ } }
proctype reactor() { byte r, w; bit ok;
  end: do
  :: atomic { sock -> sock=0 }; take(ok); if :: ok -> ob!AWAKE,seqno; look_and_release() :: else fi; atomic { r=0; w=0; ok=0 }
  od }
active proctype mon() { timeout; assert(left==C && msgs==1) }
init { atomic { byte i; seqno=1; slp=EPOLL; slpseq=1; run flush(); run peer(); run reactor(); for (i : 0 .. C-1) { run caller(i) } } }
