// SPDX-License-Identifier: MIT
//
// The words of our lanes: random values at full speed, announcements of nothing, lanes that nobody granted and bits that are
// not permitted (EV-05). Section 8 allows any value of any word: it must cost only us.
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <string.h>

#include "attack.h"

enum { GRANTED = 8, PERMITTED = 16 /* bits */, QUIET_MS = 100 };

struct liar {
    uint8_t *area;                         // of our `set` words
    void (*lie)(uint8_t *area, uint64_t random);
    bool stop;
    uint64_t lies;
};

// Any word, to anything: counts that go back, all bits of all lanes.
static void rewrite(uint8_t *area, uint64_t random) { store64(area + random % (GANGWAY_LANES_BYTES / 8) * 8, random64()); }

// A root says that something is there, and nothing is.
static void announce(uint8_t *area, uint64_t random)
{
    uint8_t *root = area + random % GANGWAY_LANE_ROOTS * 8;
    store64(root, load64(root) ^ (UINT64_C(1) << (random >> 32) % 32));
}

// As an honest sender would, but for lanes that were not granted, and for bits that are not permitted.
static void signal_what_is_not_ours(uint8_t *area, uint64_t random)
{
    uint32_t lane = random % GANGWAY_LANES, bit = (random >> 32) % 32;
    if (lane < GRANTED)
        bit |= PERMITTED;
    uint8_t *set = area + GANGWAY_LANES_LEVEL1 + 8 * lane, *root = area + 8 * (lane / 32);
    store64(set, (load64(set) + (UINT64_C(1) << 32)) ^ UINT64_C(1) << bit);
    store64(root, (load64(root) + (UINT64_C(1) << 32)) ^ UINT64_C(1) << (lane % 32));
}

static void *lie(void *argument)
{
    struct liar *liar = argument;
    for (; !__atomic_load_n(&liar->stop, __ATOMIC_RELAXED); liar->lies++)
        liar->lie(liar->area, random64());
    return NULL;
}

static bool count_signals(struct gangway_client *client, uint64_t counts[PERMITTED])
{
    uint8_t reply[GANGWAY_REPLY_BYTES];
    uint32_t bytes = 0;
    uint16_t status = 0;
    bool good = gangway_call(client, PEER_SIGNALS, NULL, 0, &status, reply, &bytes) == GANGWAY_DONE && status == 0
        && bytes == PERMITTED * sizeof *counts;
    if (good)
        memcpy(counts, reply, bytes);
    return good;
}

// After all the lies an honest signal of ours still comes.
static bool signal_arrives(struct gangway_client *client)
{
    uint64_t before[PERMITTED], now[PERMITTED];
    if (!count_signals(client, before))
        return false;
    gangway_signal_lane(&client->side, 1, 1u << 3);
    gangway_ring_bell(&client->side);
    for (uint64_t end = now_ns() + (uint64_t)WATCH_MS * 1000000u; now_ns() < end;)
        if (!count_signals(client, now) || now[3] != before[3])
            return now[3] > before[3];
    return false;
}

// Left alone, with whatever we have left in our words, the server goes to sleep and stays asleep.
static bool goes_to_sleep(struct gangway_client *client)
{
    uint32_t since = 0;
    uint64_t from = 0;
    for (uint64_t end = now_ns() + (uint64_t)WATCH_MS * 1000000u; now_ns() < end; poll(NULL, 0, 1)) {
        uint32_t sleep = load32(client->side.theirs + GANGWAY_AT_SLEEP);
        if ((sleep & 1) == 0 || sleep != since) {
            since = sleep;
            from = now_ns();
        } else if (now_ns() - from > (uint64_t)QUIET_MS * 1000000u) {
            return true;
        }
    }
    return false;
}

static void lie_about_lanes(const struct context *context, const char *name, void (*how)(uint8_t *, uint64_t), bool is_silent)
{
    struct gangway_client client;
    pthread_t thread;
    uint64_t calls = 0, counts[PERMITTED] = { 0 };
    enum gangway_outcome outcome = gangway_dial(&client, context->path);
    client.hello.lanes_to_server = GANGWAY_LANES;
    if (outcome == GANGWAY_DONE)
        outcome = gangway_advance(&client, GANGWAY_STEP_UP);
    bool good = outcome == GANGWAY_DONE;
    for (uint32_t lane = 0; good && lane < GRANTED; lane++) {
        uint32_t granted = UINT32_MAX, bytes = 0;
        uint8_t reply[GANGWAY_REPLY_BYTES];
        uint16_t status = 0;
        good = gangway_call(&client, PEER_LANE, NULL, 0, &status, reply, &bytes) == GANGWAY_DONE && status == 0
            && bytes == sizeof granted;
        memcpy(&granted, reply, sizeof granted);
        good = good && granted == lane;
    }
    if (!good || !signal_arrives(&client)) {
        result(name, THROUGH, "the attack could not begin: %s, code %u %s", gangway_outcome_name(outcome),
               client.reject.code, client.reject.text);
        return;
    }

    struct liar liar = { client.side.mine + GANGWAY_LANES_OFFSET, how, false, 0 };
    pthread_create(&thread, NULL, lie, &liar);
    for (uint64_t end = now_ns() + (uint64_t)(context->seconds * 1e9 / 3); good && now_ns() < end; calls++) {
        good = echo_works(&client);
        poke(&client);
    }
    __atomic_store_n(&liar.stop, true, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
    bool sleeps = goes_to_sleep(&client), arrives = signal_arrives(&client);
    good = count_signals(&client, counts) && good;

    // Where no granted lane said a permitted bit, none but our two honest ones has come.
    bool exact = true;
    for (int bit = 0; is_silent && bit < PERMITTED; bit++)
        exact = exact && counts[bit] == (bit == 3 ? 2 : 0);
    expect(name, good && calls > 0 && sleeps && arrives && exact,
           "%lu calls answered beside %lu lies; then the server %s, a signal %s, %s",
           (unsigned long)calls, (unsigned long)liar.lies, sleeps ? "sleeps" : "is busy", arrives ? "arrives" : "is lost",
           exact ? "and nothing that was not signalled" : "and more than was signalled");
    gangway_close(&client);
}

static void lanes(const struct context *context)
{
    lie_about_lanes(context, "lanes-rewritten", rewrite, false);
    lie_about_lanes(context, "lanes-announced", announce, true);
    lie_about_lanes(context, "lanes-not-ours", signal_what_is_not_ours, true);
}

const struct attack lane_attacks[] = {
    { "lanes", "EV-05", lanes, "random lane words, announcements of nothing, lanes and bits that are not ours, at full speed", false },
    { 0 },
};
