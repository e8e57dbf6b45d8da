// SPDX-License-Identifier: MIT
//
// Hello and the steps after it: malformed, short, late, out of order, never finished (tests 30, 31).
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attack.h"

// Sends `bytes` of `packet` instead of Hello and expects Reject with this code.
static void hello_instead(const struct context *context, const char *name, const void *packet, size_t bytes,
                          uint32_t code)
{
    struct gangway_client client;
    if (!reached(context, &client, GANGWAY_STEP_DIALLED, name))
        return;
    enum gangway_outcome outcome = gangway_send_packet(&client, packet, bytes);
    if (outcome == GANGWAY_DONE || outcome == GANGWAY_HUNG_UP)
        outcome = gangway_await(&client, GANGWAY_WELCOME, WATCH_MS);
    expect_reject(name, &client, outcome, code);
}

// One wrong field at a time.
static void hello_fields(const struct context *context)
{
    struct gangway_client honest;
    if (!reached(context, &honest, GANGWAY_STEP_DIALLED, "hello-fields"))
        return;
    const struct gangway_hello good = honest.hello;
    gangway_close(&honest);
    const uint64_t second = 1000000000;
    uint8_t grown[GANGWAY_PACKET_MAX + 1024] = { 0 };
    struct gangway_hello hello;

#define WRONG(NAME, CODE, ...)                                                                                          \
    do {                                                                                                               \
        hello = good;                                                                                                  \
        hello.clock = now_ns();                                                                                        \
        __VA_ARGS__;                                                                                                   \
        hello_instead(context, NAME, &hello, sizeof hello, CODE);                                                      \
    } while (0)
    WRONG("hello-type", GANGWAY_MALFORMED, hello.type = GANGWAY_READY);
    WRONG("hello-type-0", GANGWAY_MALFORMED, hello.type = 0);
    WRONG("hello-type-unknown", GANGWAY_MALFORMED, hello.type = 0xffffffff);
    WRONG("hello-magic", GANGWAY_MALFORMED, hello.magic ^= 1);
    WRONG("hello-bytes-less", GANGWAY_MALFORMED, hello.bytes--);
    WRONG("hello-bytes-more", GANGWAY_MALFORMED, hello.bytes++);
    WRONG("hello-bytes-max", GANGWAY_MALFORMED, hello.bytes = 0xffffffff);
    WRONG("hello-version-0", GANGWAY_NO_VERSION, hello.version_min = hello.version_max = 0);
    WRONG("hello-version-2", GANGWAY_NO_VERSION, hello.version_min = hello.version_max = 2);
    WRONG("hello-version-inverted", GANGWAY_NO_VERSION, hello.version_min = 2; hello.version_max = 0);
    WRONG("hello-boot", GANGWAY_OTHER_MACHINE, hello.boot_id[7] ^= 1);
    WRONG("hello-boot-zero", GANGWAY_OTHER_MACHINE, memset(hello.boot_id, 0, 16));
    WRONG("hello-clock-ahead", GANGWAY_OTHER_MACHINE, hello.clock += 60 * second);
    WRONG("hello-clock-max", GANGWAY_OTHER_MACHINE, hello.clock = UINT64_MAX);
    WRONG("hello-clock-behind", GANGWAY_OTHER_MACHINE, hello.clock -= 6 * second);
    WRONG("hello-clock-zero", GANGWAY_OTHER_MACHINE, hello.clock = 0);
    WRONG("hello-epoch-0", GANGWAY_MALFORMED, hello.epoch = 0);
    WRONG("hello-limit-1", GANGWAY_LIMITS, hello.segment_bytes_max = 1);
    WRONG("hello-limit-less", GANGWAY_LIMITS, hello.segment_bytes_max = GANGWAY_SEGMENT_BYTES - 1);
#undef WRONG

    hello = good;
    hello.clock = now_ns();
    for (size_t bytes = 1; bytes < sizeof hello; bytes += bytes < 9 ? 1 : 17) // every way of being too short
        hello_instead(context, "hello-short", &hello, bytes, GANGWAY_MALFORMED);
    hello.bytes = 8;
    hello_instead(context, "hello-short-honest-length", &hello, 8, GANGWAY_MALFORMED);

    const struct { const char *name; size_t bytes; uint8_t tail[8]; } tails[] = {
        { "tail-half-header", 2, { 1, 0 } },
        { "tail-too-long", 4, { 1, 0, 1, 0 } },
        { "tail-max", 8, { 1, 0, 0xff, 0xff, 0, 0, 0, 0 } },
        { "tail-second-does-not-fit", 7, { 1, 0, 0, 0, 2, 0, 9 } },
    };
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        hello.bytes = (uint32_t)(sizeof hello + tails[i].bytes);
        memcpy(grown, &hello, sizeof hello);
        memcpy(grown + sizeof hello, tails[i].tail, tails[i].bytes);
        hello_instead(context, tails[i].name, grown, hello.bytes, GANGWAY_MALFORMED);
    }
    hello.bytes = GANGWAY_PACKET_MAX + 4; // longer than any packet may be, and otherwise right
    memcpy(grown, &hello, sizeof hello);
    hello_instead(context, "hello-oversize", grown, hello.bytes, GANGWAY_MALFORMED);
}

// The positive control of the above: unknown records of a tail that fits are skipped.
static void hello_tail(const struct context *context)
{
    struct gangway_client client;
    struct { struct gangway_hello hello; uint8_t tail[12]; } packet = { .tail = { 0xfe, 0xca, 4, 0, 1, 2, 3, 4, 1, 0xff, 0, 0 } };
    if (!reached(context, &client, GANGWAY_STEP_DIALLED, "hello-tail"))
        return;
    packet.hello = client.hello;
    packet.hello.bytes = sizeof packet.hello + sizeof packet.tail;
    enum gangway_outcome outcome = gangway_send_packet(&client, &packet, packet.hello.bytes);
    client.step = GANGWAY_STEP_GREETED;
    if (outcome == GANGWAY_DONE)
        outcome = gangway_advance(&client, GANGWAY_STEP_UP);
    expect("hello-tail", outcome == GANGWAY_DONE && echo_works(&client), "%s", gangway_outcome_name(outcome));
    gangway_close(&client);
}

// Random bytes in place of each packet. Whatever comes back, it is a Reject or a hang-up.
static void random_packets(const struct context *context)
{
    int refused = 0, total = 0;
    for (int round = 0; round < 60; round++)
        for (int step = GANGWAY_STEP_DIALLED; step < GANGWAY_STEP_UP; step++) {
            struct gangway_client client;
            uint64_t noise[GANGWAY_PACKET_MAX / 8];
            if (step == GANGWAY_STEP_GREETED || step == GANGWAY_STEP_WELCOMED || step == GANGWAY_STEP_READY)
                continue; // here the server speaks next; its answer is read first
            if (!reached(context, &client, (enum gangway_step)step, "random-packets"))
                return;
            for (size_t i = 0; i < sizeof noise / 8; i++)
                noise[i] = random64();
            size_t bytes = 1 + random64() % sizeof noise;
            if (bytes == 8)
                bytes++; // a right type and this length would be a lawful Ready or Up
            if (round % 3 == 0 && bytes >= 8) { // past the first look: a right type and length
                uint32_t types[] = { GANGWAY_HELLO, 0, 0, GANGWAY_READY, 0, GANGWAY_UP };
                noise[0] = types[step] | (uint64_t)bytes << 32;
            }
            gangway_send_packet(&client, noise, bytes);
            enum gangway_outcome outcome = gangway_await(&client, 99, WATCH_MS);
            total++;
            refused += outcome == GANGWAY_REFUSED || outcome == GANGWAY_HUNG_UP;
            gangway_close(&client);
        }
    expect("random-packets", refused == total, "%d of %d refused", refused, total);
}

static void packet_instead(const struct context *context, const char *name, enum gangway_step after, uint32_t type,
                           uint32_t bytes, size_t length)
{
    struct gangway_client client;
    uint32_t packet[8] = { type, bytes };
    if (!reached(context, &client, after, name))
        return;
    gangway_send_packet(&client, packet, length);
    expect_reject(name, &client, gangway_await(&client, 99, WATCH_MS), GANGWAY_MALFORMED);
}

static void wrong_order(const struct context *context)
{
    struct gangway_client client;
    struct gangway_packet ready = { GANGWAY_READY, 8 }, up = { GANGWAY_UP, 8 };
    packet_instead(context, "hello-twice", GANGWAY_STEP_MAPPED, GANGWAY_HELLO, 8, 8);
    packet_instead(context, "up-instead-of-ready", GANGWAY_STEP_MAPPED, GANGWAY_UP, 8, 8);
    packet_instead(context, "ready-long", GANGWAY_STEP_MAPPED, GANGWAY_READY, 16, 16);
    packet_instead(context, "ready-short", GANGWAY_STEP_MAPPED, GANGWAY_READY, 8, 7);
    packet_instead(context, "ready-lying", GANGWAY_STEP_MAPPED, GANGWAY_READY, 9, 8);
    packet_instead(context, "ready-instead-of-up", GANGWAY_STEP_GO, GANGWAY_READY, 8, 8);
    packet_instead(context, "go-instead-of-up", GANGWAY_STEP_GO, GANGWAY_GO, 8, 8);
    packet_instead(context, "bell-instead-of-up", GANGWAY_STEP_GO, '!', 0, 1);

    // Up before Go, with no header written: the server finds no header, and refuses.
    if (reached(context, &client, GANGWAY_STEP_MAPPED, "up-before-go")) {
        gangway_send_packet(&client, &ready, sizeof ready);
        gangway_send_packet(&client, &up, sizeof up);
        enum gangway_outcome outcome = gangway_await(&client, GANGWAY_GO, WATCH_MS);
        if (outcome == GANGWAY_DONE)
            outcome = gangway_await(&client, 99, WATCH_MS);
        expect_reject("up-before-go", &client, outcome, GANGWAY_MALFORMED);
    }
    if (reached(context, &client, GANGWAY_STEP_MAPPED, "ready-twice")) {
        gangway_send_packet(&client, &ready, sizeof ready);
        gangway_send_packet(&client, &ready, sizeof ready);
        enum gangway_outcome outcome = gangway_await(&client, GANGWAY_GO, WATCH_MS);
        if (outcome == GANGWAY_DONE)
            outcome = gangway_await(&client, 99, WATCH_MS);
        expect_reject("ready-twice", &client, outcome, GANGWAY_MALFORMED);
    }
}

// A header that is not the one of version 1, behind a right Up.
static void bad_header(const struct context *context)
{
    static const struct { const char *name; uint32_t offset, mask; } fields[] = {
        { "header-magic", 0, 1 },       { "header-version", 8, 2 },       { "header-segment", 12, 0x80000000 },
        { "header-ring-offset", 16, 1 }, { "header-ring", 20, 0x4000 },   { "header-slots-offset", 24, 0xffffffff },
        { "header-slots", 28, 0x80 },   { "header-slot-bytes", 32, 256 }, { "header-credits", 36, 0x7fffffff },
        { "header-inline", 40, 0xfff00000 },
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct gangway_client client;
        struct gangway_packet up = { GANGWAY_UP, 8 };
        if (!reached(context, &client, GANGWAY_STEP_GO, fields[i].name))
            continue;
        gangway_write_header(&client.side);
        uint8_t *at = client.side.mine + fields[i].offset;
        store32(at, load32(at) ^ fields[i].mask);
        gangway_send_packet(&client, &up, sizeof up);
        expect_reject(fields[i].name, &client, gangway_await(&client, 99, WATCH_MS), GANGWAY_MALFORMED);
    }
}

// Welcome is refused by the client; there is nothing to see but that the server takes it.
static void refuse_welcome(const struct context *context)
{
    struct gangway_client client;
    struct gangway_reject no = { GANGWAY_REJECT, sizeof no, GANGWAY_MEMORY, 0, "" };
    memset(no.text, 0xff, sizeof no.text); // not UTF-8: the text is for a person, who may be looking at a terminal
    if (!reached(context, &client, GANGWAY_STEP_WELCOMED, "refuse-welcome"))
        return;
    gangway_send_packet(&client, &no, sizeof no);
    expect("refuse-welcome", ended(&client, WATCH_MS), "the server hangs up");
    gangway_close(&client);
}

// Goes to step k and says nothing more. The handshake has 5 s; then it is rejected.
static void stall(const struct context *context)
{
    static const enum gangway_step steps[] = { GANGWAY_STEP_DIALLED, GANGWAY_STEP_GREETED, GANGWAY_STEP_MAPPED,
                                               GANGWAY_STEP_READY, GANGWAY_STEP_GO };
    static const char *const names[] = { "stall-dialled", "stall-greeted", "stall-mapped", "stall-ready", "stall-go" };
    static const uint32_t before[] = { 0, GANGWAY_WELCOME, 0, GANGWAY_GO, 0 }; // what the server still says by itself
    struct gangway_client clients[5];
    bool begun[5];
    for (int k = 0; k < 5; k++) // all at once, so that the five deadlines pass together
        begun[k] = reached(context, &clients[k], steps[k], names[k]);
    for (int k = 0; k < 5; k++) {
        if (!begun[k])
            continue;
        enum gangway_outcome outcome = before[k] == 0 ? GANGWAY_DONE : gangway_await(&clients[k], before[k], WATCH_MS);
        if (outcome == GANGWAY_DONE)
            outcome = gangway_await(&clients[k], 99, WATCH_MS);
        expect_reject(names[k], &clients[k], outcome, GANGWAY_TIMED_OUT);
    }
}

// Many connections that never say Hello, held until they are thrown out (the flood of test 25, in small).
static void connect_flood(const struct context *context)
{
    enum { COUNT = 300 };
    static struct gangway_client clients[COUNT];
    int dialled = 0, over = 0;
    for (int i = 0; i < COUNT; i++)
        if (gangway_dial(&clients[dialled], context->path) == GANGWAY_DONE)
            dialled++;
        else
            gangway_close(&clients[dialled]);
    for (int i = 0; i < dialled; i++) {
        enum gangway_outcome outcome = gangway_await(&clients[i], 99, WATCH_MS);
        over += outcome == GANGWAY_REFUSED || outcome == GANGWAY_HUNG_UP;
        gangway_close(&clients[i]);
    }
    expect("connect-flood", over == dialled, "%d of %d connections that said nothing were ended", over, dialled);
}

const struct attack handshake_attacks[] = {
    { "hello-fields", "31", hello_fields, "Hello with one wrong field, length or tail at a time", false },
    { "hello-tail", "31", hello_tail, "positive control: an unknown tail record is skipped", false },
    { "random-packets", "31", random_packets, "random bytes in place of each packet", false },
    { "wrong-order", "31", wrong_order, "packets of another step, twice, too long, too short", false },
    { "bad-header", "31", bad_header, "Up behind a header that is not the one of version 1", false },
    { "refuse-welcome", "31", refuse_welcome, "the client answers Welcome with Reject", false },
    { "stall", "31", stall, "silence after each step", false },
    { "connect-flood", "25, 31", connect_flood, "300 connections that never say Hello", false },
    { 0 },
};
