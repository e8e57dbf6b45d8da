// SPDX-License-Identifier: MIT
//
//   hostile [--uid N] [--seconds S] [--seed N] PATH ATTACK...   attacks the server at PATH
//   hostile server PATH DEPARTURE                               is a server at PATH, hostile or "honest"
//   hostile list | departures                                   names
//
// Prints a line `RESULT name outcome detail` for each attempt. Exits 0 when nothing got through, as far as this side
// can see: whether the server and its other clients were disturbed is for the caller to look at.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"

static const struct attack *const groups[] = { handshake_attacks, memory_attacks, record_attacks, word_attacks,
                                               socket_attacks, process_attacks, quota_attacks, scan_attacks,
                                               crowd_attacks, lane_attacks };

static const struct attack *find(const char *name)
{
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
        for (const struct attack *attack = groups[g]; attack->name != NULL; attack++)
            if (strcmp(attack->name, name) == 0)
                return attack;
    return NULL;
}

static int list(void)
{
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
        for (const struct attack *attack = groups[g]; attack->name != NULL; attack++)
            printf("%s\t%s\t%s\n", attack->name, attack->number, attack->what);
    return 0;
}

static int departures(void)
{
    for (const struct gangway_departure *d = gangway_departures; d->name != NULL; d++)
        printf("%s\t%s\n", d->name, d->expect);
    return 0;
}

// One process per connection, until it is killed. Prints `ready`, then the results.
static int serve(const char *path, const char *name)
{
    const struct gangway_departure *departure = gangway_departures;
    while (departure->name != NULL && strcmp(departure->name, name) != 0)
        departure++;
    int listener = departure->name == NULL ? -1 : gangway_listen(path);
    if (listener < 0) {
        fprintf(stderr, "cannot serve %s as %s\n", path, name);
        return 2;
    }
    signal(SIGCHLD, SIG_IGN);
    puts("ready");
    fflush(stdout);
    for (;;) {
        int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (connection < 0)
            continue;
        if (fork() == 0)
            _exit(gangway_serve(connection, departure));
        close(connection);
    }
}

int main(int argc, char **argv)
{
    struct context context = { .uid = -1, .seconds = 1 };
    const char *environment = getenv("GANGWAY_SEED");
    uint64_t seed = environment != NULL ? strtoull(environment, NULL, 0) : now_ns();
    int at = 1;
    if (argc >= 2 && strcmp(argv[1], "list") == 0)
        return list();
    if (argc >= 2 && strcmp(argv[1], "departures") == 0)
        return departures();
    if (argc == 4 && strcmp(argv[1], "server") == 0)
        return serve(argv[2], argv[3]);
    for (; at + 1 < argc && strncmp(argv[at], "--", 2) == 0; at += 2)
        if (strcmp(argv[at], "--uid") == 0)
            context.uid = atol(argv[at + 1]);
        else if (strcmp(argv[at], "--seconds") == 0)
            context.seconds = atof(argv[at + 1]);
        else if (strcmp(argv[at], "--seed") == 0)
            seed = strtoull(argv[at + 1], NULL, 0);
    if (at + 2 > argc) {
        fprintf(stderr, "usage: hostile [--uid N] [--seconds S] [--seed N] PATH ATTACK... | server PATH DEPARTURE | list | departures\n");
        return 2;
    }
    context.path = argv[at++];
    printf("SEED %llu\n", (unsigned long long)seed);
    random_seed(seed);

    // Attacks that need root before they change the user come first.
    bool dropped = false;
    for (int pass = 0; pass < 2; pass++)
        for (int i = at; i < argc; i++) {
            const struct attack *attack = find(argv[i]);
            if (attack == NULL) {
                fprintf(stderr, "no attack is named %s\n", argv[i]);
                return 2;
            }
            if (attack->as_root == (pass == 1))
                continue;
            if (pass == 1 && !dropped && context.uid >= 0)
                become((unsigned)context.uid);
            dropped = pass == 1;
            attack->run(&context);
        }
    return exit_code();
}
