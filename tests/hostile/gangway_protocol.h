// SPDX-License-Identifier: MIT
//
// The numbers of docs/PROTOCOL.md, and nothing that is not on that page. Section numbers are those of the page.
#ifndef GANGWAY_PROTOCOL_H
#define GANGWAY_PROTOCOL_H

#include <stdint.h>

// Section 2: the packets of the handshake.
enum {
    GANGWAY_HELLO = 1,
    GANGWAY_WELCOME = 2,
    GANGWAY_READY = 3,
    GANGWAY_GO = 4,
    GANGWAY_UP = 5,
    GANGWAY_REJECT = 6,
    GANGWAY_UNMAPPED = 7, // section 3: the client's last word
};

#define GANGWAY_PACKET_MAX 4096
#define GANGWAY_MAGIC_HANDSHAKE UINT64_C(0x00594157474e4147) // the bytes "GANGWAY" and a zero
#define GANGWAY_MAGIC_SEGMENT UINT64_C(0x31594157474e4147)   // the bytes "GANGWAY1"
#define GANGWAY_VERSION 1

struct gangway_packet {
    uint32_t type, bytes;
};

struct gangway_hello { // 2.1
    uint32_t type, bytes;
    uint64_t magic;
    uint16_t version_min, version_max;
    uint32_t reserved1;
    uint8_t boot_id[16];
    uint64_t clock;
    uint8_t pair[16];
    uint64_t epoch;
    uint32_t segment_bytes_max;
    uint32_t lanes_to_server, lanes_to_client;
    uint32_t reserved2[3];
    uint64_t contract;
    uint64_t reserved3;
};
_Static_assert(sizeof(struct gangway_hello) == 112, "Hello");

struct gangway_geometry { // in Welcome at 48, in a segment's header at 12
    uint32_t segment_bytes, ring_offset, ring_bytes, slots_offset, slot_count, slot_bytes, message_credits, inline_bytes,
        lanes_to_server, lanes_to_client;
};

struct gangway_welcome { // 2.2
    uint32_t type, bytes;
    uint64_t magic;
    uint16_t version, reserved1;
    uint32_t reserved2;
    uint8_t pair[16];
    uint64_t epoch;
    struct gangway_geometry geometry;
    uint64_t reserved3;
};
_Static_assert(sizeof(struct gangway_welcome) == 96, "Welcome");

struct gangway_reject { // 2.4
    uint32_t type, bytes, code, reserved;
    char text[512];
};

enum gangway_reject_code {
    GANGWAY_MALFORMED = 1,
    GANGWAY_NO_VERSION = 2,
    GANGWAY_NOT_PERMITTED = 3,
    GANGWAY_OVERLOADED = 4,
    GANGWAY_LIMITS = 5,
    GANGWAY_OTHER_MACHINE = 6,
    GANGWAY_LISTENER_CLOSING = 7,
    GANGWAY_MEMORY = 8,
    GANGWAY_TIMED_OUT = 9,
    GANGWAY_STALE = 10,
    GANGWAY_NOT_YET = 11,
    GANGWAY_CONTRACT = 12,
};

// The geometry of version 1. It is fixed but for the lanes, and a client refuses any other.
enum {
    GANGWAY_SEGMENT_BYTES = 28672,
    GANGWAY_RING_OFFSET = 4096,
    GANGWAY_RING_BYTES = 8192,
    GANGWAY_SLOTS_OFFSET = 12288,
    GANGWAY_SLOTS = 64,
    GANGWAY_SLOT_BYTES = 256,
    GANGWAY_CREDITS = 64,
    GANGWAY_INLINE_BYTES = 512,
    GANGWAY_REPLY_BYTES = 240,
    GANGWAY_HEADER_BYTES = 16,
    GANGWAY_EXTENSION_MAX = 184,
    GANGWAY_LINE = 64, // records start on, and occupy, a multiple of this
};

// Section 4: where the words of a segment are.
enum {
    GANGWAY_AT_MAGIC = 0,
    GANGWAY_AT_VERSION = 8,
    GANGWAY_AT_GEOMETRY = 12,
    GANGWAY_AT_HEAD = 64,
    GANGWAY_AT_DONE = 72,
    GANGWAY_AT_STATE = 128,
    GANGWAY_AT_REASON = 132,
    GANGWAY_AT_SLEEP = 192,
    GANGWAY_AT_CPU = 196,
    GANGWAY_AT_WANTED = 200,
    GANGWAY_AT_REPLY_SET = 256,
    GANGWAY_AT_CANCELS = 272,
    GANGWAY_AT_REPLY_ACK = 320,
    GANGWAY_AT_WAITING = 512,
};

// How a caller waits for a reply: the low two bits of its word, beside which it may say that it has cancelled.
enum { GANGWAY_WAITING_HOW = 3, GANGWAY_WAITING_PARKED = 1, GANGWAY_WAITING_ANNOUNCE = 2, GANGWAY_WAITING_CANCELLED = 4 };

// Section 6: the statuses that a replier gives; from 256 on they are the application's own.
enum gangway_status {
    GANGWAY_STATUS_OK = 0,
    GANGWAY_STATUS_DEADLINE_EXCEEDED = 5,
    GANGWAY_STATUS_UNIMPLEMENTED = 7,
    GANGWAY_STATUS_HANDLER_FAILED = 8,
    GANGWAY_STATUS_CANCELLED = 9,
    GANGWAY_STATUS_DEADLOCK = 10,
    GANGWAY_STATUS_NOT_PERMITTED = 12,
    GANGWAY_STATUS_QUOTA_EXCEEDED = 13,
    GANGWAY_STATUS_APPLICATION_MIN = 256,
};

enum { GANGWAY_STATE_OPEN = 1, GANGWAY_STATE_CLOSING = 2, GANGWAY_STATE_CLOSED = 3 };
enum { GANGWAY_REASON_APPLICATION = 1, GANGWAY_REASON_PEER_BROKE_PROTOCOL = 2, GANGWAY_REASON_REVOKED = 6 };

// Section 5: records.
enum { GANGWAY_MESSAGE = 1, GANGWAY_REQUEST = 2, GANGWAY_PAD = 3 };
enum {
    GANGWAY_FLAG_LARGEST = 0x01,
    GANGWAY_FLAG_DEADLINE = 0x02,
    GANGWAY_FLAG_CHAIN = 0x04,
    GANGWAY_FLAG_TRACE = 0x08,
};

#define GANGWAY_GENERATION_MAX ((UINT64_C(1) << 48) - 1)

// The two words of a record's header.
static inline uint64_t gangway_first_word(uint64_t length, uint64_t kind, uint64_t flags, uint64_t operation)
{
    return (length & 0xffff) | (kind & 0xff) << 16 | (flags & 0xff) << 24 | operation << 32;
}

static inline uint64_t gangway_second_word(uint64_t slot, uint64_t generation)
{
    return (slot & 0xffff) | generation << 16;
}

// Section 8: lanes. These programs ask for none, or for the fewest there are, to the server.
enum {
    GANGWAY_LANES = 256,
    GANGWAY_LANE_ROOTS = 8,
    GANGWAY_LANES_OFFSET = GANGWAY_SEGMENT_BYTES, // the roots, and behind them the lanes
    GANGWAY_LANES_LEVEL1 = 64,
    GANGWAY_LANES_BYTES = 2112,
    GANGWAY_SEGMENT_BYTES_WITH_LANES = GANGWAY_SEGMENT_BYTES + 4096,
};

// Seals and flags that the C library of an older system does not know.
enum { GANGWAY_SEAL_SEAL = 0x01, GANGWAY_SEAL_SHRINK = 0x02, GANGWAY_SEAL_GROW = 0x04, GANGWAY_SEAL_WRITE = 0x08,
       GANGWAY_SEAL_FUTURE_WRITE = 0x10, GANGWAY_SEAL_EXEC = 0x20 };

#endif
