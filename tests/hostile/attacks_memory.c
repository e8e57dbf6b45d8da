// SPDX-License-Identifier: MIT
//
// The segments as memory and as files: size, holes, seals, a writable way into the server's, execution (11, 12, 15, 16).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

enum { BYTES = GANGWAY_SEGMENT_BYTES, HOLE = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE };

static int reopen(int fd)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_RDWR | O_CLOEXEC);
}

// 11: no size but the one of Welcome, through any descriptor, at any time.
static void resize(const struct context *context)
{
    static const enum gangway_step steps[] = { GANGWAY_STEP_WELCOMED, GANGWAY_STEP_READY, GANGWAY_STEP_UP };
    for (int k = 0; k < 3; k++) {
        struct gangway_client client;
        if (!reached(context, &client, steps[k], "resize"))
            return;
        int fds[] = { client.side.theirs_fd, client.side.mine_fd, reopen(client.side.theirs_fd),
                      reopen(client.side.mine_fd) };
        int changed = 0;
        for (int i = 0; i < 4; i++) {
            changed += fds[i] >= 0 && ftruncate(fds[i], 0) == 0;
            changed += fds[i] >= 0 && ftruncate(fds[i], BYTES - 4096) == 0;
            changed += fds[i] >= 0 && ftruncate(fds[i], BYTES + 4096) == 0;
            changed += fds[i] >= 0 && fallocate(fds[i], 0, BYTES, 4096) == 0;
        }
        close(fds[2]);
        close(fds[3]);
        expect("resize", changed == 0, "step %d: %d of 16 attempts changed a size", steps[k], changed);
        if (gangway_advance(&client, GANGWAY_STEP_UP) == GANGWAY_DONE)
            expect_undisturbed("resize-then-call", &client, "after failing to resize");
        else
            result("resize-then-call", THROUGH, "the handshake did not go on");
    }
}

static int punch(struct gangway_side *side)
{
    int holes = 0;
    holes += fallocate(side->mine_fd, HOLE, 4096, 8192) == 0;
    holes += fallocate(side->theirs_fd, HOLE, 4096, 8192) == 0;
    if (side->mine != NULL)
        holes += madvise(side->mine, BYTES, MADV_REMOVE) == 0;
    if (side->theirs != NULL)
        holes += madvise((void *)(uintptr_t)side->theirs, BYTES, MADV_REMOVE) == 0;
    return holes;
}

// 12: a hole under the server would raise SIGBUS or give it zeroes; before Go it is found, afterwards it cannot be made.
static void holes(const struct context *context)
{
    struct gangway_client client;
    if (reached(context, &client, GANGWAY_STEP_WELCOMED, "hole-before-map")) {
        punch(&client.side); // harmless: both are populated afterwards
        if (gangway_advance(&client, GANGWAY_STEP_UP) == GANGWAY_DONE)
            expect_undisturbed("hole-before-map", &client, "holes were filled again by populating");
        else
            expect_reject("hole-before-map", &client, GANGWAY_REFUSED, GANGWAY_MEMORY);
    }
    if (reached(context, &client, GANGWAY_STEP_MAPPED, "hole-before-ready")) {
        int made = punch(&client.side);
        enum gangway_outcome outcome = gangway_advance(&client, GANGWAY_STEP_GO);
        if (made == 0)
            result("hole-before-ready", THROUGH, "no hole could be made, so this shows nothing");
        else
            expect_reject("hole-before-ready", &client, outcome, GANGWAY_MEMORY);
    }
    // Between Ready and Go: a race, so many times. Either the seal was first, or the server finds the hole.
    int made = 0, rejected = 0, up = 0, other = 0;
    for (int round = 0; round < 100; round++) {
        if (!reached(context, &client, GANGWAY_STEP_READY, "hole-after-ready"))
            return;
        for (uint64_t until = now_ns() + random64() % 200000; now_ns() < until;)
            ;
        int now = punch(&client.side);
        made += now > 0;
        enum gangway_outcome outcome = gangway_advance(&client, GANGWAY_STEP_UP);
        rejected += outcome == GANGWAY_REFUSED && client.reject.code == GANGWAY_MEMORY;
        if (outcome == GANGWAY_DONE)
            up += now == 0 && echo_works(&client);
        other += outcome == GANGWAY_DONE ? now > 0 : outcome != GANGWAY_REFUSED;
        gangway_close(&client);
    }
    expect("hole-after-ready", other == 0 && rejected + up == 100,
           "100 races: %d holes made, %d rejected, %d connected without a hole, %d connected with one", made, rejected,
           up, other);
    if (connected(context, &client, "hole-after-up")) {
        int mine = reopen(client.side.mine_fd), theirs = reopen(client.side.theirs_fd);
        int count = punch(&client.side);
        count += mine >= 0 && fallocate(mine, HOLE, 0, BYTES) == 0;
        count += theirs >= 0 && fallocate(theirs, HOLE, 0, BYTES) == 0;
        close(mine);
        close(theirs);
        expect("hole-after-up", count == 0, "%d of 6 attempts made a hole", count);
        expect_undisturbed("hole-after-up-then-call", &client, "after failing to punch");
    }
}

// 12: whoever seals first decides; a client that does cannot be sealed by the server, and is refused.
static void early_seals(const struct context *context)
{
    static const struct { const char *name; int seals; bool mapped; } cases[] = {
        { "seal-early", GANGWAY_SEAL_SEAL, true },
        { "seal-early-unmapped", GANGWAY_SEAL_SEAL, false },
    };
    struct gangway_client client;
    for (int i = 0; i < 2; i++) {
        if (!reached(context, &client, cases[i].mapped ? GANGWAY_STEP_MAPPED : GANGWAY_STEP_WELCOMED, cases[i].name))
            continue;
        int sealed = fcntl(client.side.mine_fd, F_ADD_SEALS, cases[i].seals);
        enum gangway_outcome outcome = gangway_advance(&client, GANGWAY_STEP_GO);
        if (sealed != 0)
            result(cases[i].name, THROUGH, "the seal could not be added (%s), so this shows nothing", strerror(errno));
        else
            expect_reject(cases[i].name, &client, outcome, GANGWAY_MEMORY);
    }
    if (reached(context, &client, GANGWAY_STEP_MAPPED, "seal-future-write-early")) { // earlier than need be: lawful
        int sealed = fcntl(client.side.mine_fd, F_ADD_SEALS, GANGWAY_SEAL_FUTURE_WRITE);
        enum gangway_outcome outcome = gangway_advance(&client, GANGWAY_STEP_UP);
        expect("seal-future-write-early", sealed == 0 && outcome == GANGWAY_DONE && echo_works(&client), "%s",
               gangway_outcome_name(outcome));
        gangway_close(&client);
    }
    if (connected(context, &client, "seal-late")) {
        int sealed = fcntl(client.side.mine_fd, F_ADD_SEALS, GANGWAY_SEAL_WRITE) == 0;
        sealed += fcntl(client.side.theirs_fd, F_ADD_SEALS, GANGWAY_SEAL_WRITE) == 0;
        expect("seal-late", sealed == 0, "%d of 2 seals could be added", sealed);
        expect_undisturbed("seal-late-then-call", &client, "after failing to seal");
    }
}

static int writes_through(int fd)
{
    int through = 0;
    char byte = 'x';
    void *map = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    through += map != MAP_FAILED;
    if (map != MAP_FAILED)
        munmap(map, BYTES);
    map = mmap(NULL, BYTES, PROT_READ, MAP_SHARED, fd, 0);
    if (map != MAP_FAILED) {
        through += mprotect(map, BYTES, PROT_READ | PROT_WRITE) == 0;
        munmap(map, BYTES);
    }
    through += pwrite(fd, &byte, 1, 300) == 1;
    through += lseek(fd, 300, SEEK_SET) == 300 && write(fd, &byte, 1) == 1;
    through += copy_file_range(fd, &(off_t){ 0 }, fd, &(off_t){ 8192 }, 64, 0) > 0;
    through += sendfile(fd, fd, &(off_t){ 0 }, 64) > 0;
    through += fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, 4096) == 0;
    through += fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, 4096) == 0;
    return through;
}

// The kernel's own back door: it may write where the program may not, but not through a shared read-only mapping.
static int writes_by_proc_mem(const uint8_t *at)
{
    char byte = 'x';
    int memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
    int through = memory >= 0 && pwrite(memory, &byte, 1, (off_t)(uintptr_t)at) == 1;
    close(memory);
    return through;
}

// 15: every way to a writable view of the server's segment, from every moment of the handshake.
static void write_server(const struct context *context)
{
    static const enum gangway_step steps[] = { GANGWAY_STEP_WELCOMED, GANGWAY_STEP_READY, GANGWAY_STEP_UP };
    for (int k = 0; k < 3; k++) {
        struct gangway_client client;
        if (!reached(context, &client, steps[k], "write-server"))
            return;
        struct gangway_side *side = &client.side;
        int copy = dup(side->theirs_fd), again = reopen(side->theirs_fd);
        uint8_t *early = mmap(NULL, BYTES, PROT_READ, MAP_SHARED, side->theirs_fd, 0); // from before the end
        fchmod(side->theirs_fd, 0777);
        int through = writes_through(side->theirs_fd) + writes_through(copy);
        if (again >= 0) // mode 0666 lets us in; the seals do not
            through += writes_through(again);
        if (gangway_advance(&client, GANGWAY_STEP_UP) != GANGWAY_DONE) {
            result("write-server", THROUGH, "step %d: the handshake did not go on", steps[k]);
            continue;
        }
        through += writes_through(copy) + writes_through(side->theirs_fd);
        through += mprotect(early, BYTES, PROT_READ | PROT_WRITE) == 0;
        int by_mprotect_errno = errno;
        through += mprotect((void *)(uintptr_t)side->theirs, BYTES, PROT_READ | PROT_WRITE) == 0;
        through += writes_by_proc_mem(early + 300) + writes_by_proc_mem(side->theirs + 300);
        void *elsewhere = mmap(NULL, BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        uint8_t *moved = mremap(early, BYTES, BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, elsewhere);
        if (moved != MAP_FAILED)
            through += mprotect(moved, BYTES, PROT_READ | PROT_WRITE) == 0, early = moved;
        expect("write-server", through == 0 && by_mprotect_errno == EACCES && early[300] == 0,
               "step %d: %d attempts got through; mprotect says %s; reopening %s", steps[k], through,
               strerror(by_mprotect_errno), again >= 0 ? "worked and did not help" : "failed");
        munmap(early, BYTES);
        close(copy);
        close(again);
        expect_undisturbed("write-server-then-call", &client, "after failing to write");
    }
}

// The client's own segment through mappings of every age: it is its writer, so they may work; the server must not care.
static void own_mappings(const struct context *context)
{
    struct gangway_client client;
    if (!reached(context, &client, GANGWAY_STEP_WELCOMED, "own-mappings"))
        return;
    int copy = dup(client.side.mine_fd);
    uint8_t *early = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, client.side.mine_fd, 0);
    uint8_t *reader = mmap(NULL, BYTES, PROT_READ, MAP_SHARED, client.side.mine_fd, 0);
    if (gangway_advance(&client, GANGWAY_STEP_UP) != GANGWAY_DONE) {
        result("own-mappings", THROUGH, "the handshake did not go on");
        return;
    }
    char byte = 'x';
    bool late_map = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, copy, 0) != MAP_FAILED;
    bool late_write = pwrite(copy, &byte, 1, 400) == 1;
    bool upgraded = mprotect(reader, BYTES, PROT_READ | PROT_WRITE) == 0; // known, and harmless: one writer still
    early[400] = 1;
    expect("own-mappings", !late_map && !late_write, "new writable views %d %d, an early reader %s", late_map, late_write,
           upgraded ? "became a writer" : "stayed one");
    expect_undisturbed("own-mappings-then-call", &client, "with all mappings kept");
    close(copy); // the mappings stay until this process ends: the server's accounting has to live with that
}

// 16: a segment is never a program.
static void execute(const struct context *context)
{
    struct gangway_client client;
    static const char script[] = "#!/bin/true\n";
    if (!reached(context, &client, GANGWAY_STEP_MAPPED, "execute"))
        return;
    int fds[] = { client.side.mine_fd, client.side.theirs_fd };
    memcpy(client.side.mine, script, sizeof script - 1);
    int through = 0;
    for (int i = 0; i < 2; i++) {
        through += fchmod(fds[i], 0777) == 0;
        pid_t child = fork();
        if (child == 0) {
            char *arguments[] = { "segment", NULL }, *environment[] = { NULL };
            fexecve(fcntl(fds[i], F_DUPFD, 100), arguments, environment); // without close-on-exec: a script needs it
            _exit(errno == EACCES ? 1 : errno == ENOEXEC ? 2 : 3);
        }
        int status = 0;
        waitpid(child, &status, 0);
        through += !(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    }
    memset(client.side.mine, 0, sizeof script);
    expect("execute", through == 0, "%d of 4 attempts (fchmod +x, fexecve) got through", through);
    if (gangway_advance(&client, GANGWAY_STEP_UP) == GANGWAY_DONE)
        expect_undisturbed("execute-then-call", &client, "after failing to execute");
    else
        result("execute-then-call", THROUGH, "the handshake did not go on");
}

// Pages pushed out under the server: slower, never wrong.
static void page_out(const struct context *context)
{
    struct gangway_client client;
    bool good = true;
    if (!connected(context, &client, "page-out"))
        return;
    for (int i = 0; i < 1000 && good; i++) {
        madvise(client.side.mine, BYTES, MADV_PAGEOUT);
        madvise((void *)(uintptr_t)client.side.theirs, BYTES, i % 2 ? MADV_PAGEOUT : MADV_DONTNEED);
        good = echo_works(&client);
    }
    expect("page-out", good, "calls between MADV_PAGEOUT and MADV_DONTNEED");
    gangway_close(&client);
}

// Ends the connection, keeps the mappings, and scribbles into them: the server must have let go.
static void late_writer(const struct context *context)
{
    struct gangway_client client;
    if (!connected(context, &client, "late-writer"))
        return;
    bool good = echo_works(&client);
    close(client.side.socket);
    for (uint64_t end = now_ns() + 300000000; now_ns() < end;)
        store64(client.side.mine + random64() % (BYTES / 8) * 8, random64());
    client.side.socket = -1;
    expect("late-writer", good, "scribbled into the segment after hanging up");
    gangway_close(&client);
}

const struct attack memory_attacks[] = {
    { "resize", "11", resize, "ftruncate and fallocate on every descriptor, at every step", false },
    { "holes", "12", holes, "PUNCH_HOLE and MADV_REMOVE before Ready, around it, and after Up", false },
    { "early-seals", "12", early_seals, "F_SEAL_SEAL before the server's, and other seals early and late", false },
    { "write-server", "15", write_server, "mprotect, mmap, pwrite, reopening, /proc/self/mem on the server's segment", false },
    { "own-mappings", "12, 15", own_mappings, "mappings and descriptors of our segment from before the handshake ended", false },
    { "execute", "16", execute, "fchmod +x and fexecve of both segments", false },
    { "page-out", "12", page_out, "MADV_PAGEOUT and MADV_DONTNEED between calls", false },
    { "late-writer", "12, 37", late_writer, "writes into its segment after the connection ended", false },
    { 0 },
};
