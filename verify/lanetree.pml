// SPDX-License-Identifier: MIT
/* A lane under a parent lane, the bell, and x86-TSO store buffers. Every word has one writing domain:
   L (leaf set) and P (parent set) are changed by the senders with compare-and-swap; A and Q (their acks) and `slp` are the receiver's stores.
   Signal:  data; FENCE; for each word from leaf to root: read set, then ack; if not pending, CAS the toggle in (count+1), retry on failure;
            then read the sleep word and ring. A word found pending is left alone, but the walk goes on up.
   Consume: for each word from root to leaf: copy set to ack; FENCE; read the child. Deliver after the last fence. */
#ifndef N
#define N 2
#endif
#ifndef K
#define K 2
#endif
#ifndef FENCE_S
#define FENCE_S 1    /* sender: data before the reads of ack */
#endif
#ifndef FENCE_P
#define FENCE_P 1    /* receiver: parent ack before reading the leaf */
#endif
#ifndef FENCE_L
#define FENCE_L 1    /* receiver: leaf ack before reading the data */
#endif
#ifndef FENCE_Z
#define FENCE_Z 1    /* receiver: sleep word before the last look */
#endif
#ifndef SWAP
#define SWAP 0       /* 1: ack read before set */
#endif
#ifndef COUNT
#define COUNT 1      /* 0: CAS compares the toggle only (ABA) */
#endif
#ifndef LEAFFIRST
#define LEAFFIRST 0  /* 1: receiver reads the leaf before it acks the parent */
#endif
#ifndef HELP
#define HELP 1       /* 0: a sender that finds the leaf pending stops there */
#endif
byte Lt, Lc, Pt, Pc, At, Qt; bit slp, ev;
byte d[N], seen[N];
chan rb = [3] of { byte, byte };          /* receiver's store buffer: 0=A 1=Q 2=slp */
chan sb[N] = [1] of { byte };             /* senders': their data word */
proctype flush() { byte w, t; byte i;
  end: do
  :: atomic { rb?w,t -> if :: w==0 -> At=t :: w==1 -> Qt=t :: else -> slp=t fi }
  :: atomic { sb[0]?t -> d[0]=t }
  :: atomic { sb[1]?t -> d[1]=t }
#if N>2
  :: atomic { sb[2]?t -> d[2]=t }
#endif
  od }
#if COUNT
#define SAME(W,c) (W##t==st && W##c==sc)
#else
#define SAME(W,c) (W##t==st)
#endif
#if SWAP
#define LOOK(W,A) at=A##t; atomic { st=W##t; sc=W##c }
#else
#define LOOK(W,A) atomic { st=W##t; sc=W##c }; at=A##t
#endif
#define SIGNAL(W,A) do :: LOOK(W,A); \
     if :: st!=at -> was=1; break \
        :: else -> atomic { empty(sb[me]) -> if :: SAME(W,c) -> W##t=1-st; W##c=sc+1; ok=1 :: else -> ok=0 fi }; \
                   if :: ok -> was=0; break :: else fi fi od
proctype sender(byte me) { byte k, st, sc, at; bit ok, was;
  do :: k<K -> k++;
     sb[me]!k;
#if FENCE_S
     empty(sb[me]);
#endif
     SIGNAL(L,A);
#if HELP==0
     if :: was -> goto next :: else fi;
#endif
     SIGNAL(P,Q);
     if :: atomic { slp -> ev=1 } :: else fi;
next: skip
  :: else -> break od }
proctype receiver() { byte st, pq, pa, lt, i;
  do
  :: st=Pt;
     if :: st!=pq ->
#if LEAFFIRST
        lt=Lt;
#endif
        pq=st; rb!1,st;
#if FENCE_P
        empty(rb);
#endif
#if LEAFFIRST==0
        lt=Lt;
#endif
        if :: lt!=pa -> pa=lt; rb!0,lt;
#if FENCE_L
              empty(rb);
#endif
              for (i : 0 .. N-1) { seen[i]=d[i] }
           :: else fi
     :: else ->
        rb!2,1;
#if FENCE_Z
        empty(rb);
#endif
        st=Pt;
        if :: st!=pq -> rb!2,0
           :: else ->
end:          ev; empty(rb); ev=0; rb!2,0
        fi
     fi
  od }
active proctype mon() { byte i; timeout; for (i : 0 .. N-1) { assert(seen[i]==K) } }
init { atomic { byte i; run flush(); run receiver(); for (i : 0 .. N-1) { run sender(i) } } }
