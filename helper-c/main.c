/* The process at the other end of the wire.
 *
 * Node cannot become a container: it has many threads, and the kernel changes namespaces, roots and users thread by
 * thread. This program has one. It waits on descriptor 3 for calls, makes them, and answers with what the kernel said,
 * until execve(2) replaces it with the container's command. The wire closes on exec: its end without an answer is how the
 * other side learns of success.
 *
 * It trusts its owner, who could run anything as this user anyway, but not the bytes: a frame that is malformed is refused
 * whole, and memory is never read or written outside what the frame itself brought. (Arguments that are plain numbers are
 * passed on as they are; if the kernel takes one for an address, it is the owner's to answer for.)
 */
#define _GNU_SOURCE
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int64_t system_call(int64_t number, const uint64_t args[ARGUMENTS])
{
	errno = 0;
	long value = syscall(number, args[0], args[1], args[2], args[3], args[4], args[5]);
	int64_t result = value == -1 && errno ? -errno : value;

	switch (number) {
	case SYS_setuid:
	case SYS_setgid:
	case SYS_setreuid:
	case SYS_setregid:
	case SYS_setresuid:
	case SYS_setresgid:
	case SYS_setfsuid:
	case SYS_setfsgid:
	case SYS_setns:
		die_with_supervisor();
	}
	return result;
}

int main(void)
{
	int type;
	socklen_t size = sizeof type;
	if (getsockopt(WIRE, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_STREAM) {
		fputs("boxwright-helper: no wire: descriptor 3 must be a stream socket (linux/process.ts starts this program)\n",
			stderr);
		return 2;
	}
	fcntl(WIRE, F_SETFD, FD_CLOEXEC);

	struct buffer body = { 0 }, reply = { 0 };
	for (;;) {
		uint32_t calls;
		int got = wire_read(&body, &calls);
		if (got == 0) /* the owner has gone, or wants us to go */
			return 0;
		if (got < 0) { /* where the next frame would begin is unknown */
			reply_refuse(&reply, -got);
			wire_write(&reply);
			return 125;
		}

		int error = frame_check(body.data, body.size, calls);
		if (error)
			reply_refuse(&reply, error);
		else
			frame_perform(body.data, calls, &reply);
		if (wire_write(&reply) < 0)
			return 0;
	}
}
