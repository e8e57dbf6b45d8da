// SPDX-License-Identifier: MIT
//
// Our own header words: lies, random values at full speed, and the futex behind a reply (6, 8, 20, SH-05).
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "attack.h"

enum { PUSHED_BYTES = GANGWAY_LINE }; // a pushed message: 16 bytes of header, 8 of payload

// Asks the server to send messages until it must look at our head and done: it has 64 credits.
static enum gangway_outcome make_it_look(struct gangway_client *client)
{
    uint32_t count = 1000, bytes;
    uint16_t status;
    uint8_t reply[GANGWAY_REPLY_BYTES];
    return gangway_call(client, PEER_PUSH, &count, sizeof count, &status, reply, &bytes);
}

// 6: head and done that were never reached, are no multiples, or go back.
static void lying_head(const struct context *context)
{
    static const struct { const char *name; uint32_t offset; uint64_t value; bool back; } lies[] = {
        { "head-past-written", GANGWAY_AT_HEAD, UINT64_C(1) << 20, false },
        { "head-little-past", GANGWAY_AT_HEAD, 80 * GANGWAY_LINE, false }, // more than 64 credits allow
        { "head-max", GANGWAY_AT_HEAD, UINT64_MAX - 63, false },
        { "head-unaligned", GANGWAY_AT_HEAD, 1, false },
        { "head-back", GANGWAY_AT_HEAD, PUSHED_BYTES, true },
        { "done-past-sent", GANGWAY_AT_DONE, 200, false }, // likewise
        { "done-max", GANGWAY_AT_DONE, UINT64_MAX, false },
        { "done-back", GANGWAY_AT_DONE, 1, true },
    };
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        struct gangway_client client;
        struct gangway_record message;
        uint32_t two = 2, bytes;
        uint16_t status;
        uint8_t reply[GANGWAY_REPLY_BYTES];
        if (!connected(context, &client, lies[i].name))
            continue;
        enum gangway_outcome outcome = gangway_call(&client, PEER_PUSH, &two, sizeof two, &status, reply, &bytes);
        int taken = 0;
        while (lies[i].back && taken < 2 && outcome == GANGWAY_DONE)
            if (gangway_take(&client.side, &message) == GANGWAY_DONE) {
                gangway_complete_message(&client.side);
                taken++;
            }
        if (lies[i].back) { // seen by the server while it was true
            uint32_t more = 70;
            outcome = gangway_call(&client, PEER_PUSH, &more, sizeof more, &status, reply, &bytes);
        }
        if (outcome != GANGWAY_DONE) {
            result(lies[i].name, THROUGH, "the server did not push: %s", gangway_outcome_name(outcome));
            continue;
        }
        store64(client.side.mine + lies[i].offset, lies[i].value);
        make_it_look(&client);
        poke(&client);
        expect_fault(lies[i].name, &client);
    }
}

// State: what is over 3 or goes back. A reader need not look before the hang-up; if it does, it must refuse.
static void lying_state(const struct context *context)
{
    static const uint32_t states[][2] = { { 77, 1 }, { 0xffffffff, 0 }, { 3, 1 }, { 2, 1 }, { 0, 0 } };
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        struct gangway_client client;
        if (!connected(context, &client, "lying-state"))
            continue;
        for (int k = 0; k < 2; k++) {
            store32(client.side.mine + GANGWAY_AT_REASON, 0xdeadbeef);
            store32(client.side.mine + GANGWAY_AT_STATE, states[i][k]);
            poke(&client);
            echo_works(&client);
        }
        shutdown(client.side.socket, SHUT_WR); // now it must look
        bool over = ended(&client, WATCH_MS);
        expect("lying-state", over, "state %u then %u; the server's reason: %d", states[i][0],
               states[i][1], (int)end_reason(&client));
        gangway_close(&client);
    }
}

struct noise {
    uint8_t *segment;
    const uint32_t *offsets; // of 32-bit words; NULL: the whole segment
    size_t count;
    bool stop;
    uint64_t writes;
    uint32_t cleared; // bits that are never written: cancelling one's own call is no lie
};

static void *make_noise(void *argument)
{
    struct noise *noise = argument;
    uint64_t n = 0;
    for (; !__atomic_load_n(&noise->stop, __ATOMIC_RELAXED); n++)
        if (noise->offsets != NULL)
            store32(noise->segment + noise->offsets[n % noise->count], (uint32_t)random64() & ~noise->cleared);
        else
            store64(noise->segment + random64() % (GANGWAY_SEGMENT_BYTES / 8) * 8, random64());
    noise->writes = n;
    return NULL;
}

// 8: hints may lie at any rate, and calls work all the same. (Words that the server owns cannot be overwritten at all:
// write-server shows it.)
static void noisy_hints(const struct context *context)
{
    enum { OTHERS = 13 };
    uint32_t offsets[OTHERS + GANGWAY_SLOTS] = { GANGWAY_AT_SLEEP, GANGWAY_AT_CPU, GANGWAY_AT_WANTED, GANGWAY_AT_CANCELS,
                                                 GANGWAY_AT_CANCELS + 4 };
    struct gangway_client client;
    pthread_t thread;
    uint64_t calls = 0;
    bool good = true;
    for (uint32_t i = 0; i < GANGWAY_SLOTS; i++)
        offsets[OTHERS + i] = GANGWAY_AT_WAITING + 4 * i;
    for (uint32_t i = 0; i < 4; i++) {
        offsets[5 + i] = GANGWAY_AT_REPLY_SET + 4 * i;
        offsets[9 + i] = GANGWAY_AT_REPLY_ACK + 4 * i;
    }
    if (!connected(context, &client, "noisy-hints"))
        return;
    struct noise noise = { client.side.mine, offsets, OTHERS + GANGWAY_SLOTS, false, 0, GANGWAY_WAITING_CANCELLED };
    pthread_create(&thread, NULL, make_noise, &noise);
    for (uint64_t end = now_ns() + (uint64_t)(context->seconds * 1e9); good && now_ns() < end; calls++)
        good = echo_works(&client);
    __atomic_store_n(&noise.stop, true, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
    expect("noisy-hints", good && calls > 0, "%lu calls answered beside %lu random writes", (unsigned long)calls,
           (unsigned long)noise.writes);
    gangway_close(&client);
}

// 8, SH-05: random bytes over everything that may lie, or over the whole segment, at full speed; a new connection each
// time the server ends one.
static void noisy(const struct context *context, const char *name, const uint32_t *offsets, size_t count)
{
    uint64_t writes = 0;
    int connections = 0, faults = 0, other = 0;
    for (uint64_t end = now_ns() + (uint64_t)(context->seconds * 1e9); now_ns() < end; connections++) {
        struct gangway_client client;
        pthread_t thread;
        if (!connected(context, &client, name))
            return;
        if (!echo_works(&client)) { // the server has seen Up and a good header before the noise begins
            result(name, THROUGH, "a new connection does not answer");
            return;
        }
        struct noise noise = { client.side.mine, offsets, count, false, 0, 0 };
        pthread_create(&thread, NULL, make_noise, &noise);
        // Half of the rounds talk meanwhile, as far as that is possible; all of them poke.
        for (uint64_t round_end = now_ns() + 100000000; now_ns() < round_end && !gangway_hung_up(&client.side);) {
            enum gangway_outcome outcome;
            if (connections % 2 == 0)
                gangway_request(&client, 1 + random64() % 6, &writes, sizeof writes, &outcome);
            client.side.peer_broke = false;
            poke(&client);
        }
        __atomic_store_n(&noise.stop, true, __ATOMIC_RELAXED);
        pthread_join(thread, NULL);
        writes += noise.writes;
        if (gangway_hung_up(&client.side)) {
            faults += end_reason(&client) == GANGWAY_REASON_PEER_BROKE_PROTOCOL;
            other += end_reason(&client) != GANGWAY_REASON_PEER_BROKE_PROTOCOL;
        }
        gangway_close(&client);
    }
    expect(name, other == 0, "%lu random writes, %d connections, %d ended as broken, %d otherwise",
           (unsigned long)writes, connections, faults, other);
}

static void noisy_words(const struct context *context)
{
    static const uint32_t offsets[] = { GANGWAY_AT_HEAD, GANGWAY_AT_HEAD + 4, GANGWAY_AT_DONE, GANGWAY_AT_DONE + 4,
                                        GANGWAY_AT_STATE, GANGWAY_AT_REASON, GANGWAY_AT_SLEEP, GANGWAY_AT_WANTED,
                                        GANGWAY_AT_REPLY_SET, GANGWAY_AT_REPLY_ACK, GANGWAY_AT_MAGIC,
                                        GANGWAY_AT_VERSION, GANGWAY_AT_GEOMETRY, GANGWAY_AT_GEOMETRY + 8 };
    noisy(context, "noisy-words", offsets, sizeof offsets / sizeof *offsets);
}

static void scribble(const struct context *context) { noisy(context, "scribble", NULL, 0); }

// --- 20: futexes ----------------------------------------------------------------------------------------------------

struct waiter {
    const uint8_t *reply; // in the server's segment, where a reply will appear
    uint32_t *own;        // a word of ours
    bool priority;        // wait so that it can be requeued to a priority-inheritance futex
    bool stop;
};

static void *wait_for_reply(void *argument)
{
    struct waiter *waiter = argument;
    while (!__atomic_load_n(&waiter->stop, __ATOMIC_RELAXED)) {
        struct timespec relative = { 0, 50000000 }, absolute;
        clock_gettime(CLOCK_MONOTONIC, &absolute);
        absolute.tv_nsec += 50000000;
        absolute.tv_sec += absolute.tv_nsec / 1000000000;
        absolute.tv_nsec %= 1000000000;
        uint32_t value = load32(waiter->reply);
        if (waiter->priority) // FUTEX_WAKE refuses such a waiter with EINVAL: the waker must bear it
            syscall(SYS_futex, waiter->reply, FUTEX_WAIT_REQUEUE_PI, value, &absolute, waiter->own, 0);
        else
            syscall(SYS_futex, waiter->reply, FUTEX_WAIT, value, &relative, NULL, 0);
    }
    return NULL;
}

static void futexes(const struct context *context)
{
    enum { WAITERS = 64 };
    for (int priority = 0; priority < 2; priority++) {
        const char *name = priority ? "futex-priority-waiters" : "futex-many-waiters";
        struct gangway_client client;
        struct waiter waiters[WAITERS];
        pthread_t threads[WAITERS];
        static uint32_t own[WAITERS];
        uint64_t calls = 0, stolen = 0;
        bool good = true;
        if (!connected(context, &client, name))
            return;
        for (int i = 0; i < WAITERS; i++) {
            waiters[i] = (struct waiter){ client.side.theirs + GANGWAY_SLOTS_OFFSET + (i % 4) * GANGWAY_SLOT_BYTES,
                                          &own[i], priority == 1, false };
            pthread_create(&threads[i], NULL, wait_for_reply, &waiters[i]);
        }
        for (uint64_t end = now_ns() + (uint64_t)(context->seconds * 1e9); good && now_ns() < end; calls++) {
            uint32_t *elsewhere = (uint32_t *)(void *)(client.side.mine + 448);
            client.side.next_slot = (unsigned)calls % 4;
            for (unsigned slot = 0; slot < 4; slot++) { // every reply is to be announced by a wake-up
                const uint8_t *reply = client.side.theirs + GANGWAY_SLOTS_OFFSET + slot * GANGWAY_SLOT_BYTES;
                syscall(SYS_futex, reply, FUTEX_WAKE, 0x7fffffff, NULL, NULL, 0);
                long moved = syscall(SYS_futex, reply, FUTEX_REQUEUE, 0, (void *)0x7fffffff, elsewhere, 0);
                stolen += moved > 0 ? (uint64_t)moved : 0;
            }
            enum gangway_outcome outcome;
            uint16_t status;
            uint32_t bytes;
            uint8_t reply[GANGWAY_REPLY_BYTES];
            unsigned next = client.side.next_slot;
            int slot = gangway_request(&client, PEER_ECHO, "", 0, &outcome);
            store32(client.side.mine + GANGWAY_AT_WAITING + 4 * next, 1);
            good = slot >= 0 && gangway_await_reply(&client, slot, &status, reply, &bytes) == GANGWAY_DONE;
        }
        // A lock would make the server's word ours; the kernel writes it, and may not.
        uint8_t *word = (uint8_t *)(uintptr_t)client.side.theirs + GANGWAY_SLOTS_OFFSET + 63 * GANGWAY_SLOT_BYTES;
        long locked = syscall(SYS_futex, word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0);
        int locked_errno = locked == 0 ? 0 : errno;
        for (int i = 0; i < WAITERS; i++)
            __atomic_store_n(&waiters[i].stop, true, __ATOMIC_RELAXED);
        for (int i = 0; i < WAITERS; i++)
            pthread_join(threads[i], NULL);
        expect(name, good && locked != 0, "%lu calls answered, %lu of our own waiters moved away, lock of its word: %s",
               (unsigned long)calls, (unsigned long)stolen, locked == 0 ? "taken" : strerror(locked_errno));
        expect_undisturbed(name, &client, "after the futex games");
    }
}

const struct attack word_attacks[] = {
    { "lying-head", "6", lying_head, "head and done too far, unaligned, back", false },
    { "lying-state", "6", lying_state, "state over 3 or going back", false },
    { "noisy-hints", "8", noisy_hints, "random sleep, cpu, wanted, waiting, lanes and cancels at full speed beside calls", false },
    { "noisy-words", "6, 8", noisy_words, "random head, done, state at full speed", false },
    { "scribble", "3 to 8", scribble, "random bytes over the whole segment at full speed", false },
    { "futexes", "20", futexes, "wakes, requeues, priority waiters and locks on the server's words", false },
    { 0 },
};
