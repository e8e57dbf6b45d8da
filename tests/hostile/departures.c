// SPDX-License-Identifier: MIT
//
// What a hostile server does differently (test 13, and 3 to 8 mirrored). Each must be refused by an honest client.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gangway_server.h"
#include "result.h"

enum { SERVERS = 0, CLIENTS = 1 }; // the two descriptors of an offer

// --- Wrong memory ------------------------------------------------------------------------------------------------

static int memory(unsigned flags, long bytes, int seals)
{
    int fd = memfd_create("hostile", MFD_CLOEXEC | MFD_ALLOW_SEALING | flags);
    if (fd < 0 || (ftruncate(fd, bytes) != 0 && flags == 0))
        abort();
    fcntl(fd, F_ADD_SEALS, seals);
    return fd;
}

static void unsealed(struct gangway_offer *offer) { offer->descriptors[SERVERS] = memory(0, GANGWAY_SEGMENT_BYTES, 0); }
static void writable(struct gangway_offer *offer) { offer->descriptors[SERVERS] = memory(0, GANGWAY_SEGMENT_BYTES, 0x07); }
static void shrinkable(struct gangway_offer *offer) { offer->descriptors[SERVERS] = memory(0, GANGWAY_SEGMENT_BYTES, 0x15); }
static void growable(struct gangway_offer *offer) { offer->descriptors[SERVERS] = memory(0, GANGWAY_SEGMENT_BYTES, 0x13); }
static void unsealed_mine(struct gangway_offer *offer) { offer->descriptors[CLIENTS] = memory(0, GANGWAY_SEGMENT_BYTES, 0); }
static void short_segment(struct gangway_offer *offer) { offer->descriptors[SERVERS] = memory(0, 4096, 0x17); }
static void empty_segment(struct gangway_offer *offer) { offer->descriptors[SERVERS] = memory(0, 0, 0x17); }
static void long_segment(struct gangway_offer *offer) { offer->descriptors[SERVERS] = memory(0, 2 * GANGWAY_SEGMENT_BYTES, 0x17); }
static void short_mine(struct gangway_offer *offer) { offer->descriptors[CLIENTS] = memory(0, GANGWAY_SEGMENT_BYTES - 1, 0x06); }
static void hugetlb(struct gangway_offer *offer) { offer->descriptors[SERVERS] = memory(MFD_HUGETLB, 2 << 20, 0x17); }
static void hugetlb_mine(struct gangway_offer *offer) { offer->descriptors[CLIENTS] = memory(MFD_HUGETLB, 2 << 20, 0x06); }

static void swapped(struct gangway_offer *offer)
{
    int first = offer->descriptors[SERVERS];
    offer->descriptors[SERVERS] = offer->descriptors[CLIENTS];
    offer->descriptors[CLIENTS] = first;
}

static void same_twice(struct gangway_offer *offer) { offer->descriptors[CLIENTS] = offer->descriptors[SERVERS]; }
static void read_only_mine(struct gangway_offer *offer)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", memory(0, GANGWAY_SEGMENT_BYTES, 0x06));
    offer->descriptors[CLIENTS] = open(path, O_RDONLY | O_CLOEXEC);
}

static void regular_file(struct gangway_offer *offer)
{
    char name[] = "/tmp/gangway-hostile-XXXXXX";
    int fd = mkostemp(name, O_CLOEXEC);
    unlink(name);
    if (ftruncate(fd, GANGWAY_SEGMENT_BYTES) == 0)
        offer->descriptors[SERVERS] = fd;
}

static void pipes(struct gangway_offer *offer)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == 0)
        memcpy(offer->descriptors, ends, sizeof ends);
}

static void no_descriptor(struct gangway_offer *offer) { offer->descriptor_count = 0; }
static void one_descriptor(struct gangway_offer *offer) { offer->descriptor_count = 1; }
static void three_descriptors(struct gangway_offer *offer)
{
    offer->descriptors[2] = offer->descriptors[0];
    offer->descriptor_count = 3;
}

// --- Wrong packets -----------------------------------------------------------------------------------------------

static void geometry_segment(struct gangway_offer *offer) { offer->welcome.geometry.segment_bytes *= 2; }
static void geometry_ring(struct gangway_offer *offer) { offer->welcome.geometry.ring_bytes = 1u << 31; }
static void geometry_ring_offset(struct gangway_offer *offer) { offer->welcome.geometry.ring_offset = 0xfffff000; }
static void geometry_slots(struct gangway_offer *offer) { offer->welcome.geometry.slot_count = 65; }
static void geometry_slot_bytes(struct gangway_offer *offer) { offer->welcome.geometry.slot_bytes = 0; }
static void geometry_slots_offset(struct gangway_offer *offer) { offer->welcome.geometry.slots_offset = 12289; }
static void geometry_credits(struct gangway_offer *offer) { offer->welcome.geometry.message_credits = 0; }
static void geometry_inline(struct gangway_offer *offer) { offer->welcome.geometry.inline_bytes = 0xffffffff; }
static void version_2(struct gangway_offer *offer) { offer->welcome.version = 2; }
static void magic(struct gangway_offer *offer) { offer->welcome.magic ^= 1; }
static void epoch(struct gangway_offer *offer) { offer->welcome.epoch += 7; }
static void welcome_type(struct gangway_offer *offer) { offer->welcome.type = GANGWAY_GO; }
static void welcome_short(struct gangway_offer *offer) { offer->welcome.bytes = offer->welcome_bytes = 95; }
static void welcome_lying(struct gangway_offer *offer) { offer->welcome.bytes = 4096; }
static void reject_long(struct gangway_offer *offer)
{
    offer->reject = (struct gangway_reject){ GANGWAY_REJECT, sizeof offer->reject, 4, 0, "" };
    memset(offer->reject.text, 0xff, sizeof offer->reject.text); // not UTF-8, and no zero at its end
}
static void reject_unknown(struct gangway_offer *offer)
{
    offer->reject = (struct gangway_reject){ GANGWAY_REJECT, 16, 0xdeadbeef, 0, "" };
}
static void hang_up_1(struct gangway_offer *offer) { offer->hang_up_after = 1; }
static void hang_up_2(struct gangway_offer *offer) { offer->hang_up_after = 2; }
static void hang_up_3(struct gangway_offer *offer) { offer->hang_up_after = 3; }
static void stall_1(struct gangway_offer *offer) { offer->hang_up_after = 1, offer->stall = true; }
static void no_final_seal(struct gangway_offer *offer) { offer->no_final_seal = true; }
static void no_header(struct gangway_offer *offer) { offer->no_header = true; }
static void bad_header(struct gangway_offer *offer) { offer->header_poison = 2; }
static void go_type(struct gangway_offer *offer) { offer->go_type = GANGWAY_WELCOME; }

// --- Lies on an established connection ---------------------------------------------------------------------------

static void look_at_me(struct gangway_side *side) { send(side->socket, "!", 1, MSG_DONTWAIT | MSG_NOSIGNAL); }

static void honest_echo(struct gangway_side *side, const struct gangway_record *request)
{
    uint32_t bytes = request->payload_bytes < GANGWAY_REPLY_BYTES ? request->payload_bytes : GANGWAY_REPLY_BYTES;
    gangway_reply(side, request->slot, request->generation, 0, request->bytes + request->extension_bytes, bytes);
}

static void reply_generation(struct gangway_side *side, const struct gangway_record *request)
{
    gangway_reply(side, request->slot, request->generation + 1, 0, "", 0);
}

static void reply_length(struct gangway_side *side, const struct gangway_record *request)
{
    gangway_reply(side, request->slot, request->generation, 0, "", 0);
    store32(side->mine + GANGWAY_SLOTS_OFFSET + request->slot * GANGWAY_SLOT_BYTES + 8, 241);
}

static void publish_241(struct gangway_side *side, const struct gangway_record *request)
{
    gangway_publish_reply(side, request->slot, request->generation, 0, GANGWAY_REPLY_BYTES + 1);
}

static void publish_max(struct gangway_side *side, const struct gangway_record *request)
{
    gangway_publish_reply(side, request->slot, request->generation, 0, UINT32_MAX);
}

static void silent(struct gangway_side *side, const struct gangway_record *request)
{
    (void)side;
    (void)request;
}

// Answers the same request once more, after its reply was taken.
static void reply_twice(struct gangway_side *side, const struct gangway_record *request)
{
    gangway_reply(side, request->slot, request->generation, 0, "first", 5);
    gangway_reply(side, request->slot, request->generation, 0, "second", 6);
}

static void hang_up_in_call(struct gangway_side *side, const struct gangway_record *request)
{
    (void)request;
    shutdown(side->socket, SHUT_RDWR);
}

static void lie_head(struct gangway_side *side, const struct gangway_record *request)
{
    store64(side->mine + GANGWAY_AT_HEAD, side->taken + (UINT64_C(1) << 40));
    honest_echo(side, request);
    look_at_me(side);
}

static void lie_done(struct gangway_side *side, const struct gangway_record *request)
{
    store64(side->mine + GANGWAY_AT_DONE, UINT64_MAX);
    honest_echo(side, request);
    look_at_me(side);
}

static void lie_state(struct gangway_side *side, const struct gangway_record *request)
{
    store32(side->mine + GANGWAY_AT_STATE, 77);
    honest_echo(side, request);
    look_at_me(side);
}

static void bad_record(struct gangway_side *side, const struct gangway_record *request)
{
    store64(side->mine + GANGWAY_RING_OFFSET, gangway_first_word(64, 9, 0xff, 1));
    honest_echo(side, request);
    look_at_me(side);
}

static void bad_packet(struct gangway_side *side, const struct gangway_record *request)
{
    honest_echo(side, request);
    send(side->socket, "not a bell", 10, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void scribble(struct gangway_side *side, const struct gangway_record *request)
{
    (void)request;
    for (uint64_t end = now_ns() + 500000000u; now_ns() < end;)
        for (int i = 0; i < 1000; i++)
            store64(side->mine + random64() % (GANGWAY_SEGMENT_BYTES / 8) * 8, random64());
    shutdown(side->socket, SHUT_RDWR);
}

const struct gangway_departure gangway_departures[] = {
    { "honest", "works", ENDURE, NULL, NULL },
    { "unsealed", "refuses Welcome", REFUSE_WELCOME, unsealed, NULL },
    { "not-future-write", "refuses Welcome", REFUSE_WELCOME, writable, NULL },
    { "no-shrink-seal", "refuses Welcome", REFUSE_WELCOME, shrinkable, NULL },
    { "no-grow-seal", "refuses Welcome", REFUSE_WELCOME, growable, NULL },
    { "unsealed-mine", "refuses Welcome", REFUSE_WELCOME, unsealed_mine, NULL },
    { "short", "refuses Welcome", REFUSE_WELCOME, short_segment, NULL },
    { "empty", "refuses Welcome", REFUSE_WELCOME, empty_segment, NULL },
    { "long", "refuses Welcome", REFUSE_WELCOME, long_segment, NULL },
    { "short-mine", "refuses Welcome", REFUSE_WELCOME, short_mine, NULL },
    { "hugetlb", "refuses Welcome", REFUSE_WELCOME, hugetlb, NULL },
    { "hugetlb-mine", "refuses Welcome", REFUSE_WELCOME, hugetlb_mine, NULL },
    { "swapped", "refuses Welcome", REFUSE_WELCOME, swapped, NULL },
    { "same-twice", "refuses Welcome", REFUSE_WELCOME, same_twice, NULL },
    { "read-only-mine", "refuses Welcome", REFUSE_WELCOME, read_only_mine, NULL },
    { "regular-file", "refuses Welcome", REFUSE_WELCOME, regular_file, NULL },
    { "pipes", "refuses Welcome", REFUSE_WELCOME, pipes, NULL },
    { "no-descriptor", "refuses Welcome", REFUSE_WELCOME, no_descriptor, NULL },
    { "one-descriptor", "refuses Welcome", REFUSE_WELCOME, one_descriptor, NULL },
    { "three-descriptors", "refuses Welcome", REFUSE_WELCOME, three_descriptors, NULL },
    { "geometry-segment", "refuses Welcome", REFUSE_WELCOME, geometry_segment, NULL },
    { "geometry-ring", "refuses Welcome", REFUSE_WELCOME, geometry_ring, NULL },
    { "geometry-ring-offset", "refuses Welcome", REFUSE_WELCOME, geometry_ring_offset, NULL },
    { "geometry-slots", "refuses Welcome", REFUSE_WELCOME, geometry_slots, NULL },
    { "geometry-slot-bytes", "refuses Welcome", REFUSE_WELCOME, geometry_slot_bytes, NULL },
    { "geometry-slots-offset", "refuses Welcome", REFUSE_WELCOME, geometry_slots_offset, NULL },
    { "geometry-credits", "refuses Welcome", REFUSE_WELCOME, geometry_credits, NULL },
    { "geometry-inline", "refuses Welcome", REFUSE_WELCOME, geometry_inline, NULL },
    { "version-2", "refuses Welcome", REFUSE_WELCOME, version_2, NULL },
    { "magic", "refuses Welcome", REFUSE_WELCOME, magic, NULL },
    { "epoch", "refuses Welcome", REFUSE_WELCOME, epoch, NULL },
    { "welcome-type", "refuses Welcome", REFUSE_WELCOME, welcome_type, NULL },
    { "welcome-short", "refuses Welcome", REFUSE_WELCOME, welcome_short, NULL },
    { "welcome-lying", "refuses Welcome", REFUSE_WELCOME, welcome_lying, NULL },
    { "reject-long", "reports the refusal", REFUSE_WELCOME, reject_long, NULL },
    { "reject-unknown", "reports the refusal", REFUSE_WELCOME, reject_unknown, NULL },
    { "hang-up-1", "reports a hang-up", REFUSE_WELCOME, hang_up_1, NULL },
    { "stall-1", "gives up by its own deadline", REFUSE_WELCOME, stall_1, NULL },
    { "hang-up-2", "reports a hang-up", REFUSE_GO, hang_up_2, NULL },
    { "no-final-seal", "refuses Go", REFUSE_GO, no_final_seal, NULL },
    { "no-header", "refuses Go", REFUSE_GO, no_header, NULL },
    { "bad-header", "refuses Go", REFUSE_GO, bad_header, NULL },
    { "go-type", "refuses Go", REFUSE_GO, go_type, NULL },
    { "hang-up-3", "sees the connection end", END_CONNECTION, hang_up_3, NULL },
    { "hang-up-in-call", "its call is outcome-unknown", END_CONNECTION, NULL, hang_up_in_call },
    { "reply-generation", "ends the connection", END_CONNECTION, NULL, reply_generation },
    { "reply-length-later", "takes the reply or ends", END_CONNECTION, NULL, reply_length },
    { "reply-length", "ends the connection", END_CONNECTION, NULL, publish_241 },
    { "reply-length-max", "ends the connection", END_CONNECTION, NULL, publish_max },
    { "reply-twice", "takes one of the two", END_CONNECTION, NULL, reply_twice },
    { "silent", "gives up by its deadline", ENDURE, NULL, silent },
    { "lie-head", "ends the connection", END_CONNECTION, NULL, lie_head },
    { "lie-done", "ends the connection", END_CONNECTION, NULL, lie_done },
    { "lie-state", "ends the connection", END_CONNECTION, NULL, lie_state },
    { "bad-record", "ends the connection", END_CONNECTION, NULL, bad_record },
    { "bad-packet", "ends the connection", END_CONNECTION, NULL, bad_packet },
    { "scribble", "survives", END_CONNECTION, NULL, scribble },
    { NULL, NULL, ENDURE, NULL, NULL },
};
