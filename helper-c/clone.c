/* clone(2), where two processes come out of one call. Either the child takes over the wire and the parent stays as its
 * supervisor, or both go on, each on a wire of its own. */
#define _GNU_SOURCE
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Namespaces, and the cgroup to be born in. Anything that shares memory, files or signals with the parent would be shared
 * with the supervisor, which must stay apart. */
static const uint64_t ALLOWED = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
	CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME | CLONE_INTO_CGROUP;

static pid_t raw_clone(uint64_t flags, int cgroup)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	if (flags & CLONE_INTO_CGROUP)
		args.cgroup = (uint64_t)cgroup;
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	if (pid >= 0 || (errno != ENOSYS && errno != EPERM) || flags & (CLONE_INTO_CGROUP | CLONE_NEWTIME))
		return pid;

	/* No clone3: a kernel before 5.3, or a container whose seccomp filter hides it, with either errno. No stack, so as
	 * fork(2) does it; the arguments that x86-64 and arm64 order differently are all zero. */
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
}

/* End as the child ended, so that whoever waits for us sees what it would have seen waiting for the child. */
static void end_as(const siginfo_t *child)
{
	if (child->si_code == CLD_EXITED)
		_exit(child->si_status);

	/* The child has left a core file, if one was wanted; ours would say nothing. */
	prctl(PR_SET_DUMPABLE, 0);
	int number = child->si_status;
	signal(number, SIG_DFL);
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	kill(getpid(), number);

	/* Still here: as process 1 of a pid namespace we cannot be killed from inside. */
	_exit(128 + number);
}

/* The supervisor: forwards what it is sent, reaps what it is left, ends as its child ends. It has no wire any more, so it
 * obeys nobody; it holds no descriptor but its standard ones, so that it keeps nothing open or mounted. */
static void supervise(pid_t child)
{
	sigset_t all;
	sigfillset(&all);
	for (;;) {
		siginfo_t got;
		if (sigwaitinfo(&all, &got) < 0)
			continue;
		if (got.si_signo != SIGCHLD) {
			/* What the terminal sends (^C) it sends to a whole process group: a child in ours has it already. */
			if (got.si_code != SI_KERNEL || getpgid(child) != getpgrp())
				kill(child, got.si_signo);
			continue;
		}
		for (;;) {
			siginfo_t ended = { 0 };
			if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | __WALL) < 0 || ended.si_pid == 0)
				break;
			if (ended.si_pid == child)
				end_as(&ended);
		}
	}
}

static bool supervised;

void die_with_supervisor(void)
{
	if (supervised)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* One byte through the gate, in either direction. False when the other process has gone. */
static bool say(int gate)
{
	return send(gate, "", 1, MSG_NOSIGNAL) == 1;
}

static bool hear(int gate)
{
	char byte;
	ssize_t n;
	do
		n = recv(gate, &byte, 1, 0);
	while (n < 0 && errno == EINTR);
	return n == 1;
}

int64_t clone_and_supervise(uint64_t flags, int cgroup, struct buffer *reply)
{
	if (flags & ~ALLOWED)
		return -EINVAL;

	/* What the two must agree on: the parent does not report a child that would outlive it, and the child does not serve
	 * before the parent has reported its pid, or replies would cross. */
	int gate[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gate) < 0)
		return -errno;

	/* From before the child exists, so that no signal falls between the two; SIGCHLD may have come to us ignored. */
	sigset_t all, before;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	signal(SIGCHLD, SIG_DFL);

	pid_t child = raw_clone(flags, cgroup);
	if (child < 0) {
		int error = errno;
		sigprocmask(SIG_SETMASK, &before, NULL);
		close(gate[0]);
		close(gate[1]);
		return -error;
	}

	if (child == 0) {
		close(gate[1]);
		sigprocmask(SIG_SETMASK, &before, NULL);
		/* A supervisor that is killed outright takes the container along. */
		supervised = true;
		die_with_supervisor();
		if (!say(gate[0]) || !hear(gate[0]))
			_exit(125);
		close(gate[0]);
		return 0;
	}

	close(gate[0]);
	reply_result(reply, child, NULL, 0);
	/* If nobody is there to hear it, the gate closes unopened and the child ends. */
	if (hear(gate[1]) && wire_write(reply) == 0)
		say(gate[1]);
	close(gate[1]);
	if (syscall(SYS_close_range, WIRE, ~0U, 0) < 0) /* before Linux 5.9 */
		for (int fd = WIRE; fd < 1024; fd++)
			close(fd);
	supervise(child);
	return 0; /* not reached */
}

int64_t fork_beside(int wire)
{
	int type;
	socklen_t size = sizeof type;
	if (wire <= WIRE || getsockopt(wire, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_STREAM)
		return -EBADF;

	pid_t child = raw_clone(0, -1);
	if (child < 0)
		return -errno;
	if (child == 0) {
		dup3(wire, WIRE, O_CLOEXEC);
		supervised = true;
		die_with_supervisor();
	}
	close(wire);
	return child;
}
