// SPDX-License-Identifier: MIT
//
// What is in the ring: every boundary value, records that change while they are read, slots, credits (3, 4, 5, 7).
#define _GNU_SOURCE
#include <pthread.h>
#include <string.h>

#include "attack.h"

// --- 4: the exact accept set ---------------------------------------------------------------------------------------

struct trial {
    const char *name;
    uint64_t first, second;
    uint8_t rest[1024];
    uint32_t rest_bytes;
    bool good; // what the protocol says
};

struct tally { int right, wrong; };

// Writes a pad over the rest of the ring.
static void pad_to_start(struct gangway_client *client)
{
    uint64_t place = client->side.written % GANGWAY_RING_BYTES;
    put_raw(client, gangway_first_word(16, GANGWAY_PAD, 0, 0), 0, NULL, 0);
    client->side.written += GANGWAY_RING_BYTES - place;
}

static bool reply_appears(struct gangway_client *client, uint64_t slot, uint64_t generation)
{
    const uint8_t *reply = client->side.theirs + GANGWAY_SLOTS_OFFSET + slot * GANGWAY_SLOT_BYTES;
    for (uint64_t end = now_ns() + WATCH_MS * UINT64_C(1000000); now_ns() < end;)
        if ((load64(reply) & GANGWAY_GENERATION_MAX) == generation)
            return true;
    return false;
}

// Tries one record behind an ordinary one, so that it is not at offset 0. A good one must be taken, and the connection
// must go on; a bad one must end it as a broken protocol. A connection that survived is used again.
static void try_record(const struct context *context, struct gangway_client *client, bool *open,
                       const struct trial *trial, struct tally *tally)
{
    if (!*open && !connected(context, client, trial->name))
        return;
    *open = true;
    if (GANGWAY_RING_BYTES - client->side.written % GANGWAY_RING_BYTES < 2 * GANGWAY_SLOT_BYTES + 1024)
        pad_to_start(client); // so that no trial fails for being at the end of the ring
    client->side.next_slot = 1; // a slot that no trial uses
    if (!echo_works(client)) {
        result(trial->name, THROUGH, "the connection does not answer: %s, written %lu, state %d", client->side.complaint,
               (unsigned long)client->side.written, (int)end_reason(client));
        gangway_close(client);
        *open = false;
        tally->wrong++;
        return;
    }
    uint32_t length = trial->first & 0xffff, bytes = (length + GANGWAY_LINE - 1) / GANGWAY_LINE * GANGWAY_LINE;
    uint64_t position = client->side.written;
    if ((trial->first >> 16 & 0xff) == GANGWAY_PAD)
        bytes = GANGWAY_RING_BYTES - position % GANGWAY_RING_BYTES;
    put_raw(client, trial->first, trial->second, trial->rest, trial->rest_bytes);
    poke(client);
    int taken = taken_or_ended(client, position + (trial->good ? bytes : 1));
    bool right = taken == (trial->good ? 1 : 0);
    if (trial->good && right) {
        client->side.written += bytes;
        client->side.sent += (trial->first >> 16 & 0xff) == GANGWAY_MESSAGE;
        if ((trial->first >> 16 & 0xff) == GANGWAY_REQUEST)
            right = reply_appears(client, trial->second & 0xffff, trial->second >> 16);
    } else if (!trial->good) {
        // The head may pass a record that is refused a moment later. A connection that still answers did not refuse it.
        client->side.written += bytes;
        right = (taken == 0 || (taken == 1 && !echo_works(client))) && ended(client, WATCH_MS)
            && end_reason(client) == GANGWAY_REASON_PEER_BROKE_PROTOCOL;
    }
    *open = trial->good && taken == 1;
    tally->right += right;
    tally->wrong += !right;
    if (!right)
        result(trial->name, THROUGH, "first word %016lx second %016lx at %lu: %s, reason %d, expected to be %s",
               (unsigned long)trial->first, (unsigned long)trial->second, (unsigned long)(position % GANGWAY_RING_BYTES),
               taken == 1 ? "taken" : taken == 0 ? "ended" : "ignored", (int)end_reason(client),
               trial->good ? "taken" : "refused");
    if (!*open)
        gangway_close(client);
}

static void boundaries(const struct context *context)
{
    struct gangway_client client;
    struct tally tally = { 0, 0 };
    struct trial trial = { .name = "boundaries" };
    bool open = false;
    uint64_t generation = 1000; // rises with each request on slot 63

#define TRY(GOOD, LENGTH, KIND, FLAGS, OPERATION, SECOND)                                                               \
    do {                                                                                                               \
        trial.first = gangway_first_word(LENGTH, KIND, FLAGS, OPERATION);                                              \
        trial.second = SECOND;                                                                                         \
        trial.good = GOOD;                                                                                             \
        try_record(context, &client, &open, &trial, &tally);                                                           \
    } while (0)
#define REQUEST gangway_second_word(63, ++generation)

    for (int kind = 0; kind < 256; kind++) // a pad of 64 bytes is none
        TRY(kind == GANGWAY_MESSAGE || kind == GANGWAY_REQUEST, 64, kind, 0, PEER_ECHO,
            kind == GANGWAY_REQUEST ? REQUEST : 0);

    // Lengths: from less than a header to all that 16 bits hold.
    static const uint16_t lengths[] = { 0, 1, 15, 16, 17, 63, 64, 65, 527, 528, 529, 711, 712, 713, 4096, 8191, 8192, 8193,
                                        0x7fff, 0x8000, 0xffff };
    for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        TRY(lengths[i] >= 16 && lengths[i] <= 528, lengths[i], GANGWAY_MESSAGE, 0, PEER_NOTE, 0);
        TRY(lengths[i] >= 16 && lengths[i] <= 528, lengths[i], GANGWAY_REQUEST, 0, PEER_ECHO, REQUEST);
    }

    // Flags: unknown ones, and known ones whose extension does and does not fit.
    for (int flags = 0x10; flags < 0x100; flags <<= 1)
        TRY(false, 256, GANGWAY_REQUEST, flags, PEER_ECHO, REQUEST);
    TRY(false, 256, GANGWAY_REQUEST, 0xff, PEER_ECHO, REQUEST);
    for (int flags = 0; flags < 0x10; flags++) {
        uint32_t need = (flags & 1 ? 8 : 0) + (flags & 2 ? 8 : 0), chain = need;
        memset(trial.rest, 0, sizeof trial.rest);
        trial.rest_bytes = sizeof trial.rest;
        if (flags & 1)
            store64(trial.rest, GANGWAY_REPLY_BYTES);
        if (flags & 2) // a deadline one minute away
            store64(trial.rest + (flags & 1 ? 8 : 0), now_ns() + UINT64_C(60000000000));
        need += (flags & 4 ? 8 : 0) + (flags & 8 ? 32 : 0);
        TRY(true, 16 + need, GANGWAY_REQUEST, flags, PEER_ECHO, REQUEST);
        if (need > 0)
            TRY(false, 16 + need - 1, GANGWAY_REQUEST, flags, PEER_ECHO, REQUEST);
        TRY(true, 16 + need + 512, GANGWAY_REQUEST, flags, PEER_ECHO, REQUEST);
        TRY(false, 16 + need + 513, GANGWAY_REQUEST, flags, PEER_ECHO, REQUEST);
        if ((flags & 4) == 0)
            continue;
        static const uint64_t counts[] = { 1, 16, 17, 0x7fffffff, 0x80000000, 0xffffffff, UINT64_C(1) << 32,
                                           UINT64_C(1) << 60, UINT64_C(1) << 61, UINT64_MAX / 8, UINT64_MAX };
        for (unsigned i = 0; i < sizeof counts / sizeof *counts; i++) {
            store64(trial.rest + chain, counts[i]);
            TRY(counts[i] <= 16, 16 + need + (counts[i] <= 16 ? 8 * counts[i] : 128), GANGWAY_REQUEST, flags, PEER_ECHO,
                REQUEST);
        }
        store64(trial.rest + chain, 16); // as many as there may be, and one byte too few
        TRY(false, 16 + need + 127, GANGWAY_REQUEST, flags, PEER_ECHO, REQUEST);
    }
    trial.rest_bytes = 0;

    // Pads: only of 16 bytes, only in their first word, only behind offset 0.
    TRY(true, 16, GANGWAY_PAD, 0, 0, 0);
    TRY(false, 17, GANGWAY_PAD, 0, 0, 0);
    TRY(false, 0, GANGWAY_PAD, 0, 0, 0);
    TRY(false, 16, GANGWAY_PAD, 1, 0, 0);
    TRY(false, 16, GANGWAY_PAD, 0, 1, 0);

    // Slots and generations.
    static const uint32_t slots[] = { 64, 65, 127, 255, 256, 0x7fff, 0x8000, 0xffff };
    for (unsigned i = 0; i < sizeof slots / sizeof *slots; i++)
        TRY(false, 64, GANGWAY_REQUEST, 0, PEER_ECHO, gangway_second_word(slots[i], 1));
    TRY(false, 64, GANGWAY_REQUEST, 0, PEER_ECHO, gangway_second_word(0, 0));
    TRY(true, 64, GANGWAY_REQUEST, 0, PEER_ECHO, gangway_second_word(0, GANGWAY_GENERATION_MAX));
    TRY(true, 64, GANGWAY_REQUEST, 0, PEER_ECHO, gangway_second_word(5, 100));
    TRY(false, 64, GANGWAY_REQUEST, 0, PEER_ECHO, gangway_second_word(5, 100)); // the same once more
    TRY(true, 64, GANGWAY_REQUEST, 0, PEER_ECHO, gangway_second_word(5, UINT64_C(0x100000000)));
    TRY(false, 64, GANGWAY_REQUEST, 0, PEER_ECHO, gangway_second_word(5, 99)); // lower, also in its low 32 bits
    if (open)
        gangway_close(&client);
#undef TRY
#undef REQUEST
    expect("boundaries", tally.wrong == 0, "%d records taken or refused as the protocol says, %d not", tally.right,
           tally.wrong);
}

// The two places of a ring where the bounds are special: its start and its end.
static void ring_ends(const struct context *context)
{
    struct gangway_client client;
    if (connected(context, &client, "pad-at-0")) { // would make the reader turn for ever
        put_raw(&client, gangway_first_word(16, GANGWAY_PAD, 0, 0), 0, NULL, 0);
        poke(&client);
        expect_fault("pad-at-0", &client);
    }
    static const struct { const char *name; uint32_t kind; } kinds[] = { { "message-past-the-end", GANGWAY_MESSAGE },
                                                                         { "request-past-the-end", GANGWAY_REQUEST } };
    for (int k = 0; k < 2; k++) {
        if (!connected(context, &client, kinds[k].name))
            continue;
        struct gangway_record line = { .kind = GANGWAY_MESSAGE, .operation = PEER_NOTE, .payload_bytes = 48 };
        while (client.side.written < GANGWAY_RING_BYTES - GANGWAY_LINE)
            if (gangway_write(&client.side, &line) == GANGWAY_PEER_BROKE)
                break;
        put_raw(&client, gangway_first_word(65, kinds[k].kind, 0, PEER_ECHO), gangway_second_word(0, 1), NULL, 0);
        poke(&client);
        expect_fault(kinds[k].name, &client);
    }
}

// --- 3 and 5: records that change while they are read ---------------------------------------------------------------

struct flipper {
    uint8_t *ring;
    uint64_t a, b;
    uint32_t offset;   // within each line, of the word that flips
    bool stop;
    uint64_t flips;
};

static void *flip(void *argument)
{
    struct flipper *flipper = argument;
    uint64_t n = 0;
    while (!__atomic_load_n(&flipper->stop, __ATOMIC_RELAXED))
        for (uint32_t line = 0; line < GANGWAY_RING_BYTES; line += GANGWAY_LINE, n++)
            store64(flipper->ring + line + flipper->offset, n & 1 ? flipper->a : flipper->b);
    flipper->flips = n;
    return NULL;
}

// A second thread flips one word of every line of the ring between two values for as long as asked; the connection is
// made anew whenever the server ends it. The first word is flipped by itself: every line is a record, of one kind or the
// other. Behind other words an honest writer writes requests, with these flags.
static void flip_attack(const struct context *context, const char *name, uint32_t offset, uint64_t a, uint64_t b,
                        uint8_t flags, bool harmless)
{
    uint64_t flips = 0, records = 0;
    int connections = 0, faults = 0, other = 0;
    for (uint64_t end = now_ns() + (uint64_t)(context->seconds * 1e9); now_ns() < end; connections++) {
        struct gangway_client client;
        pthread_t thread;
        if (!connected(context, &client, name))
            return;
        if (!echo_works(&client)) { // the server has seen Up before the flipping begins
            result(name, THROUGH, "a new connection does not answer");
            return;
        }
        struct flipper flipper = { client.side.mine + GANGWAY_RING_OFFSET, a, b, offset, false, 0 };
        struct gangway_record record = { .kind = GANGWAY_REQUEST, .flags = flags, .operation = PEER_ECHO,
                                         .payload_bytes = 48 };
        pthread_create(&thread, NULL, flip, &flipper);
        for (uint64_t n = 0, round_end = now_ns() + 200000000; now_ns() < round_end && !gangway_hung_up(&client.side);) {
            record.slot = 1 + n % 63;
            record.generation = 2 + n / 63;
            // Who must not be ended waits for a slot's reply before it uses the slot again: handlers may be slower than the ring.
            const uint8_t *reply = client.side.theirs + GANGWAY_SLOTS_OFFSET + record.slot * GANGWAY_SLOT_BYTES;
            if (harmless && n >= 63 && (load64(reply) & GANGWAY_GENERATION_MAX) != record.generation - 1)
                continue;
            if (offset != 0 && gangway_write(&client.side, &record) == GANGWAY_DONE)
                n++, records++;
            else
                poke(&client);
        }
        __atomic_store_n(&flipper.stop, true, __ATOMIC_RELAXED);
        pthread_join(thread, NULL);
        flips += flipper.flips;
        if (gangway_hung_up(&client.side)) {
            faults += end_reason(&client) == GANGWAY_REASON_PEER_BROKE_PROTOCOL;
            other += end_reason(&client) != GANGWAY_REASON_PEER_BROKE_PROTOCOL;
        }
        gangway_close(&client);
    }
    expect(name, other == 0 && (!harmless || faults == 0),
           "%lu flips, %lu records written, %d connections, %d ended as broken, %d otherwise", (unsigned long)flips,
           (unsigned long)records, connections, faults, other);
}

static void flipping(const struct context *context)
{
    uint64_t small = gangway_first_word(64, GANGWAY_MESSAGE, 0, PEER_NOTE);
    uint64_t large = gangway_first_word(528, GANGWAY_MESSAGE, 0, PEER_NOTE);
    flip_attack(context, "flip-length", 0, small, large, 0, false);
    flip_attack(context, "flip-length-to-lie", 0, small, gangway_first_word(0xffff, GANGWAY_MESSAGE, 0, PEER_NOTE), 0,
                false);
    flip_attack(context, "flip-kind", 0, small, gangway_first_word(16, GANGWAY_PAD, 0, 0), 0, false);
    flip_attack(context, "flip-slot", 8, gangway_second_word(63, GANGWAY_GENERATION_MAX - 1),
                gangway_second_word(0xffff, GANGWAY_GENERATION_MAX), 0, false);
    // The count of a chain, after it was checked: the extension would reach far behind the record.
    flip_attack(context, "flip-chain", 16, 1, UINT64_MAX / 8, GANGWAY_FLAG_CHAIN, false);
    flip_attack(context, "flip-chain-lawful", 16, 0, 5, GANGWAY_FLAG_CHAIN, true);
    flip_attack(context, "flip-payload", 24, 0, UINT64_MAX, 0, true); // any bytes are a payload
}

// --- 7: positions past 32 bits --------------------------------------------------------------------------------------

// Positions start at zero and cannot be chosen, so they are driven there: a request, then a pad over the rest of the
// ring, is 8,192 bytes a turn. Generations can be chosen: they start just before 32 bits and jump to the end of 48.
static void positions(const struct context *context)
{
    struct gangway_client client;
    uint64_t goal = context->seconds >= 5 ? (UINT64_C(1) << 32) + (1 << 20) : UINT64_C(1) << 28;
    if (!connected(context, &client, "positions"))
        return;
    struct gangway_side *side = &client.side;
    for (unsigned i = 0; i < GANGWAY_SLOTS; i++)
        side->generation[i] = UINT64_C(0xfffffffd);
    bool good = true;
    uint64_t calls = 0;
    while (good && side->written < goal) {
        good = echo_works(&client);
        calls++;
        pad_to_start(&client);
    }
    expect("positions", good, "%lu calls, position %lx, last generation %lx", (unsigned long)calls,
           (unsigned long)side->written, (unsigned long)side->generation[0]);
    for (unsigned i = 0; i < GANGWAY_SLOTS && good; i++)
        side->generation[i] = GANGWAY_GENERATION_MAX - 1;
    for (unsigned i = 0; i < GANGWAY_SLOTS && good; i++)
        good = echo_works(&client);
    expect("generations", good, "the last generation of each slot works");
    gangway_close(&client);
}

// --- Slots, credits, replies that nobody reads ------------------------------------------------------------------------

static void pending_slot(const struct context *context)
{
    struct gangway_client client;
    enum gangway_outcome outcome;
    if (!connected(context, &client, "pending-slot"))
        return;
    int slot = gangway_request(&client, PEER_HOLD, "", 0, &outcome);
    if (slot < 0 || taken_or_ended(&client, client.side.written) != 1) {
        result("pending-slot", THROUGH, "the first request was not taken");
        return;
    }
    client.side.next_slot = (unsigned)slot; // the same slot, a higher generation, and no reply yet
    gangway_request(&client, PEER_ECHO, "", 0, &outcome);
    poke(&client);
    expect_fault("pending-slot", &client);
}

// Takes all slots of a handler that does not answer, then goes away: what it held must be given back.
static void hold_all(const struct context *context)
{
    struct gangway_client client;
    enum gangway_outcome outcome = GANGWAY_DONE;
    if (!connected(context, &client, "hold-all"))
        return;
    for (int i = 0; i < GANGWAY_SLOTS && outcome == GANGWAY_DONE; i++)
        gangway_request(&client, PEER_HOLD, "", 0, &outcome);
    int taken = outcome == GANGWAY_DONE ? taken_or_ended(&client, client.side.written) : -1;
    expect("hold-all", taken == 1, "64 requests were taken and held (%d)", taken);
    gangway_close(&client);
}

// Ignores the credits, never reads a reply, reuses the slots: the ring's space is all that holds it.
static void flood(const struct context *context, const char *name, uint8_t kind, uint32_t operation)
{
    struct gangway_client client;
    if (!connected(context, &client, name))
        return;
    struct gangway_side *side = &client.side;
    uint64_t records = 0;
    for (uint64_t end = now_ns() + (uint64_t)(context->seconds * 1e9); now_ns() < end;) {
        struct gangway_record record = { .kind = kind, .operation = operation, .payload_bytes = 48 };
        if (kind == GANGWAY_REQUEST) {
            record.slot = records % GANGWAY_SLOTS;
            record.generation = records / GANGWAY_SLOTS + 1;
        }
        side->sent = side->done; // as if it had never sent one
        if (gangway_write(side, &record) == GANGWAY_DONE)
            records++;
        else if (side->peer_broke)
            side->peer_broke = false, side->sent = side->done = load64(side->theirs + GANGWAY_AT_DONE);
        else if (gangway_hung_up(side))
            break;
    }
    bool over = gangway_hung_up(side);
    expect(name, !over || end_reason(&client) == GANGWAY_REASON_PEER_BROKE_PROTOCOL, "%lu records; %s",
           (unsigned long)records, over ? "ended as broken" : "never ended: it was held by the space of its own ring");
    gangway_close(&client);
}

static void floods(const struct context *context)
{
    flood(context, "flood-messages", GANGWAY_MESSAGE, PEER_NOTE);
    flood(context, "flood-requests-unread", GANGWAY_REQUEST, PEER_ECHO);
    flood(context, "flood-unknown-operation", GANGWAY_REQUEST, 0xdeadbeef);
    flood(context, "flood-hold", GANGWAY_REQUEST, PEER_HOLD);
}

const struct attack record_attacks[] = {
    { "boundaries", "4", boundaries, "every kind; boundary lengths, flags, chains, slots, generations: the exact accept set", false },
    { "ring-ends", "4", ring_ends, "a pad at offset 0, records past the end", false },
    { "flipping", "3, 5", flipping, "a second thread flips words of records while they are read", false },
    { "positions", "7", positions, "positions past 2^32 (with 5 s or more), generations to the end of 48 bits", false },
    { "pending-slot", "4", pending_slot, "a request on a slot whose reply has not come", false },
    { "hold-all", "22", hold_all, "takes all slots and goes away", false },
    { "floods", "1, 4", floods, "messages beyond the credits, requests whose replies nobody reads", false },
    { 0 },
};
