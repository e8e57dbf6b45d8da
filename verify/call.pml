// SPDX-License-Identifier: MIT
/* Sync call with timeout/cancel, slot reuse, late reply, server death. GEN=1: reply carries (slot,seq) and the client accepts only its current seq.
   GEN=0: reply matched by slot only (the bug). At-most-once: server executes a seq at most once even if the client retries with the same seq. */
#ifndef GEN
#define GEN 1
#endif
#ifndef DEDUP
#define DEDUP 1
#endif
#define CALLS 3
byte req_seq=0; bit req_full=0;            /* request slot in ring */
chan reply=[4] of { byte };                /* reply ring: seq */
byte exec[8]; byte accepted[8]; bit wrong=0; bit dead=0; byte outcome[8]; /* 0 none 1 ok 2 timeout/indeterminate 3 server dead */
byte lastexec=0;
active proctype client(){ byte s=1; byte r; byte tries;
 do :: s>CALLS -> break
    :: else -> tries=0;
again: atomic{ (!req_full || dead) -> if :: dead -> outcome[s]=3; goto next :: else -> req_seq=s; req_full=1 fi };
   do :: atomic{ reply?r } ->
#if GEN
          if :: r==s -> accepted[s]=accepted[s]+1; outcome[s]=1; goto next :: else -> skip /* stale: drop */ fi
#else
          if :: r!=s -> wrong=1 :: else fi; accepted[s]=accepted[s]+1; outcome[s]=1; goto next
#endif
      :: tries==0 -> tries=1; goto again_retry     /* timeout then retry same seq (only for idempotent or dedup'd) */
      :: tries>=1 -> outcome[s]=2; goto next       /* give up: indeterminate */
      :: dead && empty(reply) -> outcome[s]=3; goto next
   od;
again_retry: atomic{ if :: !req_full && !dead -> req_seq=s; req_full=1 :: else fi };
   do :: atomic{ reply?r } ->
#if GEN
          if :: r==s -> accepted[s]=accepted[s]+1; outcome[s]=1; goto next :: else -> skip fi
#else
          if :: r!=s -> wrong=1 :: else fi; accepted[s]=accepted[s]+1; outcome[s]=1; goto next
#endif
      :: outcome[s]=2; goto next
      :: dead && empty(reply) -> outcome[s]=3; goto next
   od;
next: s++
 od }
active proctype server(){ byte q;
 end: do :: atomic{ req_full -> q=req_seq; req_full=0 };
#if DEDUP
       if :: q<=lastexec -> if :: nfull(reply) -> reply!q :: full(reply) -> skip fi
          :: else -> lastexec=q; exec[q]=exec[q]+1; if :: nfull(reply) -> reply!q :: full(reply) -> skip fi fi
#else
       exec[q]=exec[q]+1; if :: nfull(reply) -> reply!q :: full(reply) -> skip fi
#endif
       if :: skip :: dead=1; break fi
 od }
ltl nowrong { [] !wrong }
ltl atmostonce { [] (exec[1]<=1 && exec[2]<=1 && exec[3]<=1 && accepted[1]<=1 && accepted[2]<=1 && accepted[3]<=1) }
ltl okmeansexec { [] ((outcome[1]==1 -> exec[1]==1) && (outcome[2]==1 -> exec[2]==1) && (outcome[3]==1 -> exec[3]==1)) }
ltl terminates { <> (outcome[3]!=0) }
