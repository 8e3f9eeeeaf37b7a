// What Linux offers and Swift's Glibc module does not show.
//
// Only declarations, and on another system none. _GNU_SOURCE must not be defined here:
// with it, the C library lays out fd_set differently from the way Glibc was compiled.
#ifndef CLINUX_H
#define CLINUX_H
#ifdef __linux__

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/types.h>

// accept(2) that also sets flags on the new socket, in one system call.
int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);

// "EAGAIN" for EAGAIN. NULL for a number that is no error.
const char *strerrorname_np(int error);

// The kernel's number for this thread. The first thread's is getpid().
pid_t gettid(void);

// Which processors may run a process: a bit for each. (size in bytes)
int sched_setaffinity(pid_t process, size_t size, const void *processors);

#endif
#endif
