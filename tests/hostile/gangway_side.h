// SPDX-License-Identifier: MIT
//
// One side of an established connection: sections 3 to 7 of docs/PROTOCOL.md, which are the same for both sides.
#ifndef GANGWAY_SIDE_H
#define GANGWAY_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gangway_protocol.h"

// Design: `mine` has one writer, this side; what it says is also kept here in private memory and never read back.
// Every word of `theirs` is read once, checked, and the copy is used.
struct gangway_side {
    int socket;
    int mine_fd, theirs_fd; // closed after the handshake; the hostile client keeps them
    uint8_t *mine;          // my segment, read-write
    const uint8_t *theirs;  // the peer's, read-only
    uint32_t lanes;         // to the server: none, or GANGWAY_LANES
    bool listens;           // the server's side: the client may say Unmapped
    bool unmapped;          // and has
    bool peer_broke;        // the peer's words contradict the protocol
    const char *complaint;  // and why

    uint64_t written;       // how far I have written my ring
    uint64_t head;          // how far the peer has read it (last good copy)
    uint64_t sent, done;    // my messages: sent, and completed by the peer (last good copy)
    uint64_t taken;         // how far I have read the peer's ring
    uint64_t completed;     // how many of the peer's messages I have completed
    uint64_t space_told;    // where I was when I last looked whether the peer waits for space
    uint32_t sleeps;        // number of my last sleep
    uint32_t rung;          // the peer's sleep that I rang last
    uint64_t bells;         // how many bells I sent
    unsigned next_slot;
    uint64_t generation[GANGWAY_SLOTS]; // of my last request on this slot
    uint64_t replied[GANGWAY_SLOTS];    // of the last reply that I accepted from this slot
    uint64_t answered[GANGWAY_SLOTS];   // of the peer's last request on this slot
};

struct gangway_record {
    uint8_t kind, flags;
    uint32_t operation;
    uint16_t slot;
    uint64_t generation;
    uint16_t extension_bytes, payload_bytes;
    uint8_t bytes[GANGWAY_EXTENSION_MAX + GANGWAY_INLINE_BYTES]; // the extension, then the payload
};

enum gangway_outcome {
    GANGWAY_DONE,          // it worked
    GANGWAY_FULL,          // no space or no credit now
    GANGWAY_NOTHING,       // nothing to read
    GANGWAY_NOT_SENT,      // the connection ended, and the peer never started it
    GANGWAY_UNKNOWN,       // the connection ended, and the peer may have run it
    GANGWAY_HUNG_UP,       // the peer is gone
    GANGWAY_REFUSED,       // the peer answered Reject
    GANGWAY_PEER_BROKE,    // the peer broke the protocol
    GANGWAY_FAILED,        // a system call of ours failed: errno
    GANGWAY_TIMED_OUT_HERE // the watchdog of this program
};

// Words of shared memory. All are aligned, of 4 or 8 bytes, and accessed whole.
static inline uint64_t load64(const uint8_t *at) { return __atomic_load_n((const uint64_t *)(const void *)at, __ATOMIC_ACQUIRE); }
static inline uint32_t load32(const uint8_t *at) { return __atomic_load_n((const uint32_t *)(const void *)at, __ATOMIC_ACQUIRE); }
static inline void store64(uint8_t *at, uint64_t value) { __atomic_store_n((uint64_t *)(void *)at, value, __ATOMIC_RELEASE); }
static inline void store32(uint8_t *at, uint32_t value) { __atomic_store_n((uint32_t *)(void *)at, value, __ATOMIC_RELEASE); }
static inline void full_fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

// Section 4: with as many lanes as this side was given.
struct gangway_geometry gangway_geometry_of(uint32_t lanes);

void gangway_write_header(struct gangway_side *side);
bool gangway_check_header(const struct gangway_side *side);

// Writes one record into my ring and rings the peer if it sleeps; GANGWAY_FULL when it does not fit now.
enum gangway_outcome gangway_write(struct gangway_side *side, const struct gangway_record *record);

// Takes one record out of the peer's ring: DONE, NOTHING or PEER_BROKE.
enum gangway_outcome gangway_take(struct gangway_side *side, struct gangway_record *record);
void gangway_complete_message(struct gangway_side *side); // the taken message's credit goes back

// Publishes what is in a slot as a reply of `length` bytes, and wakes its caller if that sleeps.
void gangway_publish_reply(struct gangway_side *side, unsigned slot, uint64_t generation, uint16_t status,
                           uint32_t length);

// Answers a request of the peer. There is always room.
void gangway_reply(struct gangway_side *side, unsigned slot, uint64_t generation, uint16_t status,
                   const void *payload, uint32_t bytes);

// Looks at the reply of `slot` once: DONE (status, payload and its length are copied), NOTHING or PEER_BROKE.
enum gangway_outcome gangway_look(struct gangway_side *side, unsigned slot, uint16_t *status, void *reply,
                                  uint32_t *bytes);

// Signals bits of a lane to the server, from one thread (section 8); the bell is not rung.
void gangway_signal_lane(struct gangway_side *side, unsigned lane, uint32_t bits);

void gangway_ring_bell(struct gangway_side *side);       // if the peer sleeps
bool gangway_refresh(struct gangway_side *side);         // reads the peer's head and done; false: they are lies
bool gangway_hung_up(struct gangway_side *side);         // drains waiting bells, without blocking
bool gangway_sleep(struct gangway_side *side, int milliseconds, bool (*ready)(struct gangway_side *));
void gangway_side_close(struct gangway_side *side, uint32_t reason);

#endif
