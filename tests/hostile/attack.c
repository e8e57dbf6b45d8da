// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "attack.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

bool reached(const struct context *context, struct gangway_client *client, enum gangway_step step, const char *name)
{
    enum gangway_outcome outcome = gangway_dial(client, context->path);
    client->keep_descriptors = true;
    if (outcome == GANGWAY_DONE)
        outcome = gangway_advance(client, step);
    if (outcome != GANGWAY_DONE)
        result(name, THROUGH, "the attack could not begin: step %d: %s, code %u %s, errno %s", client->step,
               gangway_outcome_name(outcome), client->reject.code, client->reject.text, strerror(errno));
    return outcome == GANGWAY_DONE;
}

bool connected(const struct context *context, struct gangway_client *client, const char *name)
{
    return reached(context, client, GANGWAY_STEP_UP, name);
}

void poke(struct gangway_client *client)
{
    send(client->side.socket, "!", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool ended(struct gangway_client *client, int milliseconds)
{
    for (uint64_t end = now_ns() + (uint64_t)milliseconds * 1000000u; now_ns() < end;) {
        if (gangway_hung_up(&client->side))
            return true;
        struct pollfd wait = { client->side.socket, POLLIN, 0 };
        poll(&wait, 1, 10);
    }
    return gangway_hung_up(&client->side);
}

uint32_t end_reason(const struct gangway_client *client)
{
    return load32(client->side.theirs + GANGWAY_AT_STATE) >= GANGWAY_STATE_CLOSING
        ? load32(client->side.theirs + GANGWAY_AT_REASON) : UINT32_MAX;
}

void expect_reject(const char *name, struct gangway_client *client, enum gangway_outcome outcome, uint32_t code)
{
    expect(name, outcome == GANGWAY_REFUSED && client->reject.code == code, "%s, code %u (expected %u) %s",
           gangway_outcome_name(outcome), client->reject.code, code, client->reject.text);
    gangway_close(client);
}

void expect_fault(const char *name, struct gangway_client *client)
{
    bool over = ended(client, WATCH_MS);
    uint32_t reason = end_reason(client);
    expect(name, over && reason == GANGWAY_REASON_PEER_BROKE_PROTOCOL, "%s, reason %d",
           over ? "connection ended" : "connection goes on", (int)reason);
    gangway_close(client);
}

bool echo_works(struct gangway_client *client)
{
    uint64_t sent[4] = { random64(), random64(), random64(), random64() };
    uint8_t reply[GANGWAY_REPLY_BYTES];
    uint32_t bytes = 0;
    uint16_t status = 0;
    return gangway_call(client, PEER_ECHO, sent, sizeof sent, &status, reply, &bytes) == GANGWAY_DONE && status == 0
        && bytes == sizeof sent && memcmp(sent, reply, bytes) == 0;
}

void expect_undisturbed(const char *name, struct gangway_client *client, const char *detail)
{
    expect(name, echo_works(client), "%s; %s", detail,
           client->side.peer_broke ? client->side.complaint : "the connection was asked to answer once more");
    gangway_close(client);
}

void put_raw(struct gangway_client *client, uint64_t first, uint64_t second, const void *rest, uint32_t rest_bytes)
{
    struct gangway_side *side = &client->side;
    uint8_t *ring = side->mine + GANGWAY_RING_OFFSET;
    uint32_t place = side->written % GANGWAY_RING_BYTES;
    uint32_t length = first & 0xffff, bytes = (length + GANGWAY_LINE - 1) / GANGWAY_LINE * GANGWAY_LINE;
    uint32_t room = GANGWAY_RING_BYTES - place - GANGWAY_HEADER_BYTES;
    if ((first >> 16 & 0xff) == GANGWAY_PAD && place != 0)
        store64(ring, 0); // where the reader goes next
    store64(ring + place + 8, second);
    memcpy(ring + place + GANGWAY_HEADER_BYTES, rest, rest_bytes < room ? rest_bytes : room);
    store64(ring + (place + (bytes == 0 ? GANGWAY_LINE : bytes)) % GANGWAY_RING_BYTES, 0);
    store64(ring + place, first);
    gangway_ring_bell(side);
}

int taken_or_ended(struct gangway_client *client, uint64_t position)
{
    for (uint64_t end = now_ns() + WATCH_MS * UINT64_C(1000000); now_ns() < end;) {
        if (load64(client->side.theirs + GANGWAY_AT_HEAD) >= position)
            return 1;
        if (gangway_hung_up(&client->side))
            return load64(client->side.theirs + GANGWAY_AT_HEAD) >= position ? 1 : 0;
        struct timespec nap = { 0, 20000 };
        nanosleep(&nap, NULL);
    }
    return -1;
}
