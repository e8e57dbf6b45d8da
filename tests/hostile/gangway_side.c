// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "gangway_side.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static enum gangway_outcome broke(struct gangway_side *side, const char *complaint)
{
    side->peer_broke = true;
    side->complaint = complaint;
    return GANGWAY_PEER_BROKE;
}

// --- The header of a segment -------------------------------------------------------------------------------------

struct gangway_geometry gangway_geometry_of(uint32_t lanes)
{
    return (struct gangway_geometry){
        lanes == 0 ? GANGWAY_SEGMENT_BYTES : GANGWAY_SEGMENT_BYTES_WITH_LANES, GANGWAY_RING_OFFSET, GANGWAY_RING_BYTES,
        GANGWAY_SLOTS_OFFSET, GANGWAY_SLOTS, GANGWAY_SLOT_BYTES, GANGWAY_CREDITS, GANGWAY_INLINE_BYTES, lanes, 0,
    };
}

void gangway_write_header(struct gangway_side *side)
{
    struct gangway_geometry geometry = gangway_geometry_of(side->lanes);
    store32(side->mine + GANGWAY_AT_VERSION, GANGWAY_VERSION);
    memcpy(side->mine + GANGWAY_AT_GEOMETRY, &geometry, sizeof geometry);
    store32(side->mine + GANGWAY_AT_STATE, GANGWAY_STATE_OPEN);
    store64(side->mine + GANGWAY_AT_MAGIC, GANGWAY_MAGIC_SEGMENT);
}

bool gangway_check_header(const struct gangway_side *side)
{
    struct gangway_geometry copy, geometry = gangway_geometry_of(side->lanes);
    memcpy(&copy, side->theirs + GANGWAY_AT_GEOMETRY, sizeof copy);
    return load64(side->theirs + GANGWAY_AT_MAGIC) == GANGWAY_MAGIC_SEGMENT
        && load32(side->theirs + GANGWAY_AT_VERSION) == GANGWAY_VERSION
        && memcmp(&copy, &geometry, sizeof copy) == 0;
}

// --- Writing my ring (section 5) ---------------------------------------------------------------------------------

bool gangway_refresh(struct gangway_side *side)
{
    uint64_t head = load64(side->theirs + GANGWAY_AT_HEAD), done = load64(side->theirs + GANGWAY_AT_DONE);
    if (head < side->head || head > side->written || head % GANGWAY_LINE != 0)
        return broke(side, "head"), false;
    if (done < side->done || done > side->sent)
        return broke(side, "done"), false;
    side->head = head;
    side->done = done;
    return true;
}

void gangway_ring_bell(struct gangway_side *side)
{
    full_fence(); // between the record that was published and the reader's sleep word
    uint32_t sleep = load32(side->theirs + GANGWAY_AT_SLEEP);
    if ((sleep & 1) == 0 || sleep == side->rung)
        return;
    send(side->socket, "!", 1, MSG_DONTWAIT | MSG_NOSIGNAL); // EAGAIN: a bell is already waiting
    side->rung = sleep;
    side->bells++;
}

enum gangway_outcome gangway_write(struct gangway_side *side, const struct gangway_record *record)
{
    uint32_t length = GANGWAY_HEADER_BYTES + record->extension_bytes + record->payload_bytes;
    uint32_t bytes = (length + GANGWAY_LINE - 1) / GANGWAY_LINE * GANGWAY_LINE;
    uint8_t *ring = side->mine + GANGWAY_RING_OFFSET;
    uint32_t place = side->written % GANGWAY_RING_BYTES;
    uint32_t pad = place + bytes > GANGWAY_RING_BYTES ? GANGWAY_RING_BYTES - place : 0;

    if (!gangway_refresh(side))
        return GANGWAY_PEER_BROKE;
    // One line more than the record: the word behind it is zeroed, and must not be one that is still unread.
    if (side->written - side->head + pad + bytes + GANGWAY_LINE > GANGWAY_RING_BYTES)
        return GANGWAY_FULL;
    if (record->kind == GANGWAY_MESSAGE && side->sent - side->done >= GANGWAY_CREDITS)
        return GANGWAY_FULL;

    if (pad > 0) {
        store64(ring, 0);
        store64(ring + place + 8, 0);
        store64(ring + place, gangway_first_word(GANGWAY_HEADER_BYTES, GANGWAY_PAD, 0, 0));
        side->written += pad;
        place = 0;
    }

    store64(ring + place + 8, gangway_second_word(record->slot, record->generation));
    memcpy(ring + place + GANGWAY_HEADER_BYTES, record->bytes, length - GANGWAY_HEADER_BYTES);
    store64(ring + (place + bytes) % GANGWAY_RING_BYTES, 0);
    side->written += bytes;
    if (record->kind == GANGWAY_MESSAGE)
        side->sent++;
    // Published: from this store on, and not before, the peer sees the whole record.
    store64(ring + place, gangway_first_word(length, record->kind, record->flags, record->operation));
    gangway_ring_bell(side);
    return GANGWAY_DONE;
}

// --- Reading the peer's ring -------------------------------------------------------------------------------------

static uint32_t extension_bytes(const uint8_t *bytes, uint32_t available, uint8_t flags)
{
    uint32_t need = (flags & GANGWAY_FLAG_LARGEST ? 8 : 0) + (flags & GANGWAY_FLAG_DEADLINE ? 8 : 0);
    if (flags & GANGWAY_FLAG_CHAIN) {
        uint64_t count;
        if (available < need + 8)
            return UINT32_MAX;
        memcpy(&count, bytes + need, 8);
        if (count > 16)
            return UINT32_MAX;
        need += 8 + 8 * (uint32_t)count;
    }
    need += flags & GANGWAY_FLAG_TRACE ? 32 : 0;
    return need <= available ? need : UINT32_MAX;
}

// Rings a peer that waits for space or credit: when its ring runs dry, and every quarter of it (section 7, Space).
static void tell_space(struct gangway_side *side, bool dry)
{
    if (side->taken == side->space_told || (!dry && side->taken - side->space_told < GANGWAY_RING_BYTES / 4))
        return;
    side->space_told = side->taken;
    full_fence(); // between head, done and the sender's `wanted`
    if (load32(side->theirs + GANGWAY_AT_WANTED) != 0)
        gangway_ring_bell(side);
}

enum gangway_outcome gangway_take(struct gangway_side *side, struct gangway_record *record)
{
    const uint8_t *ring = side->theirs + GANGWAY_RING_OFFSET;
    uint32_t place = side->taken % GANGWAY_RING_BYTES;
    uint64_t first = load64(ring + place); // read once
    tell_space(side, first == 0);
    if (first == 0)
        return GANGWAY_NOTHING;

    uint32_t length = first & 0xffff, bytes = (length + GANGWAY_LINE - 1) / GANGWAY_LINE * GANGWAY_LINE;
    record->kind = first >> 16 & 0xff;
    record->flags = first >> 24 & 0xff;
    record->operation = first >> 32;

    if (record->kind == GANGWAY_PAD) {
        if (first != gangway_first_word(GANGWAY_HEADER_BYTES, GANGWAY_PAD, 0, 0) || place == 0)
            return broke(side, "pad");
        side->taken += GANGWAY_RING_BYTES - place;
        store64(side->mine + GANGWAY_AT_HEAD, side->taken);
        return gangway_take(side, record); // once only: the next place is 0, where no pad may be
    }
    if (record->kind != GANGWAY_MESSAGE && record->kind != GANGWAY_REQUEST)
        return broke(side, "kind");
    if (length < GANGWAY_HEADER_BYTES || length > GANGWAY_HEADER_BYTES + sizeof record->bytes)
        return broke(side, "length");
    if (place + bytes > GANGWAY_RING_BYTES)
        return broke(side, "past the end of the ring");
    if (record->flags & ~0x0f)
        return broke(side, "flags");

    uint64_t second = load64(ring + place + 8);
    memcpy(record->bytes, ring + place + GANGWAY_HEADER_BYTES, length - GANGWAY_HEADER_BYTES);

    // From here on only the copy is looked at: the peer may be changing the ring meanwhile.
    record->slot = second & 0xffff;
    record->generation = second >> 16;
    uint32_t extension = extension_bytes(record->bytes, length - GANGWAY_HEADER_BYTES, record->flags);
    if (extension == UINT32_MAX)
        return broke(side, "extension");
    if (length - GANGWAY_HEADER_BYTES - extension > GANGWAY_INLINE_BYTES)
        return broke(side, "payload");
    if (record->kind == GANGWAY_REQUEST) {
        if (record->slot >= GANGWAY_SLOTS)
            return broke(side, "slot");
        if (record->generation <= side->answered[record->slot])
            return broke(side, "generation");
        side->answered[record->slot] = record->generation;
    }
    record->extension_bytes = extension;
    record->payload_bytes = length - GANGWAY_HEADER_BYTES - extension;
    side->taken += bytes;
    store64(side->mine + GANGWAY_AT_HEAD, side->taken);
    return GANGWAY_DONE;
}

void gangway_complete_message(struct gangway_side *side)
{
    store64(side->mine + GANGWAY_AT_DONE, ++side->completed);
    full_fence(); // between done and the sender's `wanted`
    if (load32(side->theirs + GANGWAY_AT_WANTED) != 0)
        gangway_ring_bell(side);
}

// --- Lanes (section 8) -------------------------------------------------------------------------------------------

static void raise_bits(struct gangway_side *side, uint32_t offset, uint32_t bits)
{
    uint64_t set = load64(side->mine + offset), ack = load64(side->theirs + offset); // in this order
    uint32_t missing = ~(uint32_t)(set ^ ack) & bits;
    if (missing != 0)
        store64(side->mine + offset, (set + (UINT64_C(1) << 32)) ^ missing);
}

void gangway_signal_lane(struct gangway_side *side, unsigned lane, uint32_t bits)
{
    full_fence(); // between what the signal tells of and what was acknowledged
    raise_bits(side, GANGWAY_LANES_OFFSET + GANGWAY_LANES_LEVEL1 + 8 * lane, bits);
    full_fence();
    raise_bits(side, GANGWAY_LANES_OFFSET + 8 * (lane / 32), 1u << (lane % 32));
}

// --- Replies (section 6) -----------------------------------------------------------------------------------------

// Toggles the slot's bit, unless the caller has not taken it since the last time, and counts. One thread replies here.
static void signal_lane(struct gangway_side *side, unsigned slot)
{
    uint8_t *set = side->mine + GANGWAY_AT_REPLY_SET + 8 * (slot / 32);
    uint64_t bit = UINT64_C(1) << (slot % 32), word = load64(set);
    uint64_t taken = load64(side->theirs + GANGWAY_AT_REPLY_ACK + 8 * (slot / 32)); // after our own word
    word += UINT64_C(1) << 32;
    store64(set, (word ^ taken) & bit ? word : word ^ bit);
}

void gangway_publish_reply(struct gangway_side *side, unsigned slot, uint64_t generation, uint16_t status,
                           uint32_t length)
{
    uint8_t *reply = side->mine + GANGWAY_SLOTS_OFFSET + slot * GANGWAY_SLOT_BYTES;
    store32(reply + 8, length);
    store32(reply + 12, 0);
    store64(reply, generation | (uint64_t)status << 48);
    full_fence(); // between the reply and the caller's `waiting`
    uint32_t how = load32(side->theirs + GANGWAY_AT_WAITING + 4 * slot) & GANGWAY_WAITING_HOW;
    if (how == GANGWAY_WAITING_PARKED) {
        syscall(SYS_futex, reply, FUTEX_WAKE, 1, NULL, NULL, 0);
    } else if (how == GANGWAY_WAITING_ANNOUNCE) {
        signal_lane(side, slot);
        gangway_ring_bell(side);
    }
}

void gangway_reply(struct gangway_side *side, unsigned slot, uint64_t generation, uint16_t status,
                   const void *payload, uint32_t bytes)
{
    memcpy(side->mine + GANGWAY_SLOTS_OFFSET + slot * GANGWAY_SLOT_BYTES + 16, payload, bytes);
    gangway_publish_reply(side, slot, generation, status, bytes);
}

enum gangway_outcome gangway_look(struct gangway_side *side, unsigned slot, uint16_t *status, void *reply,
                                  uint32_t *bytes)
{
    const uint8_t *at = side->theirs + GANGWAY_SLOTS_OFFSET + slot * GANGWAY_SLOT_BYTES;
    uint64_t word = load64(at), generation = word & GANGWAY_GENERATION_MAX;
    if (generation == side->replied[slot])
        return GANGWAY_NOTHING; // the reply before this one, or none yet
    if (generation != side->generation[slot])
        return broke(side, "generation of a reply");
    uint32_t length = load32(at + 8);
    if (length > GANGWAY_REPLY_BYTES)
        return broke(side, "length of a reply");
    *status = word >> 48;
    *bytes = length;
    memcpy(reply, at + 16, length);
    side->replied[slot] = generation;
    return GANGWAY_DONE;
}

// --- Sleep and close (section 7) ---------------------------------------------------------------------------------

bool gangway_hung_up(struct gangway_side *side)
{
    for (;;) {
        union { char bytes[16]; struct gangway_packet word; } packet;
        ssize_t n = recv(side->socket, &packet, sizeof packet, MSG_DONTWAIT | MSG_TRUNC);
        bool last_word = n == sizeof packet.word && packet.word.type == GANGWAY_UNMAPPED
            && packet.word.bytes == sizeof packet.word && side->listens && !side->unmapped;
        side->unmapped |= last_word;
        if (n > 1 && !last_word)
            broke(side, "a packet that is no bell");
        if (n > 0)
            continue;
        return n == 0 || (errno != EAGAIN && errno != EINTR);
    }
}

bool gangway_sleep(struct gangway_side *side, int milliseconds, bool (*ready)(struct gangway_side *))
{
    side->sleeps += 2; // bit 0 says asleep, the rest is the number of this sleep
    store32(side->mine + GANGWAY_AT_SLEEP, side->sleeps | 1);
    full_fence(); // between the sleep word and everything that can wake me
    if (!ready(side)) {
        struct pollfd wait = { side->socket, POLLIN, 0 };
        poll(&wait, 1, milliseconds);
    }
    store32(side->mine + GANGWAY_AT_SLEEP, side->sleeps);
    return gangway_hung_up(side);
}

void gangway_side_close(struct gangway_side *side, uint32_t reason)
{
    if (side->mine != NULL) {
        store32(side->mine + GANGWAY_AT_REASON, reason);
        store32(side->mine + GANGWAY_AT_STATE, GANGWAY_STATE_CLOSING);
        munmap(side->mine, gangway_geometry_of(side->lanes).segment_bytes);
    }
    if (side->theirs != NULL)
        munmap((void *)(uintptr_t)side->theirs, gangway_geometry_of(side->lanes).segment_bytes);
    if (side->mine_fd >= 0)
        close(side->mine_fd);
    if (side->theirs_fd >= 0)
        close(side->theirs_fd);
    if (side->socket >= 0)
        close(side->socket);
    *side = (struct gangway_side){ .socket = -1, .mine_fd = -1, .theirs_fd = -1 };
}
