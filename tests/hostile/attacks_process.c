// SPDX-License-Identifier: MIT
//
// Processes that die, pass their socket on, or are not who they were (28, 29, 30).
#define _GNU_SOURCE
#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attack.h"

// 30: dies at each step of the handshake, many times, without a word.
static void kill_steps(const struct context *context)
{
    int killed = 0, rounds = 0;
    for (int round = 0; round < 20; round++)
        for (int step = GANGWAY_STEP_DIALLED; step <= GANGWAY_STEP_UP; step++, rounds++) {
            pid_t child = fork();
            if (child == 0) {
                struct gangway_client client;
                if (gangway_dial(&client, context->path) != GANGWAY_DONE
                    || gangway_advance(&client, (enum gangway_step)step) != GANGWAY_DONE)
                    _exit(1);
                raise(SIGKILL);
            }
            int status = 0;
            waitpid(child, &status, 0);
            killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        }
    expect("kill-steps", killed == rounds, "%d of %d reached their step and were killed there", killed, rounds);
    struct gangway_client client;
    if (connected(context, &client, "kill-steps-then-call"))
        expect_undisturbed("kill-steps-then-call", &client, "a new connection");
}

// Dies with every slot in use and a half-written record, again and again.
static void kill_busy(const struct context *context)
{
    int killed = 0;
    for (int round = 0; round < 50; round++) {
        pid_t child = fork();
        if (child == 0) {
            struct gangway_client client;
            enum gangway_outcome outcome = gangway_connect(&client, context->path);
            for (int i = 0; i < 60 && outcome == GANGWAY_DONE; i++)
                gangway_request(&client, i % 2 ? PEER_HOLD : PEER_ECHO, "", 0, &outcome);
            if (outcome != GANGWAY_DONE)
                _exit(1);
            memset(client.side.mine + GANGWAY_RING_OFFSET + client.side.written % GANGWAY_RING_BYTES + 8, 0xff, 56);
            raise(SIGKILL);
        }
        int status = 0;
        waitpid(child, &status, 0);
        killed += WIFSIGNALED(status);
    }
    expect("kill-busy", killed == 50, "%d of 50 died in the middle of their calls", killed);
}

// What the heir of a dead process's connection finds out, sent up a pipe.
struct found {
    bool ended;
    uint32_t reason;
};

// The connector: connects, forks an heir that has the socket and both mappings, and dies.
static void connect_and_die(const struct context *context, int gate, int report)
{
    struct gangway_client client;
    if (gangway_connect(&client, context->path) != GANGWAY_DONE)
        _exit(1);
    if (fork() != 0) {
        close(client.side.socket);
        _exit(0); // the heir's descriptor keeps the socket open: nobody hangs up
    }
    struct found found = { 0 };
    char go;
    if (read(gate, &go, 1) < 0)
        _exit(1);
    found.ended = ended(&client, WATCH_MS);
    found.reason = end_reason(&client);
    if (write(report, &found, sizeof found) != sizeof found)
        _exit(1);
    _exit(0);
}

static bool take_number(pid_t number, pid_t *taker)
{
    struct clone_args arguments = { .exit_signal = SIGCHLD, .set_tid = (uintptr_t)&number, .set_tid_size = 1 };
    long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) { // lives on under the dead process's number until it is killed, and holds nobody's pipe
        close_range(3, ~0u, 0);
        pause();
        _exit(0);
    }
    *taker = (pid_t)pid;
    return pid == number;
}

static void inherit(const struct context *context, const char *name, bool reuse)
{
    int gate[2], report[2];
    if (pipe(gate) != 0 || pipe(report) != 0)
        return;
    pid_t connector = fork();
    if (connector == 0) {
        close(gate[1]);
        if (context->uid >= 0)
            become((unsigned)context->uid);
        connect_and_die(context, gate[0], report[1]);
    }
    int status = 0;
    waitpid(connector, &status, 0);
    pid_t taker = -1;
    bool taken = reuse && WIFEXITED(status) && WEXITSTATUS(status) == 0 && take_number(connector, &taker);
    close(gate[1]); // the heir may look now
    close(report[1]);
    struct found found = { 0 };
    bool told = read(report[0], &found, sizeof found) == sizeof found;
    if (taker > 0) {
        kill(taker, SIGKILL);
        waitpid(taker, NULL, 0);
    }
    close(gate[0]);
    close(report[0]);
    if (reuse && !taken && told)
        result(name, SKIPPED, "the number %d could not be taken again: %s", connector, strerror(errno));
    else
        expect(name, told && found.ended, "the connector died, its heir kept the socket%s: %s, reason %d",
               reuse ? ", and another process has its number" : "",
               !told ? "could not connect" : found.ended ? "the server ended it" : "the connection lives on",
               (int)found.reason);
}

// 28: the peer is the process that connected, not whoever holds the socket.
static void orphan(const struct context *context) { inherit(context, "orphan", false); }

// 29: and it is that process, not its number.
static void reused_number(const struct context *context) { inherit(context, "reused-number", true); }

// 2: stops in the middle of its calls, goes on later. Nothing was lost, and meanwhile nobody waited for it.
static void stopped(const struct context *context)
{
    pid_t child = fork();
    if (child == 0) {
        struct gangway_client client;
        enum gangway_outcome outcome = gangway_connect(&client, context->path);
        int slots[GANGWAY_SLOTS - 1];
        bool good = outcome == GANGWAY_DONE;
        for (int i = 0; i < GANGWAY_SLOTS - 1 && good; i++)
            good = (slots[i] = gangway_request(&client, PEER_ECHO, "still here", 10, &outcome)) >= 0;
        raise(SIGSTOP);
        for (int i = 0; i < GANGWAY_SLOTS - 1 && good; i++) {
            uint8_t reply[GANGWAY_REPLY_BYTES];
            uint32_t bytes = 0;
            uint16_t status = 0;
            good = gangway_await_reply(&client, slots[i], &status, reply, &bytes) == GANGWAY_DONE && bytes == 10
                && memcmp(reply, "still here", 10) == 0;
        }
        _exit(good && echo_works(&client) ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, WUNTRACED);
    bool was_stopped = WIFSTOPPED(status);
    struct timespec pause = { (time_t)context->seconds, 0 };
    nanosleep(&pause, NULL); // for the others to go on in
    kill(child, SIGCONT);
    waitpid(child, &status, 0);
    expect("stopped", was_stopped && WIFEXITED(status) && WEXITSTATUS(status) == 0,
           "63 requests were answered while their caller was stopped (%d)", status);
}

// A connection that lives while its process runs another program in the meantime is gone by close-on-exec.
static void exec_away(const struct context *context)
{
    pid_t child = fork();
    if (child == 0) {
        struct gangway_client client;
        if (gangway_connect(&client, context->path) != GANGWAY_DONE || !echo_works(&client))
            _exit(1);
        execl("/bin/true", "true", (char *)NULL);
        _exit(2);
    }
    int status = 0;
    waitpid(child, &status, 0);
    expect("exec-away", WIFEXITED(status) && WEXITSTATUS(status) == 0, "the process became another program (%d)",
           status);
}

// SE-02: a listener that admits only its own user. Either the directory or the listener says no.
static void other_user(const struct context *context)
{
    struct gangway_client client;
    enum gangway_outcome outcome = gangway_dial(&client, context->path);
    if (outcome == GANGWAY_FAILED) {
        expect("other-user", errno == EACCES, "connect: %s", strerror(errno));
        gangway_close(&client);
        return;
    }
    outcome = gangway_advance(&client, GANGWAY_STEP_UP);
    expect_reject("other-user", &client, outcome, GANGWAY_NOT_PERMITTED);
}

const struct attack process_attacks[] = {
    { "kill-steps", "30", kill_steps, "dies at each step of the handshake", false },
    { "kill-busy", "24, 30", kill_busy, "dies in the middle of its calls", false },
    { "orphan", "28", orphan, "a child keeps the socket of its dead parent", true },
    { "reused-number", "29", reused_number, "as orphan, and a new process takes the dead one's number (root)", true },
    { "stopped", "2", stopped, "SIGSTOP in the middle of its calls, SIGCONT later", false },
    { "exec-away", "30", exec_away, "becomes another program", false },
    { "other-user", "SE-02", other_user, "only for a listener that does not admit this user", false },
    { 0 },
};
