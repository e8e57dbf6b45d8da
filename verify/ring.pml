// SPDX-License-Identifier: MIT
/*
 * The ring: one writer, one reader, records of one or two units, wrap and pad. Argument: docs/memory-ordering/ring.md.
 *
 * A unit stands for 64 bytes: `word` is its first word (what the reader polls if a record starts there), `body` the
 * rest. A record that starts here has its header in `word`; as the second unit of a record, `word` holds payload, which
 * may look like any header. Admission, then: payload, zero where the next record will start, header last.
 *
 * Stores reach memory late. A release store waits for all stores before it; a plain one (payload) may also overtake
 * what was stored before it, so this is weaker than x86-TSO and contains it. Loads are in program order (see the
 * document for what that leaves to acquire).
 */
#ifndef N
#define N 7              /* records */
#endif
#ifndef UNITS
#define UNITS 4          /* of the ring */
#endif
#ifndef CREDITS
#define CREDITS 2        /* messages that the receiver holds at most */
#endif
#ifndef KILL
#define KILL 0           /* 1: the writer may die at any step */
#endif
/* Mutants: each must fail. */
#ifndef RELEASE
#define RELEASE 1        /* 0: the header is published by a plain store */
#endif
#ifndef PUBLISH_FIRST
#define PUBLISH_FIRST 0  /* 1: header before payload */
#endif
#ifndef ACQUIRE
#define ACQUIRE 1        /* 0: payload read before the header */
#endif
#ifndef ZERO
#define ZERO 1           /* 0: no zero ahead, 2: zero ahead after publishing */
#endif
#ifndef PAD_ZERO
#define PAD_ZERO 1       /* 0: no zero at offset 0 before the pad */
#endif
#ifndef ROOM
#define ROOM 1           /* 0: admitted without the unit that is zeroed ahead */
#endif
#ifndef HEAD_FIRST
#define HEAD_FIRST 0     /* 1: head published before the copy */
#endif
#ifndef DONE_FIRST
#define DONE_FIRST 0     /* 1: a completed message is counted before its place is free */
#endif

#define NONE 0
#define PAD  100
#define JUNK 200                      /* payload that stands where a later header will be polled */
#define HEADER(id, units) (2*(id) + (units) - 1)

byte word[UNITS], body[UNITS];        /* writer's segment */
byte head, done;                      /* reader's segment */
byte held;                            /* private to the reader: messages that it keeps until they are completed */
byte taken, published;                /* observations of the checker: `published` counts headers in memory */
bit killed;

mtype = { PLAIN, ORDERED, LATE, WORD, BODY };
chan stores = [8] of { mtype, mtype, byte, byte };
chan heads  = [2] of { byte };
chan dones  = [2] of { byte };

proctype memory() {
  mtype what; byte at, value;
end:
  do
  :: nempty(stores) ->
     atomic {
       if
       :: nempty(stores) -> stores?_,what,at,value
       :: stores??PLAIN,what,at,value
       :: stores??LATE,what,at,value
       fi;
       if
       :: what == BODY -> body[at] = value
       :: else -> word[at] = value; if :: value != NONE && value < PAD -> published++ :: else fi
       fi;
       what = 0; at = 0; value = 0
     }
  :: d_step { heads?value -> head = value; value = 0 }
  :: d_step { dones?value -> done = value; value = 0 }
  od
}

#if RELEASE
#define PUBLISH(at, value) stores!ORDERED,WORD,at,value
#else
#define PUBLISH(at, value) stores!LATE,WORD,at,value
#endif
#define ZERO_AT(at)        stores!ORDERED,WORD,at,NONE
#define FREE               (UNITS - (position - head))

proctype writer() provided (!killed) {
  byte position, sent, units, need, next;
end:
  do
  :: sent == N -> break
  :: else ->
     atomic {
       if :: units = 1 :: units = 2 fi;
       need = units + ROOM;
       if                                              /* does not fit before the end: a pad fills what is left */
       :: (position % UNITS) + units > UNITS -> need = need + UNITS - (position % UNITS)
       :: else
       fi
     };
     atomic { FREE >= need && sent - done < CREDITS -> need = 0 };   /* admission; what it refuses comes back here */
     if
     :: atomic { (position % UNITS) + units > UNITS ->
#if PAD_ZERO
          ZERO_AT(0);
#endif
          PUBLISH(position % UNITS, PAD); position = position + UNITS - (position % UNITS) }
     :: (position % UNITS) + units <= UNITS
     fi;
     atomic {
       sent++; next = (position + units) % UNITS;
#if PUBLISH_FIRST
       PUBLISH(position % UNITS, HEADER(sent, units));
#endif
       stores!PLAIN,BODY,(position % UNITS),sent;
       if
       :: units == 2 -> stores!PLAIN,WORD,(position+1) % UNITS,JUNK+sent; stores!PLAIN,BODY,(position+1) % UNITS,sent
       :: else
       fi;
#if ZERO == 1
       ZERO_AT(next);
#endif
#if !PUBLISH_FIRST
       PUBLISH(position % UNITS, HEADER(sent, units));
#endif
#if ZERO == 2
       ZERO_AT(next);
#endif
       position = position + units; units = 0; next = 0
     }
  od
}

proctype reader() {
  byte position, w, units, b, id;
end:
  do
#if !ACQUIRE
  :: b = body[position % UNITS];
#else
  ::
#endif
     atomic { word[position % UNITS] != NONE -> w = word[position % UNITS] };
     if
     :: atomic { w == PAD -> position = position + UNITS - (position % UNITS); heads!position; w = 0 }
     :: else ->
        assert(w < PAD);                               /* never payload taken for a header */
        atomic { id = w / 2; units = 1 + w % 2; w = 0; assert(id == taken + 1) };
#if HEAD_FIRST
        heads!position + units;
#endif
#if ACQUIRE
        b = body[position % UNITS];
#endif
        assert(b == id);
        if
        :: units == 2 ->
           assert(word[(position+1) % UNITS] == JUNK + id);
           assert(body[(position+1) % UNITS] == id)
        :: else
        fi;
        atomic {
          position = position + units; taken = id; held++; assert(held <= CREDITS);
#if !HEAD_FIRST
          heads!position;
#endif
          units = 0; id = 0; b = 0
        }
     fi
  od
}

proctype handler() {                                   /* completes messages, on another thread of the reader */
  byte completed;
end:
  do
  :: atomic { held > 0 ->
#if DONE_FIRST
       completed++; dones!completed
#else
       held--
#endif
     };
#if DONE_FIRST
     held--
#else
     atomic { completed++; dones!completed }
#endif
  od
}

#if KILL
active proctype fate() { killed = 1 }                  /* at any step; what was stored still drains */
#endif

active proctype quiescence() {
  timeout;
#if KILL
  assert(taken == published)                           /* each record that reached memory was taken, whole */
#else
  assert(taken == N)
#endif
}

init { atomic { run memory(); run writer(); run reader(); run handler() } }
