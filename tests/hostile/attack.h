// SPDX-License-Identifier: MIT
//
// One attack is one function: it connects to the server under test, misbehaves, and says what it saw.
#ifndef ATTACK_H
#define ATTACK_H

#include "gangway_client.h"
#include "gangway_server.h"
#include "result.h"

struct context {
    const char *path;   // the socket of the server under test
    long uid;           // become this user first; -1: stay
    double seconds;     // how long the attacks that last should last
};

struct attack {
    const char *name;
    const char *number;  // in the list of fault and abuse tests, see README.md
    void (*run)(const struct context *context);
    const char *what;
    bool as_root;        // changes the user itself, at the right moment
};

extern const struct attack handshake_attacks[], memory_attacks[], record_attacks[], word_attacks[], socket_attacks[],
    process_attacks[], quota_attacks[],
    scan_attacks[], crowd_attacks[], lane_attacks[];

enum { WATCH_MS = 30000 }; // a watchdog, not a bound: nothing here is expected to take long

// Connects and keeps the descriptors. A failure is reported as `through`, so that no attack passes without running.
bool connected(const struct context *context, struct gangway_client *client, const char *name);

// Advances a fresh connection to `step`; as above.
bool reached(const struct context *context, struct gangway_client *client, enum gangway_step step, const char *name);

void poke(struct gangway_client *client);                  // sends one bell, whether or not anybody sleeps
bool ended(struct gangway_client *client, int milliseconds); // waits for the hang-up
uint32_t end_reason(const struct gangway_client *client);  // what the server's segment says

// The three ways in which an attack should end.
void expect_reject(const char *name, struct gangway_client *client, enum gangway_outcome outcome, uint32_t code);
void expect_fault(const char *name, struct gangway_client *client);
void expect_undisturbed(const char *name, struct gangway_client *client, const char *detail);

bool echo_works(struct gangway_client *client);

// Writes a record's two first words and payload at the next place, without any check; does not move on.
void put_raw(struct gangway_client *client, uint64_t first, uint64_t second, const void *rest, uint32_t rest_bytes);

// Waits until the server's head passes `position` (1), or the connection ends (0), or nothing happens (-1).
int taken_or_ended(struct gangway_client *client, uint64_t position);

#endif
