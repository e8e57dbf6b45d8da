// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "result.h"

#include <errno.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static bool any_through;

void result(const char *name, enum verdict verdict, const char *format, ...)
{
    static const char *const words[] = { "resisted", "through", "skipped" };
    char line[1024];
    int n = snprintf(line, sizeof line, "RESULT %s %s ", name, words[verdict]);
    va_list arguments;
    va_start(arguments, format);
    n += vsnprintf(line + n, sizeof line - (size_t)n - 1, format, arguments);
    va_end(arguments);
    if (n > (int)sizeof line - 2)
        n = sizeof line - 2;
    line[n++] = '\n';
    fflush(stdout);
    if (write(STDOUT_FILENO, line, (size_t)n) != n) // one write, so that lines of several processes do not mix
        any_through = true;
    any_through |= verdict == THROUGH;
}

int exit_code(void)
{
    return any_through ? 1 : 0;
}

uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

bool boot_id_is_mine(const uint8_t id[16])
{
    char text[64] = "", mine[64] = "";
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    if (file == NULL || fgets(text, sizeof text, file) == NULL)
        abort();
    fclose(file);
    int n = 0;
    for (int i = 0; i < 16; i++)
        n += sprintf(mine + n, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", id[i]);
    return strncmp(text, mine, 36) == 0;
}

static uint64_t seed0 = 1;
static unsigned threads;
static __thread uint64_t state;

void random_seed(uint64_t seed)
{
    seed0 = seed;
    state = 0;
}

uint64_t random64(void)
{
    if (state == 0) // each thread has its own place in the sequence
        state = (seed0 + 0x9e3779b97f4a7c15u * (__atomic_fetch_add(&threads, 1, __ATOMIC_RELAXED) + 1)) | 1;
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

void become(unsigned uid)
{
    if (setgroups(0, NULL) != 0 || setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0) {
        fprintf(stderr, "cannot become uid %u: %s\n", uid, strerror(errno));
        exit(2);
    }
    // The change of user makes /proc/self unreadable; then an attack through it would fail for the wrong reason.
    prctl(PR_SET_DUMPABLE, 1);
}
