// SPDX-License-Identifier: MIT
//
// More than its share: memory that is never unmapped, connections without end, processes that die (SH-07, SE-03).
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attack.h"

enum { ROUNDS_MAX = 100000, FORKS = 40 };

static void nap(void)
{
    struct timespec moment = { 0, 1000000 };
    nanosleep(&moment, NULL);
}

// Connects, hangs up without a word and keeps both mappings, until the server says no. It must say no, and which limit
// it was. The memory stays mapped meanwhile, and is written, too.
static void never_unmapping(const struct context *context)
{
    uint8_t *first = NULL;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        struct gangway_client client;
        enum gangway_outcome outcome = gangway_connect(&client, context->path);
        if (outcome == GANGWAY_DONE) {
            first = first == NULL ? client.side.mine : first;
            memset(first + GANGWAY_RING_OFFSET, round, GANGWAY_RING_BYTES);
            close(client.side.socket);
            continue;
        }
        bool says_why = strstr(client.reject.text, "bytes of shared memory") != NULL
            && strstr(client.reject.text, "MaxBytesPerUser") != NULL;
        expect("never-unmapping", outcome == GANGWAY_REFUSED && client.reject.code == GANGWAY_OVERLOADED && says_why,
               "after %d connections: %s, code %u %s", round, gangway_outcome_name(outcome), client.reject.code,
               client.reject.text);
        return;
    }
    result("never-unmapping", THROUGH, "%d connections were kept mapped, and none was refused", ROUNDS_MAX);
}

// The same, but leaves in the middle of the handshake, when it has the memory.
static void never_arriving(const struct context *context)
{
    for (int round = 0; round < ROUNDS_MAX; round++) {
        struct gangway_client client;
        enum gangway_outcome outcome = gangway_dial(&client, context->path);
        if (outcome == GANGWAY_DONE)
            outcome = gangway_advance(&client, round % 2 ? GANGWAY_STEP_MAPPED : GANGWAY_STEP_GO);
        if (outcome == GANGWAY_DONE) {
            close(client.side.socket);
            continue;
        }
        expect("never-arriving", outcome == GANGWAY_REFUSED && client.reject.code == GANGWAY_OVERLOADED
                   && strstr(client.reject.text, "bytes of shared memory") != NULL,
               "after %d handshakes: %s, code %u %s", round, gangway_outcome_name(outcome), client.reject.code,
               client.reject.text);
        return;
    }
    result("never-arriving", THROUGH, "%d handshakes were kept mapped, and none was refused", ROUNDS_MAX);
}

// Connections that live, until the server says no.
static void hoard(const struct context *context)
{
    for (int round = 0; round < ROUNDS_MAX; round++) {
        struct gangway_client client;
        enum gangway_outcome outcome = gangway_connect(&client, context->path);
        if (outcome == GANGWAY_DONE)
            continue;
        expect("hoard", outcome == GANGWAY_REFUSED && client.reject.code == GANGWAY_OVERLOADED
                   && strstr(client.reject.text, "PerUser") != NULL,
               "after %d connections: %s, code %u %s", round, gangway_outcome_name(outcome), client.reject.code,
               client.reject.text);
        return;
    }
    result("hoard", THROUGH, "%d connections live, and none was refused", ROUNDS_MAX);
}

// A process that connects, leaves the socket and the mappings to a child, and dies. Its share comes back with its death,
// whatever the child keeps: so the next one gets in, 40 times, with a share that is far smaller.
static void fork_and_die(const struct context *context)
{
    pid_t heirs[FORKS];
    int good = 0;
    for (int round = 0; round < FORKS; round++) {
        int report[2];
        heirs[round] = -1;
        if (pipe(report) != 0)
            break;
        pid_t connector = fork();
        if (connector == 0) {
            struct gangway_client client;
            enum gangway_outcome outcome = GANGWAY_FAILED;
            for (uint64_t end = now_ns() + WATCH_MS * UINT64_C(1000000); now_ns() < end; nap()) {
                outcome = gangway_connect(&client, context->path);
                if (outcome != GANGWAY_REFUSED || client.reject.code != GANGWAY_OVERLOADED)
                    break; // else the last death is not known there yet
                gangway_close(&client);
            }
            pid_t heir = outcome == GANGWAY_DONE ? fork() : -1;
            if (heir == 0) {
                close_range(report[0], report[1], 0);
                pause();
            }
            if (write(report[1], &heir, sizeof heir) != sizeof heir || heir < 0)
                _exit(1);
            _exit(0);
        }
        close(report[1]);
        int status = 0;
        waitpid(connector, &status, 0);
        good += read(report[0], &heirs[round], sizeof heirs[round]) == sizeof heirs[round] && heirs[round] > 0;
        close(report[0]);
    }
    expect("fork-and-die", good == FORKS, "%d of %d processes connected, left an heir and died", good, FORKS);
    for (int round = 0; round < FORKS; round++)
        if (heirs[round] > 0)
            kill(heirs[round], SIGKILL);
}

const struct attack quota_attacks[] = {
    { "never-unmapping", "SH-07", never_unmapping, "reconnects and never unmaps, until it is refused", false },
    { "never-arriving", "SH-07", never_arriving, "leaves handshakes with the memory, until it is refused", false },
    { "hoard", "SE-03", hoard, "connects and stays, until it is refused", false },
    { "fork-and-die", "SH-07", fork_and_die, "dies, and leaves its memory to a child", false },
    { 0 },
};
