// SPDX-License-Identifier: MIT

/* Prints what the C headers of this machine say, for HeaderTests to compare with Gangway.Platform:
     const NAME VALUE       absent NAME
     size STRUCT: BYTES     field STRUCT: NAME OFFSET BYTES
   A constant that these headers are too old for is "absent"; the test lists which may be. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/magic.h>
#include <linux/memfd.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>

/* Headers before Linux 6.7 have these two under the names of futex_waitv's first version only. */
#ifndef FUTEX2_SIZE_U32
#define FUTEX2_SIZE_U32 FUTEX_32
#endif
#ifndef FUTEX2_PRIVATE
#define FUTEX2_PRIVATE FUTEX_PRIVATE_FLAG
#endif

#define CONSTANT(name) printf("const %s %lld\n", #name, (long long)(name))
#define SIZE(type) printf("size %s: %zu\n", #type, sizeof(type))
#define FIELD(type, field) \
    printf("field %s: %s %zu %zu\n", #type, #field, offsetof(type, field), sizeof(((type *)0)->field))

/* What Gangway.Platform calls two_descriptors: a control message with two ints behind its header. */
static void two_descriptors(void)
{
    static union { struct cmsghdr header; char bytes[256]; } u;
    const char *name = "struct two_descriptors";
    size_t data = (size_t)((char *)CMSG_DATA(&u.header) - u.bytes);
    printf("size %s: %zu\n", name, (size_t)CMSG_LEN(2 * sizeof(int)));
    printf("size %s with padding: %zu\n", name, (size_t)CMSG_SPACE(2 * sizeof(int)));
    printf("field %s: cmsg_len %zu %zu\n", name, offsetof(struct cmsghdr, cmsg_len), sizeof u.header.cmsg_len);
    printf("field %s: cmsg_level %zu %zu\n", name, offsetof(struct cmsghdr, cmsg_level), sizeof u.header.cmsg_level);
    printf("field %s: cmsg_type %zu %zu\n", name, offsetof(struct cmsghdr, cmsg_type), sizeof u.header.cmsg_type);
    printf("field %s: first %zu %zu\n", name, data, sizeof(int));
    printf("field %s: second %zu %zu\n", name, data + sizeof(int), sizeof(int));
}

static void structures(void)
{
    SIZE(struct statfs);
    FIELD(struct statfs, f_type);
    FIELD(struct statfs, f_bsize);
    SIZE(struct flock);
    FIELD(struct flock, l_type);
    FIELD(struct flock, l_whence);
    FIELD(struct flock, l_start);
    FIELD(struct flock, l_len);
    FIELD(struct flock, l_pid);
    SIZE(struct futex_waitv);
    FIELD(struct futex_waitv, val);
    FIELD(struct futex_waitv, uaddr);
    FIELD(struct futex_waitv, flags);
    FIELD(struct futex_waitv, __reserved);
    SIZE(struct pollfd);
    FIELD(struct pollfd, fd);
    FIELD(struct pollfd, events);
    FIELD(struct pollfd, revents);
    SIZE(struct rusage);
    FIELD(struct rusage, ru_nvcsw);
    SIZE(struct rlimit);
    FIELD(struct rlimit, rlim_cur);
    FIELD(struct rlimit, rlim_max);
    SIZE(struct statx);
    FIELD(struct statx, stx_mask);
    FIELD(struct statx, stx_blksize);
    FIELD(struct statx, stx_attributes);
    FIELD(struct statx, stx_nlink);
    FIELD(struct statx, stx_uid);
    FIELD(struct statx, stx_gid);
    FIELD(struct statx, stx_mode);
    FIELD(struct statx, __spare0);
    FIELD(struct statx, stx_ino);
    FIELD(struct statx, stx_size);
    FIELD(struct statx, stx_blocks);
    FIELD(struct statx, stx_attributes_mask);
    FIELD(struct statx, stx_atime);
    FIELD(struct statx, stx_btime);
    FIELD(struct statx, stx_ctime);
    FIELD(struct statx, stx_mtime);
    FIELD(struct statx, stx_rdev_major);
    FIELD(struct statx, stx_rdev_minor);
    FIELD(struct statx, stx_dev_major);
    FIELD(struct statx, stx_dev_minor);
    SIZE(struct statx_timestamp);
    FIELD(struct statx_timestamp, tv_sec);
    FIELD(struct statx_timestamp, tv_nsec);
    SIZE(struct timespec);
    FIELD(struct timespec, tv_sec);
    FIELD(struct timespec, tv_nsec);
    SIZE(struct iovec);
    FIELD(struct iovec, iov_base);
    FIELD(struct iovec, iov_len);
    SIZE(struct msghdr);
    FIELD(struct msghdr, msg_name);
    FIELD(struct msghdr, msg_namelen);
    FIELD(struct msghdr, msg_iov);
    FIELD(struct msghdr, msg_iovlen);
    FIELD(struct msghdr, msg_control);
    FIELD(struct msghdr, msg_controllen);
    FIELD(struct msghdr, msg_flags);
    SIZE(struct ucred);
    FIELD(struct ucred, pid);
    FIELD(struct ucred, uid);
    FIELD(struct ucred, gid);
    SIZE(struct timeval);
    FIELD(struct timeval, tv_sec);
    FIELD(struct timeval, tv_usec);
    SIZE(struct sockaddr_un);
    FIELD(struct sockaddr_un, sun_family);
    FIELD(struct sockaddr_un, sun_path);
    SIZE(struct epoll_event);
    FIELD(struct epoll_event, events);
    FIELD(struct epoll_event, data);
    two_descriptors();
}

static void errors(void)
{
    CONSTANT(EPERM);
    CONSTANT(ENOENT);
    CONSTANT(ESRCH);
    CONSTANT(EINTR);
    CONSTANT(EIO);
    CONSTANT(ENXIO);
    CONSTANT(E2BIG);
    CONSTANT(ENOEXEC);
    CONSTANT(EBADF);
    CONSTANT(ECHILD);
    CONSTANT(EAGAIN);
    CONSTANT(ENOMEM);
    CONSTANT(EACCES);
    CONSTANT(EFAULT);
    CONSTANT(ENOTBLK);
    CONSTANT(EBUSY);
    CONSTANT(EEXIST);
    CONSTANT(EXDEV);
    CONSTANT(ENODEV);
    CONSTANT(ENOTDIR);
    CONSTANT(EISDIR);
    CONSTANT(EINVAL);
    CONSTANT(ENFILE);
    CONSTANT(EMFILE);
    CONSTANT(ENOTTY);
    CONSTANT(ETXTBSY);
    CONSTANT(EFBIG);
    CONSTANT(ENOSPC);
    CONSTANT(ESPIPE);
    CONSTANT(EROFS);
    CONSTANT(EMLINK);
    CONSTANT(EPIPE);
    CONSTANT(EDOM);
    CONSTANT(ERANGE);
    CONSTANT(EDEADLK);
    CONSTANT(ENAMETOOLONG);
    CONSTANT(ENOLCK);
    CONSTANT(ENOSYS);
    CONSTANT(ENOTEMPTY);
    CONSTANT(ELOOP);
    CONSTANT(ENOMSG);
    CONSTANT(EIDRM);
    CONSTANT(ECHRNG);
    CONSTANT(EL2NSYNC);
    CONSTANT(EL3HLT);
    CONSTANT(EL3RST);
    CONSTANT(ELNRNG);
    CONSTANT(EUNATCH);
    CONSTANT(ENOCSI);
    CONSTANT(EL2HLT);
    CONSTANT(EBADE);
    CONSTANT(EBADR);
    CONSTANT(EXFULL);
    CONSTANT(ENOANO);
    CONSTANT(EBADRQC);
    CONSTANT(EBADSLT);
    CONSTANT(EBFONT);
    CONSTANT(ENOSTR);
    CONSTANT(ENODATA);
    CONSTANT(ETIME);
    CONSTANT(ENOSR);
    CONSTANT(ENONET);
    CONSTANT(ENOPKG);
    CONSTANT(EREMOTE);
    CONSTANT(ENOLINK);
    CONSTANT(EADV);
    CONSTANT(ESRMNT);
    CONSTANT(ECOMM);
    CONSTANT(EPROTO);
    CONSTANT(EMULTIHOP);
    CONSTANT(EDOTDOT);
    CONSTANT(EBADMSG);
    CONSTANT(EOVERFLOW);
    CONSTANT(ENOTUNIQ);
    CONSTANT(EBADFD);
    CONSTANT(EREMCHG);
    CONSTANT(ELIBACC);
    CONSTANT(ELIBBAD);
    CONSTANT(ELIBSCN);
    CONSTANT(ELIBMAX);
    CONSTANT(ELIBEXEC);
    CONSTANT(EILSEQ);
    CONSTANT(ERESTART);
    CONSTANT(ESTRPIPE);
    CONSTANT(EUSERS);
    CONSTANT(ENOTSOCK);
    CONSTANT(EDESTADDRREQ);
    CONSTANT(EMSGSIZE);
    CONSTANT(EPROTOTYPE);
    CONSTANT(ENOPROTOOPT);
    CONSTANT(EPROTONOSUPPORT);
    CONSTANT(ESOCKTNOSUPPORT);
    CONSTANT(EOPNOTSUPP);
    CONSTANT(EPFNOSUPPORT);
    CONSTANT(EAFNOSUPPORT);
    CONSTANT(EADDRINUSE);
    CONSTANT(EADDRNOTAVAIL);
    CONSTANT(ENETDOWN);
    CONSTANT(ENETUNREACH);
    CONSTANT(ENETRESET);
    CONSTANT(ECONNABORTED);
    CONSTANT(ECONNRESET);
    CONSTANT(ENOBUFS);
    CONSTANT(EISCONN);
    CONSTANT(ENOTCONN);
    CONSTANT(ESHUTDOWN);
    CONSTANT(ETOOMANYREFS);
    CONSTANT(ETIMEDOUT);
    CONSTANT(ECONNREFUSED);
    CONSTANT(EHOSTDOWN);
    CONSTANT(EHOSTUNREACH);
    CONSTANT(EALREADY);
    CONSTANT(EINPROGRESS);
    CONSTANT(ESTALE);
    CONSTANT(EUCLEAN);
    CONSTANT(ENOTNAM);
    CONSTANT(ENAVAIL);
    CONSTANT(EISNAM);
    CONSTANT(EREMOTEIO);
    CONSTANT(EDQUOT);
    CONSTANT(ENOMEDIUM);
    CONSTANT(EMEDIUMTYPE);
    CONSTANT(ECANCELED);
    CONSTANT(ENOKEY);
    CONSTANT(EKEYEXPIRED);
    CONSTANT(EKEYREVOKED);
    CONSTANT(EKEYREJECTED);
    CONSTANT(EOWNERDEAD);
    CONSTANT(ENOTRECOVERABLE);
    CONSTANT(ERFKILL);
    CONSTANT(EHWPOISON);
}

static void constants(void)
{
#ifdef O_RDONLY
    CONSTANT(O_RDONLY);
#else
    puts("absent O_RDONLY");
#endif
#ifdef O_RDWR
    CONSTANT(O_RDWR);
#else
    puts("absent O_RDWR");
#endif
#ifdef O_CREAT
    CONSTANT(O_CREAT);
#else
    puts("absent O_CREAT");
#endif
#ifdef O_NONBLOCK
    CONSTANT(O_NONBLOCK);
#else
    puts("absent O_NONBLOCK");
#endif
#ifdef O_CLOEXEC
    CONSTANT(O_CLOEXEC);
#else
    puts("absent O_CLOEXEC");
#endif
#ifdef F_OFD_GETLK
    CONSTANT(F_OFD_GETLK);
#else
    puts("absent F_OFD_GETLK");
#endif
#ifdef F_OFD_SETLK
    CONSTANT(F_OFD_SETLK);
#else
    puts("absent F_OFD_SETLK");
#endif
#ifdef F_WRLCK
    CONSTANT(F_WRLCK);
#else
    puts("absent F_WRLCK");
#endif
#ifdef F_UNLCK
    CONSTANT(F_UNLCK);
#else
    puts("absent F_UNLCK");
#endif
#ifdef S_IFMT
    CONSTANT(S_IFMT);
#else
    puts("absent S_IFMT");
#endif
#ifdef S_IFDIR
    CONSTANT(S_IFDIR);
#else
    puts("absent S_IFDIR");
#endif
#ifdef S_IFSOCK
    CONSTANT(S_IFSOCK);
#else
    puts("absent S_IFSOCK");
#endif
#ifdef O_DIRECTORY
    CONSTANT(O_DIRECTORY);
#else
    puts("absent O_DIRECTORY");
#endif
#ifdef O_NOFOLLOW
    CONSTANT(O_NOFOLLOW);
#else
    puts("absent O_NOFOLLOW");
#endif
#ifdef F_ADD_SEALS
    CONSTANT(F_ADD_SEALS);
#else
    puts("absent F_ADD_SEALS");
#endif
#ifdef F_GET_SEALS
    CONSTANT(F_GET_SEALS);
#else
    puts("absent F_GET_SEALS");
#endif
#ifdef F_GETFL
    CONSTANT(F_GETFL);
#else
    puts("absent F_GETFL");
#endif
#ifdef F_SETFL
    CONSTANT(F_SETFL);
#else
    puts("absent F_SETFL");
#endif
#ifdef EPOLL_CLOEXEC
    CONSTANT(EPOLL_CLOEXEC);
#else
    puts("absent EPOLL_CLOEXEC");
#endif
#ifdef EPOLL_CTL_ADD
    CONSTANT(EPOLL_CTL_ADD);
#else
    puts("absent EPOLL_CTL_ADD");
#endif
#ifdef EPOLL_CTL_DEL
    CONSTANT(EPOLL_CTL_DEL);
#else
    puts("absent EPOLL_CTL_DEL");
#endif
#ifdef EPOLL_CTL_MOD
    CONSTANT(EPOLL_CTL_MOD);
#else
    puts("absent EPOLL_CTL_MOD");
#endif
#ifdef EFD_NONBLOCK
    CONSTANT(EFD_NONBLOCK);
#else
    puts("absent EFD_NONBLOCK");
#endif
#ifdef EFD_CLOEXEC
    CONSTANT(EFD_CLOEXEC);
#else
    puts("absent EFD_CLOEXEC");
#endif
#ifdef TMPFS_MAGIC
    CONSTANT(TMPFS_MAGIC);
#else
    puts("absent TMPFS_MAGIC");
#endif
#ifdef PID_FS_MAGIC
    CONSTANT(PID_FS_MAGIC);
#else
    puts("absent PID_FS_MAGIC");
#endif
#ifdef AT_FDCWD
    CONSTANT(AT_FDCWD);
#else
    puts("absent AT_FDCWD");
#endif
#ifdef AT_SYMLINK_NOFOLLOW
    CONSTANT(AT_SYMLINK_NOFOLLOW);
#else
    puts("absent AT_SYMLINK_NOFOLLOW");
#endif
#ifdef AT_EMPTY_PATH
    CONSTANT(AT_EMPTY_PATH);
#else
    puts("absent AT_EMPTY_PATH");
#endif
#ifdef STATX_BASIC_STATS
    CONSTANT(STATX_BASIC_STATS);
#else
    puts("absent STATX_BASIC_STATS");
#endif
#ifdef SEEK_SET
    CONSTANT(SEEK_SET);
#else
    puts("absent SEEK_SET");
#endif
#ifdef FUTEX_WAKE
    CONSTANT(FUTEX_WAKE);
#else
    puts("absent FUTEX_WAKE");
#endif
#ifdef FUTEX2_SIZE_U32
    CONSTANT(FUTEX2_SIZE_U32);
#else
    puts("absent FUTEX2_SIZE_U32");
#endif
#ifdef FUTEX2_PRIVATE
    CONSTANT(FUTEX2_PRIVATE);
#else
    puts("absent FUTEX2_PRIVATE");
#endif
#ifdef CLOCK_MONOTONIC
    CONSTANT(CLOCK_MONOTONIC);
#else
    puts("absent CLOCK_MONOTONIC");
#endif
#ifdef PROT_READ
    CONSTANT(PROT_READ);
#else
    puts("absent PROT_READ");
#endif
#ifdef PROT_WRITE
    CONSTANT(PROT_WRITE);
#else
    puts("absent PROT_WRITE");
#endif
#ifdef MAP_SHARED
    CONSTANT(MAP_SHARED);
#else
    puts("absent MAP_SHARED");
#endif
#ifdef MAP_PRIVATE
    CONSTANT(MAP_PRIVATE);
#else
    puts("absent MAP_PRIVATE");
#endif
#ifdef MAP_FIXED
    CONSTANT(MAP_FIXED);
#else
    puts("absent MAP_FIXED");
#endif
#ifdef MAP_ANONYMOUS
    CONSTANT(MAP_ANONYMOUS);
#else
    puts("absent MAP_ANONYMOUS");
#endif
#ifdef MADV_DONTFORK
    CONSTANT(MADV_DONTFORK);
#else
    puts("absent MADV_DONTFORK");
#endif
#ifdef MADV_POPULATE_READ
    CONSTANT(MADV_POPULATE_READ);
#else
    puts("absent MADV_POPULATE_READ");
#endif
#ifdef MADV_POPULATE_WRITE
    CONSTANT(MADV_POPULATE_WRITE);
#else
    puts("absent MADV_POPULATE_WRITE");
#endif
#ifdef MFD_CLOEXEC
    CONSTANT(MFD_CLOEXEC);
#else
    puts("absent MFD_CLOEXEC");
#endif
#ifdef MFD_ALLOW_SEALING
    CONSTANT(MFD_ALLOW_SEALING);
#else
    puts("absent MFD_ALLOW_SEALING");
#endif
#ifdef MFD_NOEXEC_SEAL
    CONSTANT(MFD_NOEXEC_SEAL);
#else
    puts("absent MFD_NOEXEC_SEAL");
#endif
#ifdef FUTEX_WAIT_BITSET
    CONSTANT(FUTEX_WAIT_BITSET);
#else
    puts("absent FUTEX_WAIT_BITSET");
#endif
#ifdef FUTEX_PRIVATE_FLAG
    CONSTANT(FUTEX_PRIVATE_FLAG);
#else
    puts("absent FUTEX_PRIVATE_FLAG");
#endif
#ifdef FUTEX_BITSET_MATCH_ANY
    CONSTANT(FUTEX_BITSET_MATCH_ANY);
#else
    puts("absent FUTEX_BITSET_MATCH_ANY");
#endif
#ifdef POLLIN
    CONSTANT(POLLIN);
#else
    puts("absent POLLIN");
#endif
#ifdef PR_GET_DUMPABLE
    CONSTANT(PR_GET_DUMPABLE);
#else
    puts("absent PR_GET_DUMPABLE");
#endif
#ifdef PR_SET_DUMPABLE
    CONSTANT(PR_SET_DUMPABLE);
#else
    puts("absent PR_SET_DUMPABLE");
#endif
#ifdef RUSAGE_THREAD
    CONSTANT(RUSAGE_THREAD);
#else
    puts("absent RUSAGE_THREAD");
#endif
#ifdef CLOCK_THREAD_CPUTIME_ID
    CONSTANT(CLOCK_THREAD_CPUTIME_ID);
#else
    puts("absent CLOCK_THREAD_CPUTIME_ID");
#endif
#ifdef RLIMIT_NOFILE
    CONSTANT(RLIMIT_NOFILE);
#else
    puts("absent RLIMIT_NOFILE");
#endif
#ifdef SYS_pidfd_open
    CONSTANT(SYS_pidfd_open);
#else
    puts("absent SYS_pidfd_open");
#endif
#ifdef SYS_epoll_pwait2
    CONSTANT(SYS_epoll_pwait2);
#else
    puts("absent SYS_epoll_pwait2");
#endif
#ifdef SYS_futex_waitv
    CONSTANT(SYS_futex_waitv);
#else
    puts("absent SYS_futex_waitv");
#endif
#ifdef SYS_futex
    CONSTANT(SYS_futex);
#else
    puts("absent SYS_futex");
#endif
#ifdef MSG_CTRUNC
    CONSTANT(MSG_CTRUNC);
#else
    puts("absent MSG_CTRUNC");
#endif
#ifdef MSG_TRUNC
    CONSTANT(MSG_TRUNC);
#else
    puts("absent MSG_TRUNC");
#endif
#ifdef MSG_DONTWAIT
    CONSTANT(MSG_DONTWAIT);
#else
    puts("absent MSG_DONTWAIT");
#endif
#ifdef MSG_NOSIGNAL
    CONSTANT(MSG_NOSIGNAL);
#else
    puts("absent MSG_NOSIGNAL");
#endif
#ifdef MSG_CMSG_CLOEXEC
    CONSTANT(MSG_CMSG_CLOEXEC);
#else
    puts("absent MSG_CMSG_CLOEXEC");
#endif
#ifdef SCM_RIGHTS
    CONSTANT(SCM_RIGHTS);
#else
    puts("absent SCM_RIGHTS");
#endif
#ifdef SO_PEERCRED
    CONSTANT(SO_PEERCRED);
#else
    puts("absent SO_PEERCRED");
#endif
#ifdef SO_PEERPIDFD
    CONSTANT(SO_PEERPIDFD);
#else
    puts("absent SO_PEERPIDFD");
#endif
#ifdef SO_PASSRIGHTS
    CONSTANT(SO_PASSRIGHTS);
#else
    puts("absent SO_PASSRIGHTS");
#endif
#ifdef AF_UNIX
    CONSTANT(AF_UNIX);
#else
    puts("absent AF_UNIX");
#endif
#ifdef SOCK_SEQPACKET
    CONSTANT(SOCK_SEQPACKET);
#else
    puts("absent SOCK_SEQPACKET");
#endif
#ifdef SOCK_NONBLOCK
    CONSTANT(SOCK_NONBLOCK);
#else
    puts("absent SOCK_NONBLOCK");
#endif
#ifdef SOCK_CLOEXEC
    CONSTANT(SOCK_CLOEXEC);
#else
    puts("absent SOCK_CLOEXEC");
#endif
#ifdef SOL_SOCKET
    CONSTANT(SOL_SOCKET);
#else
    puts("absent SOL_SOCKET");
#endif
#ifdef SO_SNDTIMEO
    CONSTANT(SO_SNDTIMEO);
#else
    puts("absent SO_SNDTIMEO");
#endif
#ifdef SHUT_RD
    CONSTANT(SHUT_RD);
#else
    puts("absent SHUT_RD");
#endif
#ifdef SHUT_WR
    CONSTANT(SHUT_WR);
#else
    puts("absent SHUT_WR");
#endif
#ifdef SHUT_RDWR
    CONSTANT(SHUT_RDWR);
#else
    puts("absent SHUT_RDWR");
#endif
#ifdef F_SEAL_SEAL
    CONSTANT(F_SEAL_SEAL);
#else
    puts("absent F_SEAL_SEAL");
#endif
#ifdef F_SEAL_SHRINK
    CONSTANT(F_SEAL_SHRINK);
#else
    puts("absent F_SEAL_SHRINK");
#endif
#ifdef F_SEAL_GROW
    CONSTANT(F_SEAL_GROW);
#else
    puts("absent F_SEAL_GROW");
#endif
#ifdef F_SEAL_WRITE
    CONSTANT(F_SEAL_WRITE);
#else
    puts("absent F_SEAL_WRITE");
#endif
#ifdef F_SEAL_FUTURE_WRITE
    CONSTANT(F_SEAL_FUTURE_WRITE);
#else
    puts("absent F_SEAL_FUTURE_WRITE");
#endif
#ifdef F_SEAL_EXEC
    CONSTANT(F_SEAL_EXEC);
#else
    puts("absent F_SEAL_EXEC");
#endif
#ifdef EPOLLIN
    CONSTANT(EPOLLIN);
#else
    puts("absent EPOLLIN");
#endif
#ifdef EPOLLOUT
    CONSTANT(EPOLLOUT);
#else
    puts("absent EPOLLOUT");
#endif
#ifdef EPOLLERR
    CONSTANT(EPOLLERR);
#else
    puts("absent EPOLLERR");
#endif
#ifdef EPOLLHUP
    CONSTANT(EPOLLHUP);
#else
    puts("absent EPOLLHUP");
#endif
#ifdef EPOLLRDHUP
    CONSTANT(EPOLLRDHUP);
#else
    puts("absent EPOLLRDHUP");
#endif
#ifdef EPOLLEXCLUSIVE
    CONSTANT(EPOLLEXCLUSIVE);
#else
    puts("absent EPOLLEXCLUSIVE");
#endif
#ifdef EPOLLONESHOT
    CONSTANT(EPOLLONESHOT);
#else
    puts("absent EPOLLONESHOT");
#endif
#ifdef EPOLLET
    CONSTANT(EPOLLET);
#else
    puts("absent EPOLLET");
#endif
}

int main(void)
{
    errors();
    constants();
    structures();
    return 0;
}
