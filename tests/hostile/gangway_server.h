// SPDX-License-Identifier: MIT
//
// A small listening side, written from docs/PROTOCOL.md alone: one process per connection. Without a departure it is
// honest and strict, and so the positive control of the client and of the attacks; with one it is a hostile server.
#ifndef GANGWAY_SERVER_H
#define GANGWAY_SERVER_H

#include "gangway_side.h"

// The operations of the test servers, here and in Gangway.Process.Peer.
enum {
    PEER_ECHO = 1,   // request: answers what it was sent
    PEER_NOTE = 2,   // message: u64 sequence, then anything; counted, and its order watched
    PEER_TOTALS = 3, // request: answers u64 messages, u64 bytes, u64 messages out of order
    PEER_PUSH = 4,   // request u32 n: sends n messages back, as far as space and credits allow; answers how many
    PEER_HOLD = 5,   // request: answered only when the connection ends, or the next PEER_RELEASE arrives
    PEER_RELEASE = 6,   // request: answers all that is held, then itself
    PEER_FORBIDDEN = 7, // not permitted to anybody, where the server has a policy
    PEER_OWN = 8,       // request: permitted to the server's own user only; answers nothing
    PEER_LANE = 9,      // request: grants a lane, and answers its number as u32; bits 0 to 15 are permitted
    PEER_SIGNALS = 10   // request: answers for each of these bits how often it came in a lane of this connection: u64[16]
};


// What the server is about to send with Welcome, and does afterwards. A departure changes some of it.
struct gangway_offer {
    struct gangway_welcome welcome;
    size_t welcome_bytes;      // how many of its bytes are sent
    int descriptors[4];        // server's segment, client's segment
    unsigned descriptor_count;
    bool no_final_seal;        // goes on to Go without sealing the client's segment
    bool no_header;            // goes on to Go without a header
    uint32_t header_poison;    // xor-ed into the segment header's version
    uint32_t go_type;
    unsigned hang_up_after;    // hang up after this many packets were received (1 = Hello, 2 = Ready, 3 = Up)
    bool stall;                // say nothing instead of hanging up there
    struct gangway_reject reject; // sent instead of Welcome when type is set
};

struct gangway_departure {
    const char *name;
    const char *expect;                                   // what an honest client does, in words
    enum { REFUSE_WELCOME, REFUSE_GO, END_CONNECTION, ENDURE } answer;
    void (*offer)(struct gangway_offer *offer);           // before Welcome
    void (*reply)(struct gangway_side *side, const struct gangway_record *request); // instead of an honest reply
};

extern const struct gangway_departure gangway_departures[];

int gangway_listen(const char *path);

// Serves one accepted connection to its end. Returns 0 when the client did what an honest client does.
int gangway_serve(int socket, const struct gangway_departure *departure);

#endif
