// SPDX-License-Identifier: MIT
//
//   honest [--uid N] [--later-uid N] PATH calls|sends|mixed COUNT
//
// Becomes a user before it connects, or (to show that the identity is that of connect()) afterwards.
// The positive control, and what the kill tests kill: a loop of checked calls or messages. COUNT 0 is for ever.
// Right before the loop it calls getppid(): stepkill waits for that system call.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gangway_client.h"
#include "gangway_server.h"
#include "result.h"

static bool call(struct gangway_client *client, uint64_t number)
{
    uint64_t request[8], reply[GANGWAY_REPLY_BYTES / 8];
    uint32_t bytes = 0, size = 8 + (uint32_t)(number % 8) * 8;
    uint16_t status = 0;
    for (int i = 0; i < 8; i++)
        request[i] = number * 8 + (unsigned)i;
    enum gangway_outcome outcome = gangway_call(client, PEER_ECHO, request, size, &status, reply, &bytes);
    if (outcome == GANGWAY_DONE && status == 0 && bytes == size && memcmp(request, reply, size) == 0)
        return true;
    result("honest", THROUGH, "call %lu: %s, status %u, %u bytes", (unsigned long)number, gangway_outcome_name(outcome),
           status, bytes);
    return false;
}

// All that was sent must have arrived, once and in order.
static bool totals_are(struct gangway_client *client, uint64_t count)
{
    uint64_t totals[3] = { 0 };
    uint8_t reply[GANGWAY_REPLY_BYTES];
    uint32_t bytes = 0;
    uint16_t status = 0;
    enum gangway_outcome outcome = gangway_call(client, PEER_TOTALS, "", 0, &status, reply, &bytes);
    if (outcome == GANGWAY_DONE && bytes == sizeof totals)
        memcpy(totals, reply, sizeof totals);
    if (outcome == GANGWAY_DONE && totals[0] == count && totals[2] == 0)
        return true;
    result("honest", THROUGH, "%lu messages: %s, arrived %lu, out of order %lu", (unsigned long)count,
           gangway_outcome_name(outcome), (unsigned long)totals[0], (unsigned long)totals[2]);
    return false;
}

int main(int argc, char **argv)
{
    int at = 1;
    long uid = -1, later_uid = -1;
    for (; at + 1 < argc && strncmp(argv[at], "--", 2) == 0; at += 2)
        *(strcmp(argv[at], "--uid") == 0 ? &uid : &later_uid) = atol(argv[at + 1]);
    if (argc - at != 3) {
        fprintf(stderr, "usage: honest [--uid N] [--later-uid N] PATH calls|sends|mixed COUNT\n");
        return 2;
    }
    const char *path = argv[at], *what = argv[at + 1];
    uint64_t count = strtoull(argv[at + 2], NULL, 0), sent = 0, n = 0;
    struct gangway_client client;
    if (uid >= 0)
        become((unsigned)uid);
    enum gangway_outcome outcome = gangway_connect(&client, path);
    if (outcome != GANGWAY_DONE) {
        result("honest", THROUGH, "connect: %s at step %d, code %u %s", gangway_outcome_name(outcome), client.step,
               client.reject.code, client.reject.text);
        return 1;
    }
    if (later_uid >= 0)
        become((unsigned)later_uid);
    bool calls = strcmp(what, "sends") != 0, sends = strcmp(what, "calls") != 0, good = true;
    puts("connected");
    fflush(stdout);
    syscall(SYS_getppid); // the marker of stepkill
    uint64_t begun = now_ns();
    for (; good && (count == 0 || n < count); n++) {
        if (sends) {
            uint64_t payload[1 + GANGWAY_INLINE_BYTES / 8] = { sent };
            good = gangway_send(&client, PEER_NOTE, payload, 8 + (uint32_t)(n % 60) * 8) == GANGWAY_DONE;
            sent += good;
        }
        if (calls)
            good = good && call(&client, n);
    }
    uint64_t each = (now_ns() - begun) / (n == 0 ? 1 : n);
    good = good && totals_are(&client, sent);
    gangway_close(&client);
    if (good)
        result("honest", RESISTED, "%lu rounds, %lu messages, %lu ns each", (unsigned long)n, (unsigned long)sent,
               (unsigned long)each);
    return good ? 0 : 1;
}
