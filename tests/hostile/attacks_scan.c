// SPDX-License-Identifier: MIT
//
// Looks at every byte that it can map: nothing of another client, of the server's memory or of an earlier record (SE-04).
#define _GNU_SOURCE
#include <string.h>

#include "attack.h"

// Words of the server's segment that are meant to say something, besides the ring and the slots.
static bool is_word(uint32_t at)
{
    return at < 12 + sizeof(struct gangway_geometry) || (at >= GANGWAY_AT_HEAD && at < GANGWAY_AT_DONE + 8)
        || (at >= GANGWAY_AT_STATE && at < GANGWAY_AT_REASON + 4) || (at >= GANGWAY_AT_SLEEP && at < GANGWAY_AT_WANTED + 4)
        || (at >= GANGWAY_AT_REPLY_SET && at < 512) || (at >= GANGWAY_AT_WAITING && at < GANGWAY_AT_WAITING + 4 * GANGWAY_SLOTS);
}

// The first byte of [from, to) of the server's segment that is not zero, or -1.
static int first_not_zero(const struct gangway_client *client, uint32_t from, uint32_t to)
{
    for (uint32_t at = from; at < to; at++)
        if (client->side.theirs[at] != 0 && !is_word(at))
            return (int)at;
    return -1;
}

static bool all_zero(const void *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (((const uint8_t *)bytes)[i] != 0)
            return false;
    return true;
}

// What nobody wrote is zero, in Welcome and in both segments, before the first record and between the words afterwards.
static void scan_fresh(const struct context *context)
{
    struct gangway_client client;
    if (!reached(context, &client, GANGWAY_STEP_MAPPED, "scan-fresh"))
        return;
    bool clean = all_zero(client.side.theirs, GANGWAY_SEGMENT_BYTES) && all_zero(client.side.mine, GANGWAY_SEGMENT_BYTES);
    bool padded = client.welcome.reserved1 == 0 && client.welcome.reserved2 == 0
        && client.welcome.reserved3 == 0;
    expect("scan-fresh", clean && padded, "the segments %s, the padding of Welcome %s", clean ? "are zero" : "are not zero",
           padded ? "is zero" : "is not zero");
    gangway_close(&client);
    if (!connected(context, &client, "scan-connected"))
        return;
    int at = first_not_zero(&client, 0, GANGWAY_SEGMENT_BYTES);
    expect("scan-connected", at < 0, "the first byte that is not zero between the words: %d", at);
    gangway_close(&client);
}

// Replies of falling length: what lies behind one in its slot is what we sent before, or zero. Our bytes all have bit 7.
static void scan_replies(const struct context *context)
{
    struct gangway_client client;
    bool good = true;
    int where = -1;
    if (!connected(context, &client, "scan-replies"))
        return;
    for (int round = 0; round < 5000 && good; round++) {
        uint8_t request[GANGWAY_REPLY_BYTES], reply[GANGWAY_REPLY_BYTES];
        uint32_t bytes = (uint32_t)(random64() % sizeof request), length = 0;
        uint16_t status = 0;
        for (size_t i = 0; i < sizeof request; i++)
            request[i] = (uint8_t)(0x80 | random64());
        good = gangway_call(&client, PEER_ECHO, request, bytes, &status, reply, &length) == GANGWAY_DONE && length == bytes;
        for (uint32_t slot = 0; slot < GANGWAY_SLOTS && good; slot++) {
            const uint8_t *at = client.side.theirs + GANGWAY_SLOTS_OFFSET + slot * GANGWAY_SLOT_BYTES;
            good = load32(at + 12) == 0; // reserved
            for (uint32_t i = GANGWAY_HEADER_BYTES; i < GANGWAY_SLOT_BYTES && good; i++) {
                good = at[i] == 0 || at[i] >= 0x80;
                where = (int)(slot * GANGWAY_SLOT_BYTES + i);
            }
        }
    }
    expect("scan-replies", good, "5,000 replies, the last byte looked at: %d", where);
    gangway_close(&client);
}

const struct attack scan_attacks[] = {
    { "scan-fresh", "SE-04", scan_fresh, "all that is mapped, before and after the handshake", false },
    { "scan-replies", "SE-04", scan_replies, "what lies behind each reply", false },
    { 0 },
};
