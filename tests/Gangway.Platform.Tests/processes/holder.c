// SPDX-License-Identifier: MIT

/* A second process for tests. It says "ready" when it holds what it was asked for, and ends with its input.
     holder lock PATH            holds the open-file-description write lock of PATH
     holder listen PATH          listens on PATH and accepts nobody
     holder wake PATH OFFSET     maps PATH (a memory file, through /proc) and wakes who sleeps on the word
     holder idle                 holds nothing */

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static void need(int ok, const char *what)
{
    if (!ok) {
        perror(what);
        exit(1);
    }
}

static void lock(const char *path)
{
    struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int file = open(path, O_RDWR | O_CREAT, 0600);
    need(file >= 0, "open");
    need(fcntl(file, F_OFD_SETLK, &all) == 0, "lock");
}

static void listen_at(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int socket_ = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    need(socket_ >= 0, "socket");
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    need(bind(socket_, (struct sockaddr *)&address, sizeof address) == 0, "bind");
    need(listen(socket_, 8) == 0, "listen");
}

static void wake(const char *path, long offset)
{
    int file = open(path, O_RDONLY);
    need(file >= 0, "open");
    char *memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
    need(memory != MAP_FAILED, "mmap");
    printf("woke %ld\n", syscall(SYS_futex, memory + offset, FUTEX_WAKE, 1));
}

int main(int count, char **words)
{
    if (count == 3 && strcmp(words[1], "lock") == 0)
        lock(words[2]);
    else if (count == 3 && strcmp(words[1], "listen") == 0)
        listen_at(words[2]);
    else if (count == 4 && strcmp(words[1], "wake") == 0)
        wake(words[2], atol(words[3]));
    else if (count != 2 || strcmp(words[1], "idle") != 0)
        return 2;

    puts("ready");
    fflush(stdout);
    while (getchar() != EOF)
        continue;
    return 0;
}
