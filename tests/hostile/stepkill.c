// SPDX-License-Identifier: MIT
//
//   stepkill PID TID COUNT                      stops thread TID, steps it COUNT instructions, kills process PID there
//   stepkill --run COUNT -- PROGRAM ARG...      starts PROGRAM, lets it run to its first getppid(), then the same
//
// Prints `KILLED steps=N rip=0x... syscalls=M`, N less than COUNT when the process ended by itself. In the first form
// the other threads of the process run on freely; in the second their beginning is not followed.
// Exits 0 when it killed, 3 when the process ended before.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

// Waits for the next stop of the thread; false when it is gone.
static bool next_stop(pid_t thread, int *status)
{
    pid_t waited;
    do
        waited = waitpid(thread, status, __WALL);
    while (waited < 0 && errno == EINTR);
    return waited == thread && WIFSTOPPED(*status);
}

// A signal that the stop was for, and that the program should have; the tracer's own are kept from it.
static int signal_to_pass(int status)
{
    bool event = status >> 16 != 0;
    int signal = WSTOPSIG(status);
    return event || signal == SIGTRAP || signal == (SIGTRAP | 0x80) ? 0 : signal;
}

// Steps `count` instructions. A system call is one step, however long it takes. False when the thread ended.
static bool step(pid_t thread, long count, long *stepped, long *calls)
{
    int status = 0, signal = 0;
    for (*stepped = 0; *stepped < count;) {
        struct user_regs_struct registers;
        if (ptrace(PTRACE_GETREGS, thread, NULL, &registers) == 0) {
            errno = 0;
            long code = ptrace(PTRACE_PEEKTEXT, thread, registers.rip, NULL);
            *calls += errno == 0 && (code & 0xffff) == 0x050f; // the instruction `syscall`
        }
        if (ptrace(PTRACE_SINGLESTEP, thread, NULL, signal) != 0 || !next_stop(thread, &status))
            return false;
        signal = signal_to_pass(status);
        *stepped += status >> 16 == 0 && WSTOPSIG(status) == SIGTRAP; // not for signals that came in between
    }
    return true;
}

static int kill_here(pid_t process, pid_t thread, long count)
{
    struct user_regs_struct registers = { 0 };
    long stepped = 0, calls = 0;
    bool alive = step(thread, count, &stepped, &calls);
    if (alive)
        ptrace(PTRACE_GETREGS, thread, NULL, &registers);
    kill(process, SIGKILL); // while the thread is stopped: not one instruction more
    int status;
    while (waitpid(thread, &status, __WALL) == thread && WIFSTOPPED(status))
        ;
    printf("%s steps=%ld rip=0x%llx syscalls=%ld\n", alive ? "KILLED" : "ENDED", stepped, registers.rip, calls);
    return alive ? 0 : 3;
}

static int attach(pid_t process, pid_t thread, long count)
{
    int status;
    if (ptrace(PTRACE_SEIZE, thread, NULL, NULL) != 0 || ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) != 0) {
        fprintf(stderr, "stepkill: cannot seize thread %d: %s\n", thread, strerror(errno));
        return 2;
    }
    return next_stop(thread, &status) ? kill_here(process, thread, count) : 3;
}

// Lets the program run from system call to system call until the marker has returned.
static bool run_to_marker(pid_t child)
{
    int status, signal = 0;
    while (ptrace(PTRACE_SYSCALL, child, NULL, signal) == 0 && next_stop(child, &status)) {
        signal = signal_to_pass(status);
        struct user_regs_struct registers;
        if (WSTOPSIG(status) != (SIGTRAP | 0x80) || ptrace(PTRACE_GETREGS, child, NULL, &registers) != 0)
            continue;
        bool entry = (long long)registers.rax == -ENOSYS;
        if (registers.orig_rax == SYS_getppid && !entry)
            return true;
    }
    return false;
}

static int run(long count, char **program)
{
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        execvp(program[0], program);
        _exit(127);
    }
    int status;
    if (!next_stop(child, &status)
        || ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) != 0)
        return 2;
    if (!run_to_marker(child)) {
        fprintf(stderr, "stepkill: the program ended before it called getppid()\n");
        return 3;
    }
    return kill_here(child, child, count);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc >= 5 && strcmp(argv[1], "--run") == 0 && strcmp(argv[3], "--") == 0)
        return run(atol(argv[2]), argv + 4);
    if (argc == 4)
        return attach(atoi(argv[1]), atoi(argv[2]), atol(argv[3]));
    fprintf(stderr, "usage: stepkill PID TID COUNT | stepkill --run COUNT -- PROGRAM ARG...\n");
    return 2;
}
