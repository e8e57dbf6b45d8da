// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "gangway_client.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

enum { WATCHDOG_MS = 30000, SPINS = 2000, PARK_MS = 100 };

const char *gangway_outcome_name(enum gangway_outcome outcome)
{
    static const char *const names[] = { "done", "full", "nothing", "not-sent", "outcome-unknown", "hung-up", "refused",
                                         "peer-broke-protocol", "failed", "timed-out" };
    return names[outcome];
}

// --- The handshake, step by step ---------------------------------------------------------------------------------

static void read_boot_id(uint8_t id[16])
{
    char text[64] = "";
    int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        if (read(file, text, sizeof text - 1) < 0)
            text[0] = 0;
        close(file);
    }
    const char *at = text;
    for (int i = 0; i < 16; i++) { // in the order of the text, dashes skipped
        unsigned byte = 0;
        if (*at == '-')
            at++;
        sscanf(at, "%2x", &byte);
        id[i] = byte;
        at += 2;
    }
}

enum gangway_outcome gangway_dial(struct gangway_client *client, const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    memset(client, 0, sizeof *client);
    client->side.socket = client->side.mine_fd = client->side.theirs_fd = -1;
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return GANGWAY_FAILED;
    }
    strcpy(address.sun_path, path);
    client->side.socket = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (client->side.socket < 0 || connect(client->side.socket, (void *)&address, sizeof address) != 0)
        return GANGWAY_FAILED;

    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    client->hello = (struct gangway_hello){
        .type = GANGWAY_HELLO, .bytes = sizeof client->hello, .magic = GANGWAY_MAGIC_HANDSHAKE,
        .version_min = GANGWAY_VERSION, .version_max = GANGWAY_VERSION,
        .clock = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec, .epoch = 1,
    };
    read_boot_id(client->hello.boot_id);
    client->step = GANGWAY_STEP_DIALLED;
    return GANGWAY_DONE;
}

enum gangway_outcome gangway_send_packet(struct gangway_client *client, const void *packet, size_t bytes)
{
    ssize_t n = send(client->side.socket, packet, bytes, MSG_NOSIGNAL);
    if (n == (ssize_t)bytes)
        return GANGWAY_DONE;
    return errno == EPIPE || errno == ECONNRESET ? GANGWAY_HUNG_UP : GANGWAY_FAILED;
}

// Receives one packet, with at most two descriptors: the server's segment, then mine.
static ssize_t receive(struct gangway_client *client, void *packet, size_t capacity, int milliseconds)
{
    struct pollfd wait = { client->side.socket, POLLIN, 0 };
    int ready;
    do
        ready = poll(&wait, 1, milliseconds);
    while (ready < 0 && errno == EINTR);
    if (ready == 0) {
        errno = ETIMEDOUT;
        return -1;
    }
    union { char bytes[CMSG_SPACE(2 * sizeof(int))]; struct cmsghdr align; } control;
    struct iovec part = { packet, capacity };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes,
                              .msg_controllen = sizeof control.bytes };
    ssize_t n = recvmsg(client->side.socket, &message, MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == ECONNRESET) // closed with something of ours unread: what it said before is still queued
        n = recvmsg(client->side.socket, &message, MSG_CMSG_CLOEXEC);
    struct cmsghdr *header = n >= 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
        int descriptors[2] = { -1, -1 };
        size_t bytes = header->cmsg_len - CMSG_LEN(0);
        memcpy(descriptors, CMSG_DATA(header), bytes < sizeof descriptors ? bytes : sizeof descriptors);
        client->side.theirs_fd = descriptors[0];
        client->side.mine_fd = descriptors[1];
    }
    return n >= 0 && (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ? 1 : n; // too long or too many: no packet of ours
}

enum gangway_outcome gangway_await(struct gangway_client *client, uint32_t type, int milliseconds)
{
    union { struct gangway_packet head; struct gangway_welcome welcome; struct gangway_reject reject;
            uint8_t bytes[GANGWAY_PACKET_MAX]; } packet;
    memset(&packet, 0, sizeof packet);
    ssize_t n = receive(client, &packet, sizeof packet, milliseconds);
    if (n < 0 && errno == ETIMEDOUT)
        return GANGWAY_TIMED_OUT_HERE;
    if (n <= 0)
        return GANGWAY_HUNG_UP;
    if ((size_t)n < sizeof packet.head || packet.head.bytes != (size_t)n)
        return GANGWAY_PEER_BROKE;
    if (packet.head.type == GANGWAY_REJECT && n >= 16) {
        memcpy(&client->reject, &packet, (size_t)n < sizeof client->reject ? (size_t)n : sizeof client->reject);
        client->reject.text[sizeof client->reject.text - 1] = 0;
        return GANGWAY_REFUSED;
    }
    if (packet.head.type != type)
        return GANGWAY_PEER_BROKE;
    if (type == GANGWAY_WELCOME) {
        if ((size_t)n < sizeof packet.welcome)
            return GANGWAY_PEER_BROKE;
        client->welcome = packet.welcome;
    } else if (n != sizeof packet.head) {
        return GANGWAY_PEER_BROKE;
    }
    return GANGWAY_DONE;
}

// Size, file system and seals: without all three a read of the mapping could raise SIGBUS later.
static bool segment_is_good(int descriptor, int seals, uint32_t bytes)
{
    struct stat status;
    struct statfs system;
    int have = fcntl(descriptor, F_GET_SEALS);
    return descriptor >= 0 && fstat(descriptor, &status) == 0 && status.st_size == bytes
        && fstatfs(descriptor, &system) == 0 && system.f_type == TMPFS_MAGIC && have >= 0 && (have & seals) == seals;
}

static enum gangway_outcome map(struct gangway_client *client)
{
    struct gangway_side *side = &client->side;
    struct gangway_geometry only = gangway_geometry_of(side->lanes = client->hello.lanes_to_server);
    if (client->welcome.magic != GANGWAY_MAGIC_HANDSHAKE || client->welcome.version != GANGWAY_VERSION
        || client->welcome.epoch != client->hello.epoch
        || memcmp(&client->welcome.geometry, &only, sizeof only) != 0
        || !segment_is_good(side->theirs_fd, GANGWAY_SEAL_SEAL | GANGWAY_SEAL_SHRINK | GANGWAY_SEAL_GROW
                                                 | GANGWAY_SEAL_FUTURE_WRITE, only.segment_bytes)
        || !segment_is_good(side->mine_fd, GANGWAY_SEAL_SHRINK | GANGWAY_SEAL_GROW, only.segment_bytes))
        return GANGWAY_PEER_BROKE;
    void *theirs = mmap(NULL, only.segment_bytes, PROT_READ, MAP_SHARED, side->theirs_fd, 0);
    void *mine = mmap(NULL, only.segment_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, side->mine_fd, 0);
    if (theirs == MAP_FAILED || mine == MAP_FAILED)
        return GANGWAY_FAILED;
    side->theirs = theirs;
    side->mine = mine;
    // Every page exists from now on, and is charged to me.
    if (madvise(theirs, only.segment_bytes, MADV_POPULATE_READ) != 0
        || madvise(mine, only.segment_bytes, MADV_POPULATE_WRITE) != 0)
        return GANGWAY_FAILED;
    return GANGWAY_DONE;
}

static enum gangway_outcome up(struct gangway_client *client)
{
    struct gangway_side *side = &client->side;
    struct gangway_packet packet = { GANGWAY_UP, sizeof packet };
    gangway_write_header(side);
    enum gangway_outcome outcome = gangway_send_packet(client, &packet, sizeof packet);
    if (!client->keep_descriptors) {
        close(side->mine_fd);
        close(side->theirs_fd);
        side->mine_fd = side->theirs_fd = -1;
    }
    return outcome;
}

enum gangway_outcome gangway_advance(struct gangway_client *client, enum gangway_step step)
{
    enum gangway_outcome outcome = GANGWAY_DONE;
    struct gangway_packet ready = { GANGWAY_READY, sizeof ready };
    const int sealed = GANGWAY_SEAL_SEAL | GANGWAY_SEAL_SHRINK | GANGWAY_SEAL_GROW | GANGWAY_SEAL_FUTURE_WRITE;
    while (outcome == GANGWAY_DONE && client->step < step) {
        switch (++client->step) {
        case GANGWAY_STEP_GREETED: outcome = gangway_send_packet(client, &client->hello, sizeof client->hello); break;
        case GANGWAY_STEP_WELCOMED: outcome = gangway_await(client, GANGWAY_WELCOME, WATCHDOG_MS); break;
        case GANGWAY_STEP_MAPPED: outcome = map(client); break;
        case GANGWAY_STEP_READY: outcome = gangway_send_packet(client, &ready, sizeof ready); break;
        case GANGWAY_STEP_GO:
            outcome = gangway_await(client, GANGWAY_GO, WATCHDOG_MS);
            if (outcome == GANGWAY_DONE
                && (!segment_is_good(client->side.mine_fd, sealed, gangway_geometry_of(client->side.lanes).segment_bytes) || !gangway_check_header(&client->side)))
                outcome = GANGWAY_PEER_BROKE;
            break;
        case GANGWAY_STEP_UP: outcome = up(client); break;
        case GANGWAY_STEP_DIALLED: break;
        }
    }
    if (outcome == GANGWAY_PEER_BROKE) { // to refuse is to say so, and to touch nothing
        struct gangway_reject reject = { GANGWAY_REJECT, 16, GANGWAY_MALFORMED, 0, "" };
        gangway_send_packet(client, &reject, reject.bytes);
    }
    if (outcome != GANGWAY_DONE)
        client->step--;
    return outcome;
}

enum gangway_outcome gangway_connect(struct gangway_client *client, const char *path)
{
    enum gangway_outcome outcome = gangway_dial(client, path);
    return outcome == GANGWAY_DONE ? gangway_advance(client, GANGWAY_STEP_UP) : outcome;
}

// --- Calls and messages ------------------------------------------------------------------------------------------

static bool has_news(struct gangway_side *side)
{
    uint64_t head = side->head, done = side->done;
    return !gangway_refresh(side) || side->head != head || side->done != done;
}

// Writes one record; waits while there is no space or credit.
static enum gangway_outcome write_when_possible(struct gangway_client *client, const struct gangway_record *record)
{
    struct gangway_side *side = &client->side;
    enum gangway_outcome outcome;
    for (int spins = 0; (outcome = gangway_write(side, record)) == GANGWAY_FULL; spins++) {
        if (spins < SPINS)
            continue;
        store32(side->mine + GANGWAY_AT_WANTED, 1);
        bool gone = gangway_sleep(side, PARK_MS, has_news);
        store32(side->mine + GANGWAY_AT_WANTED, 0);
        if (gone)
            return GANGWAY_NOT_SENT;
    }
    return outcome;
}

int gangway_request(struct gangway_client *client, uint32_t operation, const void *request, uint32_t bytes,
                    enum gangway_outcome *outcome)
{
    struct gangway_side *side = &client->side;
    unsigned slot = side->next_slot++ % GANGWAY_SLOTS;
    struct gangway_record record = { .kind = GANGWAY_REQUEST, .operation = operation, .slot = (uint16_t)slot,
                                     .generation = side->generation[slot] + 1, .payload_bytes = (uint16_t)bytes };
    memcpy(record.bytes, request, bytes);
    side->generation[slot]++;
    store32(side->mine + GANGWAY_AT_WAITING + 4 * slot, 0);
    *outcome = write_when_possible(client, &record);
    return *outcome == GANGWAY_DONE ? (int)slot : -1;
}

// Parks on the low half of the reply's first word, which changes with the generation.
static void park(struct gangway_side *side, int slot)
{
    const uint8_t *reply = side->theirs + GANGWAY_SLOTS_OFFSET + slot * GANGWAY_SLOT_BYTES;
    struct timespec limit = { 0, PARK_MS * 1000000L }; // the watch for a hang-up
    uint8_t *waiting = side->mine + GANGWAY_AT_WAITING + 4 * slot;
    uint32_t before = (uint32_t)side->replied[slot];
    store32(waiting, 1);
    full_fence(); // between `waiting` and the reply
    if (load32(reply) == before)
        syscall(SYS_futex, reply, FUTEX_WAIT, before, &limit, NULL, 0);
    store32(waiting, 0);
}

enum gangway_outcome gangway_await_reply(struct gangway_client *client, int slot, uint16_t *status, void *reply,
                                         uint32_t *reply_bytes)
{
    struct gangway_side *side = &client->side;
    uint64_t end = side->written;
    enum gangway_outcome outcome;
    for (int spins = 0; (outcome = gangway_look(side, (unsigned)slot, status, reply, reply_bytes)) == GANGWAY_NOTHING;
         spins++) {
        if (spins < SPINS)
            continue;
        park(side, slot);
        if (!gangway_hung_up(side))
            continue;
        // The peer is gone: one last look at the reply, then its head says whether it had taken the request.
        outcome = gangway_look(side, (unsigned)slot, status, reply, reply_bytes);
        if (outcome != GANGWAY_NOTHING)
            return outcome;
        return gangway_refresh(side) && side->head < end ? GANGWAY_NOT_SENT : GANGWAY_UNKNOWN;
    }
    return outcome;
}

enum gangway_outcome gangway_call(struct gangway_client *client, uint32_t operation, const void *request,
                                  uint32_t bytes, uint16_t *status, void *reply, uint32_t *reply_bytes)
{
    enum gangway_outcome outcome;
    int slot = gangway_request(client, operation, request, bytes, &outcome);
    return slot < 0 ? outcome : gangway_await_reply(client, slot, status, reply, reply_bytes);
}

enum gangway_outcome gangway_send(struct gangway_client *client, uint32_t operation, const void *payload,
                                  uint32_t bytes)
{
    struct gangway_record record = { .kind = GANGWAY_MESSAGE, .operation = operation,
                                     .payload_bytes = (uint16_t)bytes };
    memcpy(record.bytes, payload, bytes);
    return write_when_possible(client, &record);
}

void gangway_close(struct gangway_client *client)
{
    // Closed and unmapped first, then the word for it, then the hang-up.
    const struct gangway_packet unmapped = { GANGWAY_UNMAPPED, sizeof unmapped };
    int connection = client->side.socket;
    bool had_memory = client->step >= GANGWAY_STEP_WELCOMED;
    client->side.socket = -1;
    gangway_side_close(&client->side, GANGWAY_REASON_APPLICATION);
    if (connection >= 0 && had_memory)
        send(connection, &unmapped, sizeof unmapped, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (connection >= 0)
        close(connection);
}
