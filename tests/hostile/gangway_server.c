// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "gangway_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "result.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif

enum { HANDSHAKE_MS = 5000, SPINS = 2000, NAP_MS = 200 };

// --- The name (section 1) ----------------------------------------------------------------------------------------

int gangway_listen(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    char lock[128];
    snprintf(lock, sizeof lock, "%s.lock", path);
    snprintf(address.sun_path, sizeof address.sun_path, "%s.%d", path, (int)getpid());

    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int file = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644); // stays open: it is the ownership
    if (file < 0 || fcntl(file, F_OFD_SETLK, &whole) != 0)
        return -1;
    int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (void *)&address, sizeof address) != 0 || chmod(address.sun_path, 0666) != 0
        || listen(listener, 64) != 0 || rename(address.sun_path, path) != 0)
        return -1;
    return listener;
}

// --- The handshake (section 2) -----------------------------------------------------------------------------------

static int make_segment(const char *name)
{
    int memory = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    if (memory < 0)
        memory = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memory >= 0 && ftruncate(memory, GANGWAY_SEGMENT_BYTES) != 0)
        return -1;
    return memory;
}

static bool make_segments(struct gangway_side *side)
{
    side->mine_fd = make_segment("gangway-server");
    side->theirs_fd = make_segment("gangway-client");
    void *mine = mmap(NULL, GANGWAY_SEGMENT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, side->mine_fd, 0);
    void *theirs = mmap(NULL, GANGWAY_SEGMENT_BYTES, PROT_READ, MAP_SHARED, side->theirs_fd, 0);
    if (mine == MAP_FAILED || theirs == MAP_FAILED)
        return false;
    side->mine = mine;
    side->theirs = theirs;
    // The client never sees the server's segment unsealed; its own it can still map for writing.
    return fcntl(side->mine_fd, F_ADD_SEALS, GANGWAY_SEAL_SHRINK | GANGWAY_SEAL_GROW | GANGWAY_SEAL_FUTURE_WRITE
                                                 | GANGWAY_SEAL_SEAL) == 0
        && fcntl(side->theirs_fd, F_ADD_SEALS, GANGWAY_SEAL_SHRINK | GANGWAY_SEAL_GROW) == 0;
}

static bool seal_and_check(const struct gangway_side *side)
{
    const int whole = GANGWAY_SEAL_SEAL | GANGWAY_SEAL_SHRINK | GANGWAY_SEAL_GROW | GANGWAY_SEAL_FUTURE_WRITE;
    struct stat mine, theirs;
    fcntl(side->theirs_fd, F_ADD_SEALS, GANGWAY_SEAL_FUTURE_WRITE | GANGWAY_SEAL_SEAL);
    // Seals first, pages afterwards: what is allocated now can no longer be punched out.
    return (fcntl(side->theirs_fd, F_GET_SEALS) & whole) == whole && (fcntl(side->mine_fd, F_GET_SEALS) & whole) == whole
        && fstat(side->mine_fd, &mine) == 0 && fstat(side->theirs_fd, &theirs) == 0
        && mine.st_blocks * 512 >= GANGWAY_SEGMENT_BYTES && theirs.st_blocks * 512 >= GANGWAY_SEGMENT_BYTES;
}

static int reject(int socket, uint32_t code, const char *text)
{
    struct gangway_reject packet = { .type = GANGWAY_REJECT, .code = code };
    strncpy(packet.text, text, sizeof packet.text - 1);
    packet.bytes = 16 + (uint32_t)strlen(packet.text);
    send(socket, &packet, packet.bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    return -1;
}

// One packet of the client, without a control buffer, so that descriptors sent along never arrive.
static ssize_t receive(int socket, void *packet, size_t capacity)
{
    struct pollfd wait = { socket, POLLIN, 0 };
    if (poll(&wait, 1, HANDSHAKE_MS) <= 0)
        return reject(socket, GANGWAY_TIMED_OUT, "the handshake took longer than 5 s");
    return recv(socket, packet, capacity, 0);
}

static bool receive_small(int socket, uint32_t type)
{
    struct gangway_packet packet[2];
    ssize_t n = receive(socket, packet, sizeof packet);
    bool good = n == sizeof packet[0] && packet[0].type == type && packet[0].bytes == sizeof packet[0];
    if (!good && n > 0)
        reject(socket, GANGWAY_MALFORMED, "not the packet of this step");
    return good;
}

static bool receive_hello(int socket, struct gangway_hello *hello)
{
    union { struct gangway_hello hello; uint8_t bytes[GANGWAY_PACKET_MAX + 1]; } packet;
    memset(&packet, 0, sizeof packet);
    ssize_t n = receive(socket, &packet, sizeof packet);
    *hello = packet.hello;
    if (n <= 0)
        return false;
    const char *wrong = NULL;
    uint32_t code = GANGWAY_MALFORMED;
    if ((size_t)n < sizeof *hello || n > GANGWAY_PACKET_MAX || hello->type != GANGWAY_HELLO || hello->bytes != (size_t)n
        || hello->magic != GANGWAY_MAGIC_HANDSHAKE)
        wrong = "not a Hello";
    else if (hello->epoch == 0)
        wrong = "epoch 0";
    else if (hello->version_min > 1 || hello->version_max < 1)
        wrong = "no common version", code = GANGWAY_NO_VERSION;
    else if (hello->segment_bytes_max != 0 && hello->segment_bytes_max < GANGWAY_SEGMENT_BYTES)
        wrong = "segments have 28,672 bytes", code = GANGWAY_LIMITS;
    else if (!boot_id_is_mine(hello->boot_id) || hello->clock > now_ns() || now_ns() - hello->clock > 5000000000u)
        wrong = "boot id or clock differ", code = GANGWAY_OTHER_MACHINE;
    for (size_t at = sizeof *hello; wrong == NULL && at < (size_t)n;) { // the tail: type, bytes, value
        uint16_t bytes = 0;
        if ((size_t)n - at >= 4)
            memcpy(&bytes, packet.bytes + at + 2, 2);
        if ((size_t)n - at < 4 || (size_t)n - at - 4 < bytes)
            wrong = "a record of the tail does not fit";
        at += 4u + bytes;
    }
    return wrong == NULL || reject(socket, code, wrong) == 0;
}

static void send_welcome(int socket, const struct gangway_offer *offer)
{
    union { char bytes[CMSG_SPACE(4 * sizeof(int))]; struct cmsghdr align; } control = { { 0 } };
    struct iovec part = { (void *)(uintptr_t)&offer->welcome, offer->welcome_bytes };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    if (offer->descriptor_count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(offer->descriptor_count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        *header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(offer->descriptor_count * sizeof(int)),
                                    .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
        memcpy(CMSG_DATA(header), offer->descriptors, offer->descriptor_count * sizeof(int));
    }
    sendmsg(socket, &message, MSG_NOSIGNAL);
}

// True when this is where the offer says to stop; a stalling server waits until the client goes away.
static bool stops_here(int socket, const struct gangway_offer *offer, unsigned packets)
{
    if (offer->hang_up_after != packets)
        return false;
    struct pollfd wait = { socket, POLLRDHUP, 0 };
    if (offer->stall)
        poll(&wait, 1, 60000);
    return true;
}

enum reached { STOPPED, REFUSED_WELCOME, REFUSED_GO, CONNECTED };

static enum reached handshake(struct gangway_side *side, const struct gangway_departure *departure)
{
    struct gangway_hello hello;
    struct gangway_packet go = { GANGWAY_GO, sizeof go };
    if (!receive_hello(side->socket, &hello) || !make_segments(side))
        return STOPPED;

    struct gangway_offer offer = {
        .welcome = { .type = GANGWAY_WELCOME, .bytes = sizeof offer.welcome, .magic = GANGWAY_MAGIC_HANDSHAKE,
                     .version = GANGWAY_VERSION, .epoch = hello.epoch,
                     .geometry = gangway_geometry_of(0) },
        .welcome_bytes = sizeof offer.welcome, .descriptors = { side->mine_fd, side->theirs_fd },
        .descriptor_count = 2, .go_type = GANGWAY_GO };
    if (getrandom(offer.welcome.pair, sizeof offer.welcome.pair, 0) < 0)
        return STOPPED;
    if (departure->offer != NULL)
        departure->offer(&offer);

    if (stops_here(side->socket, &offer, 1))
        return STOPPED;
    if (offer.reject.type != 0)
        send(side->socket, &offer.reject, offer.reject.bytes, MSG_NOSIGNAL);
    else
        send_welcome(side->socket, &offer);
    if (!receive_small(side->socket, GANGWAY_READY))
        return REFUSED_WELCOME;
    if (stops_here(side->socket, &offer, 2))
        return STOPPED;
    if (!offer.no_final_seal && !seal_and_check(side)) {
        reject(side->socket, GANGWAY_MEMORY, "seals or pages");
        return STOPPED;
    }
    if (!offer.no_header)
        gangway_write_header(side);
    if (offer.header_poison != 0)
        store32(side->mine + GANGWAY_AT_VERSION, GANGWAY_VERSION ^ offer.header_poison);
    go.type = offer.go_type;
    send(side->socket, &go, sizeof go, MSG_NOSIGNAL);
    if (!receive_small(side->socket, GANGWAY_UP))
        return REFUSED_GO;
    if (stops_here(side->socket, &offer, 3))
        return STOPPED;
    if (!gangway_check_header(side)) {
        reject(side->socket, GANGWAY_MALFORMED, "header");
        return STOPPED;
    }
    close(side->mine_fd);
    close(side->theirs_fd);
    side->mine_fd = side->theirs_fd = -1;
    return CONNECTED;
}

// --- The service -------------------------------------------------------------------------------------------------

static struct { uint64_t messages, bytes, disorder; } totals;
static struct { unsigned slot; uint64_t generation; } held[GANGWAY_SLOTS];
static unsigned held_count;

static void take_note(const struct gangway_record *note)
{
    uint64_t sequence = 0;
    memcpy(&sequence, note->bytes + note->extension_bytes, note->payload_bytes < 8 ? note->payload_bytes : 8);
    if (sequence != totals.messages)
        totals.disorder++;
    totals.messages++;
    totals.bytes += note->payload_bytes;
}

static uint32_t push(struct gangway_side *side, uint32_t count)
{
    struct gangway_record record = { .kind = GANGWAY_MESSAGE, .operation = PEER_NOTE, .payload_bytes = 8 };
    uint32_t sent = 0;
    for (; sent < count && gangway_write(side, &record) == GANGWAY_DONE; sent++)
        ;
    return sent;
}

static void answer(struct gangway_side *side, const struct gangway_record *request)
{
    const uint8_t *payload = request->bytes + request->extension_bytes;
    uint32_t count = 0;
    switch (request->operation) {
    case PEER_ECHO:
        count = request->payload_bytes <= GANGWAY_REPLY_BYTES ? request->payload_bytes : GANGWAY_REPLY_BYTES;
        gangway_reply(side, request->slot, request->generation, 0, payload, count);
        break;
    case PEER_TOTALS: gangway_reply(side, request->slot, request->generation, 0, &totals, sizeof totals); break;
    case PEER_PUSH:
        memcpy(&count, payload, request->payload_bytes < 4 ? request->payload_bytes : 4);
        count = push(side, count);
        gangway_reply(side, request->slot, request->generation, 0, &count, sizeof count);
        break;
    case PEER_HOLD:
        held[held_count].slot = request->slot;
        held[held_count++].generation = request->generation;
        break;
    case PEER_RELEASE:
        while (held_count > 0) {
            held_count--;
            gangway_reply(side, held[held_count].slot, held[held_count].generation, 0, "", 0);
        }
        gangway_reply(side, request->slot, request->generation, 0, "", 0);
        break;
    default: gangway_reply(side, request->slot, request->generation, 1, "", 0); break;
    }
}

static bool pending(const struct gangway_record *request)
{
    for (unsigned i = 0; i < held_count; i++)
        if (held[i].slot == request->slot)
            return true;
    return false;
}

static bool has_record(struct gangway_side *side)
{
    return load64(side->theirs + GANGWAY_RING_OFFSET + side->taken % GANGWAY_RING_BYTES) != 0;
}

// Reads records until the client goes away (true) or breaks the protocol (false).
static bool serve_records(struct gangway_side *side, const struct gangway_departure *departure)
{
    struct gangway_record record;
    bool gone = false;
    for (int idle = 0;;) {
        enum gangway_outcome outcome = gangway_take(side, &record);
        if (outcome == GANGWAY_PEER_BROKE || !gangway_refresh(side) || side->peer_broke)
            return false;
        if (outcome == GANGWAY_NOTHING) {
            if (gone)
                return true;
            if (++idle > SPINS)
                gone = gangway_sleep(side, NAP_MS, has_record);
            continue;
        }
        idle = 0;
        if (record.kind == GANGWAY_MESSAGE) {
            take_note(&record);
            gangway_complete_message(side);
        } else if (pending(&record)) {
            side->complaint = "slot still pending";
            return false;
        } else if (departure->reply != NULL) {
            departure->reply(side, &record);
        } else {
            answer(side, &record);
        }
    }
}

int gangway_serve(int socket, const struct gangway_departure *departure)
{
    struct gangway_side side = { .listens = true, .socket = socket, .mine_fd = -1, .theirs_fd = -1 };
    enum reached reached = handshake(&side, departure);
    bool lawful = true, resisted;
    if (reached == CONNECTED) {
        lawful = serve_records(&side, departure);
        store32(side.mine + GANGWAY_AT_REASON, lawful ? GANGWAY_REASON_APPLICATION : GANGWAY_REASON_PEER_BROKE_PROTOCOL);
        store32(side.mine + GANGWAY_AT_STATE, GANGWAY_STATE_CLOSING);
    }
    switch (departure->answer) {
    case REFUSE_WELCOME: resisted = reached == REFUSED_WELCOME || reached == STOPPED; break;
    case REFUSE_GO: resisted = reached == REFUSED_GO || reached == STOPPED; break;
    default: resisted = lawful; break;
    }
    static const char *const names[] = { "stopped", "refused-welcome", "refused-go", "connected" };
    result(departure->name, resisted ? RESISTED : THROUGH, "%s%s%s", names[reached], lawful ? "" : ", then broke: ",
           lawful || side.complaint == NULL ? "" : side.complaint);
    shutdown(socket, SHUT_RDWR);
    side.socket = -1;
    close(socket);
    return resisted ? 0 : 1;
}
