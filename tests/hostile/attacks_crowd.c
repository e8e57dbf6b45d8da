// SPDX-License-Identifier: MIT
//
// Many connections of one process, and operations that the listener does not permit (SH-07, SE-02).
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attack.h"

enum { CROWD = 100, PIPELINED = 4, NOTES_PER_VISIT = 16 };

struct member {
    struct gangway_client client;
    bool pending[PIPELINED];
    uint64_t notes, requests, answered, refused;
};

static bool told_to_stop(void)
{
    struct pollfd input = { STDIN_FILENO, POLLIN, 0 };
    return poll(&input, 1, 0) != 0;
}

// Takes the replies that are there. False when one is wrong.
static bool gather(struct member *member)
{
    uint8_t reply[GANGWAY_REPLY_BYTES];
    uint32_t bytes;
    uint16_t status;
    for (unsigned slot = 0; slot < PIPELINED; slot++) {
        if (!member->pending[slot])
            continue;
        enum gangway_outcome outcome = gangway_look(&member->client.side, slot, &status, reply, &bytes);
        if (outcome == GANGWAY_NOTHING)
            continue;
        if (outcome != GANGWAY_DONE || (status != 0 && status != GANGWAY_STATUS_QUOTA_EXCEEDED))
            return false;
        member->pending[slot] = false;
        member->answered += status == 0;
        member->refused += status != 0;
    }
    return true;
}

// Fills the ring as far as credits and space allow, and never waits.
static bool push(struct member *member)
{
    struct gangway_side *side = &member->client.side;
    for (unsigned slot = 0; slot < PIPELINED; slot++) {
        struct gangway_record request = { .kind = GANGWAY_REQUEST, .operation = PEER_ECHO, .slot = (uint16_t)slot,
                                          .generation = side->generation[slot] + 1, .payload_bytes = 48 };
        if (member->pending[slot] || gangway_write(side, &request) != GANGWAY_DONE)
            continue;
        side->generation[slot]++;
        member->pending[slot] = true;
        member->requests++;
    }
    for (int i = 0; i < NOTES_PER_VISIT; i++) {
        struct gangway_record note = { .kind = GANGWAY_MESSAGE, .operation = PEER_NOTE, .payload_bytes = 48 };
        memcpy(note.bytes, &member->notes, sizeof member->notes);
        if (gangway_write(side, &note) != GANGWAY_DONE)
            break;
        member->notes++;
    }
    return !side->peer_broke;
}

static bool all_answered(const struct member *member)
{
    for (unsigned slot = 0; slot < PIPELINED; slot++)
        if (member->pending[slot])
            return false;
    return true;
}

// What the server counted for this connection.
static bool totals_agree(struct member *member)
{
    uint64_t totals[3] = { 0 };
    uint8_t reply[GANGWAY_REPLY_BYTES];
    uint32_t bytes = 0;
    uint16_t status = 0;
    member->client.side.next_slot = PIPELINED;
    if (gangway_call(&member->client, PEER_TOTALS, "", 0, &status, reply, &bytes) != GANGWAY_DONE || status != 0)
        return false;
    member->requests++;
    member->answered++;
    memcpy(totals, reply, sizeof totals);
    return bytes == sizeof totals && totals[0] == member->notes && totals[1] == 48 * member->notes && totals[2] == 0;
}

// A hundred connections, each at full speed within its credits, until the time is up or a line comes. In the end all is
// counted; half of the connections are closed, and the others die with this process.
static void crowd(const struct context *context)
{
    static struct member members[CROWD];
    int up = 0, agree = 0;
    bool good = true;
    for (; up < CROWD && gangway_connect(&members[up].client, context->path) == GANGWAY_DONE; up++)
        continue;
    if (up < CROWD) {
        result("crowd", THROUGH, "the attack could not begin: connection %d, code %u %s", up,
               members[up].client.reject.code, members[up].client.reject.text);
        return;
    }
    puts("FLOODING");
    fflush(stdout);
    for (uint64_t end = now_ns() + (uint64_t)(context->seconds * 1e9); good && (now_ns() < end || !told_to_stop());)
        for (int i = 0; i < CROWD && good; i++)
            good = gather(&members[i]) && push(&members[i]);

    uint64_t notes = 0, requests = 0, answered = 0, refused = 0;
    for (int i = 0; i < CROWD; i++) {
        struct member *member = &members[i];
        for (uint64_t end = now_ns() + WATCH_MS * UINT64_C(1000000); good && !all_answered(member) && now_ns() < end;) {
            struct timespec nap = { 0, 100000 };
            nanosleep(&nap, NULL);
            good = gather(member);
        }
        agree += good && all_answered(member) && totals_agree(member);
        notes += member->notes, requests += member->requests;
        answered += member->answered, refused += member->refused;
    }
    printf("FLOODED %d %lu %lu %lu %lu\n", CROWD, (unsigned long)notes, (unsigned long)requests, (unsigned long)answered,
           (unsigned long)refused);
    expect("crowd", good && agree == CROWD, "%d of %d connections agree with the server; %lu messages, %lu requests",
           agree, CROWD, (unsigned long)notes, (unsigned long)requests);
    for (int i = 0; i < CROWD; i += 2)
        gangway_close(&members[i].client);
}

// --- Operations that are not permitted --------------------------------------------------------------------------

static bool answers(struct gangway_client *client, uint32_t operation, uint32_t request_bytes, uint16_t expected)
{
    uint8_t request[GANGWAY_INLINE_BYTES] = { 0 }, reply[GANGWAY_REPLY_BYTES];
    uint32_t bytes = 0;
    uint16_t status = 0;
    return gangway_call(client, operation, request, request_bytes, &status, reply, &bytes) == GANGWAY_DONE
        && status == expected && (expected == 0 || bytes == 0);
}

// Asked in every way, beside what is permitted; PEER_OWN is for the server's own user.
static void forbidden_requests(const struct context *context, const char *name)
{
    struct gangway_client client;
    if (!connected(context, &client, name))
        return;
    uint16_t own = context->uid < 0 ? 0 : GANGWAY_STATUS_NOT_PERMITTED;
    uint64_t asked = 0, right = 0;
    for (uint64_t end = now_ns() + (uint64_t)(context->seconds * 1e9); asked == right && now_ns() < end; asked += 3) {
        right += answers(&client, PEER_FORBIDDEN, asked % (GANGWAY_INLINE_BYTES + 1), GANGWAY_STATUS_NOT_PERMITTED);
        right += answers(&client, PEER_OWN, 8, own);
        right += echo_works(&client);
    }
    expect(name, asked == right && right > 0, "%lu of %lu answers are right", (unsigned long)right, (unsigned long)asked);
    gangway_close(&client);
}

// All slots at once, and nobody reads the replies until the end.
static void forbidden_at_once(const struct context *context, const char *name)
{
    struct gangway_client client;
    enum gangway_outcome outcome = GANGWAY_DONE;
    if (!connected(context, &client, name))
        return;
    int right = 0;
    for (int i = 0; i < GANGWAY_SLOTS && outcome == GANGWAY_DONE; i++)
        gangway_request(&client, i % 2 == 0 ? PEER_FORBIDDEN : PEER_ECHO, "", 0, &outcome);
    for (int i = 0; i < GANGWAY_SLOTS && outcome == GANGWAY_DONE; i++) {
        uint8_t reply[GANGWAY_REPLY_BYTES];
        uint32_t bytes = 0;
        uint16_t status = 0;
        outcome = gangway_await_reply(&client, i, &status, reply, &bytes);
        right += status == (i % 2 == 0 ? GANGWAY_STATUS_NOT_PERMITTED : 0);
    }
    expect(name, right == GANGWAY_SLOTS, "%d of %d answers are right", right, GANGWAY_SLOTS);
    gangway_close(&client);
}

static void write_messages(struct gangway_client *client)
{
    for (uint64_t i = 0; i < 5; i++)
        gangway_send(client, PEER_NOTE, &i, sizeof i);
    gangway_send(client, PEER_FORBIDDEN, "forbidden", 9);
    for (uint64_t i = 5; i < 10; i++)
        gangway_send(client, PEER_NOTE, &i, sizeof i); // may fail: it is over by now
}

static void forbidden(const struct context *context)
{
    struct gangway_client client;
    forbidden_requests(context, "forbidden-requests");
    forbidden_at_once(context, "forbidden-at-once");
    if (connected(context, &client, "forbidden-message")) {
        write_messages(&client);
        expect_fault("forbidden-message", &client);
    }
    if (connected(context, &client, "forbidden-and-leave")) {
        write_messages(&client);
        gangway_close(&client);
        result("forbidden-and-leave", RESISTED, "a forbidden message, and gone before anybody looks");
    }
}

// --- Knocking ---------------------------------------------------------------------------------------------------

enum { KNOCKERS = 4 };

// Connects and leaves at once, in several processes; half of them wait for the answer. Prints how often that worked.
static void knock(const struct context *context)
{
    int report[2];
    uint64_t knocks = 0, total = 0;
    if (pipe(report) != 0)
        return;
    for (int i = 0; i < KNOCKERS; i++) {
        if (fork() != 0)
            continue;
        for (uint64_t end = now_ns() + (uint64_t)(context->seconds * 1e9); now_ns() < end;) {
            struct gangway_client client;
            char answer[64];
            if (gangway_dial(&client, context->path) == GANGWAY_DONE) {
                knocks++;
                if (i % 2 == 0)
                    (void)!recv(client.side.socket, answer, sizeof answer, 0);
            }
            close(client.side.socket);
        }
        _exit(write(report[1], &knocks, sizeof knocks) != sizeof knocks);
    }
    close(report[1]);
    int reports = 0;
    while (read(report[0], &knocks, sizeof knocks) == sizeof knocks) {
        total += knocks;
        reports++;
    }
    while (wait(NULL) > 0)
        continue;
    printf("KNOCKED %lu\n", (unsigned long)total);
    expect("knock", reports == KNOCKERS && total > 0, "%lu times", (unsigned long)total);
}

const struct attack crowd_attacks[] = {
    { "knock", "SE-03", knock, "connects and leaves, all the time", false },
    { "crowd", "SH-07", crowd, "a hundred connections at full speed; all is counted", false },
    { "forbidden", "SE-02", forbidden, "asks for what is not permitted, by request and by message", false },
    { 0 },
};
