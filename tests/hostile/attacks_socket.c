// SPDX-License-Identifier: MIT
//
// The socket: bells, packets that are none, descriptors, not reading, half-closing (10, 17, 27).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attack.h"

// 10: we claim to sleep, with a new number each time, and never read: the server's bells fill our socket.
static void never_reading(const struct context *context)
{
    struct gangway_client client;
    uint16_t status;
    uint32_t bytes;
    uint8_t reply[GANGWAY_REPLY_BYTES];
    uint64_t calls = 0;
    bool good = true;
    if (!connected(context, &client, "never-reading"))
        return;
    int small = 1;
    setsockopt(client.side.socket, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (uint64_t end = now_ns() + (uint64_t)(context->seconds * 1e9); good && now_ns() < end; calls++) {
        uint32_t one = 1, number = (uint32_t)calls << 1 | 1;
        struct gangway_record message;
        store32(client.side.mine + GANGWAY_AT_SLEEP, number);
        store32(client.side.mine + GANGWAY_AT_WANTED, 1);
        enum gangway_outcome outcome;
        int slot = gangway_request(&client, PEER_PUSH, &one, sizeof one, &outcome);
        for (uint64_t watch = now_ns() + WATCH_MS * UINT64_C(1000000); slot >= 0 && now_ns() < watch;)
            if ((outcome = gangway_look(&client.side, (unsigned)slot, &status, reply, &bytes)) != GANGWAY_NOTHING)
                break; // polling only: a look at the socket would read the bells
        good = slot >= 0 && outcome == GANGWAY_DONE;
        while (gangway_take(&client.side, &message) == GANGWAY_DONE)
            gangway_complete_message(&client.side);
    }
    int waiting = 0;
    for (char bell; recv(client.side.socket, &bell, 1, MSG_DONTWAIT) == 1;)
        waiting++;
    expect("never-reading", good && waiting > 0, "%lu calls answered while %d bells waited unread",
           (unsigned long)calls, waiting);
    gangway_close(&client);
}

// 17: bells at the highest rate, with nothing behind them.
static void bell_flood(const struct context *context)
{
    struct gangway_client client;
    uint64_t bells = 0, full = 0;
    if (!connected(context, &client, "bell-flood"))
        return;
    for (uint64_t end = now_ns() + (uint64_t)(context->seconds * 1e9); now_ns() < end;) {
        char byte = (char)bells; // of any value
        if (send(client.side.socket, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1)
            bells++;
        else if (errno == EAGAIN)
            full++;
        else
            break;
    }
    expect("bell-flood", bells > 0, "%lu bells, %lu times the socket was full", (unsigned long)bells,
           (unsigned long)full);
    expect_undisturbed("bell-flood-then-call", &client, "bells alone are lawful");
}

// Anything longer than a bell is refused.
static void not_a_bell(const struct context *context)
{
    static const size_t lengths[] = { 0, 2, 8, 16, 96, 4096, 65536 };
    static char packet[65536];
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct gangway_client client;
        if (!connected(context, &client, "not-a-bell"))
            continue;
        if (send(client.side.socket, packet, lengths[i], MSG_NOSIGNAL) != (ssize_t)lengths[i]) {
            result("not-a-bell", SKIPPED, "%zu bytes could not be sent", lengths[i]);
            gangway_close(&client);
        } else if (lengths[i] == 0) {
            // Cannot be told from a hang-up by receiving it: a server may end the connection, or ignore it.
            bool answers = echo_works(&client), over = !answers && ended(&client, WATCH_MS);
            expect("not-a-bell", answers || over, "an empty packet %s", over ? "ends the connection" : "is ignored");
            gangway_close(&client);
        } else {
            expect_fault("not-a-bell", &client);
        }
    }
}

// Unmapped is a last word, allowed once. What follows it, or only looks like it, is refused.
static void not_the_last_word(const struct context *context)
{
    static const struct { const char *name; uint32_t type, bytes; int times; } words[] = {
        { "unmapped-twice", GANGWAY_UNMAPPED, 8, 2 }, { "unmapped-lying", GANGWAY_UNMAPPED, 16, 1 },
        { "unmapped-type", GANGWAY_UNMAPPED + 1, 8, 1 }, { "up-again", GANGWAY_UP, 8, 1 },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct gangway_client client;
        struct gangway_packet packet = { words[i].type, words[i].bytes };
        if (!connected(context, &client, words[i].name))
            continue;
        for (int k = 0; k < words[i].times; k++)
            send(client.side.socket, &packet, sizeof packet, MSG_NOSIGNAL);
        expect_fault(words[i].name, &client);
    }
}

static void half_close(const struct context *context)
{
    struct gangway_client client;
    if (connected(context, &client, "half-close-write")) {
        shutdown(client.side.socket, SHUT_WR);
        expect("half-close-write", ended(&client, WATCH_MS), "the server ends it");
        gangway_close(&client);
    }
    if (connected(context, &client, "half-close-read")) { // the server's bells fail with EPIPE from now on
        uint16_t status;
        uint32_t bytes, ten = 10;
        uint8_t reply[GANGWAY_REPLY_BYTES];
        shutdown(client.side.socket, SHUT_RD);
        store32(client.side.mine + GANGWAY_AT_SLEEP, 3);
        enum gangway_outcome outcome = gangway_request(&client, PEER_PUSH, &ten, sizeof ten, &outcome) >= 0
            ? gangway_look(&client.side, 0, &status, reply, &bytes) : GANGWAY_FAILED;
        shutdown(client.side.socket, SHUT_WR);
        expect("half-close-read", outcome != GANGWAY_FAILED, "the server lives with a socket that takes no bell");
        gangway_close(&client);
    }
}

// 27: sends a packet with many descriptors. Returns how many the kernel accepted.
static int send_descriptors(int socket, const void *packet, size_t bytes, int count)
{
    union { char bytes[CMSG_SPACE(253 * sizeof(int))]; struct cmsghdr align; } control;
    int fds[253];
    for (int i = 0; i < count; i++)
        fds[i] = i % 2 ? STDOUT_FILENO : STDIN_FILENO;
    struct iovec part = { (void *)(uintptr_t)packet, bytes };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes,
                              .msg_controllen = CMSG_SPACE((size_t)count * sizeof(int)) };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    memset(&control, 0, sizeof control);
    *header = (struct cmsghdr){ .cmsg_len = CMSG_LEN((size_t)count * sizeof(int)), .cmsg_level = SOL_SOCKET,
                                .cmsg_type = SCM_RIGHTS };
    memcpy(CMSG_DATA(header), fds, (size_t)count * sizeof(int));
    return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)bytes ? count : 0;
}

static void descriptors(const struct context *context)
{
    struct gangway_client client;
    struct gangway_packet ready = { GANGWAY_READY, 8 }, up = { GANGWAY_UP, 8 };
    int accepted = 0, refused = 0;
    if (!reached(context, &client, GANGWAY_STEP_DIALLED, "descriptors"))
        return;
    // With every packet of one handshake. If the kernel refuses them at the sender, the packet goes alone.
#define WITH_DESCRIPTORS(PACKET)                                                                                        \
    do {                                                                                                               \
        if (send_descriptors(client.side.socket, &(PACKET), sizeof(PACKET), 253) == 253)                               \
            accepted++;                                                                                                \
        else {                                                                                                         \
            refused++;                                                                                                 \
            gangway_send_packet(&client, &(PACKET), sizeof(PACKET));                                                   \
        }                                                                                                              \
    } while (0)
    WITH_DESCRIPTORS(client.hello);
    client.step = GANGWAY_STEP_GREETED;
    enum gangway_outcome outcome = gangway_advance(&client, GANGWAY_STEP_MAPPED);
    if (outcome == GANGWAY_DONE) {
        WITH_DESCRIPTORS(ready);
        client.step = GANGWAY_STEP_READY;
        outcome = gangway_advance(&client, GANGWAY_STEP_GO);
    }
    if (outcome == GANGWAY_DONE) {
        gangway_write_header(&client.side);
        WITH_DESCRIPTORS(up);
        client.step = GANGWAY_STEP_UP;
    }
    for (int i = 0; i < 200 && outcome == GANGWAY_DONE; i++) {
        if (send_descriptors(client.side.socket, "!", 1, 253) == 253)
            accepted++;
        else
            refused++;
    }
#undef WITH_DESCRIPTORS
    // Either the kernel does not let them leave, or the server receives without room for them, or it ends the connection.
    bool refused_by_server = outcome == GANGWAY_REFUSED || gangway_hung_up(&client.side);
    expect("descriptors", outcome == GANGWAY_DONE || refused_by_server,
           "%d packets with 253 descriptors left, %d were refused by the kernel; %s", accepted, refused,
           refused_by_server ? "the server refused" : "the connection goes on");
    if (!refused_by_server)
        expect_undisturbed("descriptors-then-call", &client, "none of them arrived");
    else
        gangway_close(&client);
}

const struct attack socket_attacks[] = {
    { "never-reading", "10", never_reading, "claims to sleep and never reads its bells", false },
    { "bell-flood", "17", bell_flood, "bells at full speed", false },
    { "not-a-bell", "27", not_a_bell, "packets after the handshake that are no bell", false },
    { "not-the-last-word", "SH-07", not_the_last_word, "Unmapped twice, and packets that look like it", false },
    { "half-close", "10", half_close, "shutdown of one direction", false },
    { "descriptors", "27", descriptors, "253 descriptors with every packet", false },
    { 0 },
};
