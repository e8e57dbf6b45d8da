// SPDX-License-Identifier: MIT
/* Server: 2 clients, eventfd per client registered EPOLLET (edge queued in kernel ready list), drain with BUDGET, private run queue.
   REQUEUE=1: server re-queues a client whose ring is not empty after the budget. REQUEUE=0: the classic ET bug. 
   FLAG=1 : client writes the eventfd only when server's 'need' flag is set (elision). SC here; fences are proved in wake_sc.pml */
#ifndef REQUEUE
#define REQUEUE 1
#endif
#ifndef HOSTILE
#define HOSTILE 0      /* client 1 is hostile: floods events, and writes garbage tails */
#endif
#define C 2
#define N 3
#define BUDGET 1
#define CAP 3
byte tail[C]; byte head[C]; bit need[C]=1; bit edge[C]; bit runq[C];
byte done[C]; bit quarantined[C];
proctype client(byte id){ byte k=0; bit nd;
  do :: k<N -> (tail[id]-head[id]<CAP); tail[id]=tail[id]+1; k++; nd=need[id]; if :: nd -> edge[id]=1 :: else fi
     :: k==N -> break od }
proctype hostile(byte id){ end: do
  :: !quarantined[id] -> edge[id]=1
  :: !quarantined[id] -> tail[id]=200        /* producer index out of window */
  :: !quarantined[id] -> need[id]=0
  :: !quarantined[id] -> head[id]=7          /* tamper with the server's index copy in shared memory */
  :: quarantined[id] -> break od }
byte ph[C];                                   /* server-private head: never re-read from shared memory */
inline drain(i){ byte b; b=0; d_step{ need[i]=0 };
  do :: b<BUDGET -> t=tail[i];
        if :: t==ph[i] -> break
           :: t!=ph[i] && (t-ph[i])<=CAP && t<=N -> ph[i]=ph[i]+1; head[i]=ph[i]; done[i]=ph[i]; b++
           :: else -> quarantined[i]=1; runq[i]=0; break fi
     :: b==BUDGET -> break od;
  if :: quarantined[i] -> skip
     :: else ->
        if :: b==BUDGET ->
#if REQUEUE
             runq[i]=1
#else
             need[i]=1
#endif
           :: else -> need[i]=1; t=tail[i]; if :: t!=ph[i] -> runq[i]=1 :: else fi fi fi }
active proctype server(){ byte t; byte i=0;
  end: do
   :: atomic{ !quarantined[0] && (edge[0]||runq[0]) && (i==0 || !(edge[1]||runq[1]) || quarantined[1]) -> edge[0]=0; runq[0]=0; i=1 }; drain(0)
   :: atomic{ !quarantined[1] && (edge[1]||runq[1]) && (i==1 || !(edge[0]||runq[0]) || quarantined[0]) -> edge[1]=0; runq[1]=0; i=0 }; drain(1)
  od }
init{ atomic{ run client(0);
#if HOSTILE
 run hostile(1)
#else
 run client(1)
#endif
 } }
ltl live0 { <> (done[0]==N) }
ltl live1 { <> (done[1]==N) }
ltl bounded { [] (ph[1]<=N && done[0]<=N) }
