// SPDX-License-Identifier: MIT
//
// A small honest client, written from docs/PROTOCOL.md alone. The attacks use it too, and leave it at any step.
#ifndef GANGWAY_CLIENT_H
#define GANGWAY_CLIENT_H

#include "gangway_side.h"

// The steps of the handshake (section 2), in order. Each names what has been done when it is reached.
enum gangway_step {
    GANGWAY_STEP_DIALLED,  // connected to the socket
    GANGWAY_STEP_GREETED,  // Hello sent
    GANGWAY_STEP_WELCOMED, // Welcome and both descriptors received
    GANGWAY_STEP_MAPPED,   // both segments checked, mapped and populated
    GANGWAY_STEP_READY,    // Ready sent
    GANGWAY_STEP_GO,       // Go received, seals checked again
    GANGWAY_STEP_UP,       // header written, Up sent: connected
};

struct gangway_client {
    struct gangway_side side;
    struct gangway_hello hello;       // filled by gangway_dial; may be changed before the next step
    struct gangway_welcome welcome;
    struct gangway_reject reject;     // valid after GANGWAY_REFUSED
    enum gangway_step step;           // the last step that was reached
    bool keep_descriptors;            // the honest client closes them when it is up
};

// Connects to the socket at `path` and prepares an honest Hello.
enum gangway_outcome gangway_dial(struct gangway_client *client, const char *path);

// Goes on with the handshake up to and including `step`.
enum gangway_outcome gangway_advance(struct gangway_client *client, enum gangway_step step);

// Both of the above, up to the end.
enum gangway_outcome gangway_connect(struct gangway_client *client, const char *path);

// Waits for one packet of the handshake of this type. Reject, hang-up and everything else have outcomes of their own.
enum gangway_outcome gangway_await(struct gangway_client *client, uint32_t type, int milliseconds);
enum gangway_outcome gangway_send_packet(struct gangway_client *client, const void *packet, size_t bytes);

// Writes a request and returns the slot where its reply will appear, or -1 with an outcome.
int gangway_request(struct gangway_client *client, uint32_t operation, const void *request, uint32_t bytes,
                    enum gangway_outcome *outcome);

// Waits for the reply of a slot: polls, then parks on it.
enum gangway_outcome gangway_await_reply(struct gangway_client *client, int slot, uint16_t *status, void *reply,
                                         uint32_t *reply_bytes);

// A request and its reply. `reply` has room for GANGWAY_REPLY_BYTES.
enum gangway_outcome gangway_call(struct gangway_client *client, uint32_t operation, const void *request,
                                  uint32_t bytes, uint16_t *status, void *reply, uint32_t *reply_bytes);

// A one-way message. Waits for space and credit.
enum gangway_outcome gangway_send(struct gangway_client *client, uint32_t operation, const void *payload,
                                  uint32_t bytes);

void gangway_close(struct gangway_client *client);
const char *gangway_outcome_name(enum gangway_outcome outcome);

#endif
