/* The trampoline: from the bytes of a call to the call. Every offset is checked before anything is performed, and nothing
 * here knows what a call means: what its arguments are is decided at the other end of the wire. */
#include "wire.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint64_t padded(uint64_t size)
{
	return (size + 7) & ~(uint64_t)7;
}

/* Calls that leave two processes on one wire, or jump to where no handler was: CALL_CLONE and
 * CALL_FORK are the ways to part. */
static bool forbidden(int64_t number)
{
	/* The kernel reads 32 bits of the number, and x86-64 keeps a second set of the same calls at 0x40000000: by either way
	 * fork would have more numbers than one. The last real number is below 500. */
	if (number < CALL_FORK || number > 0xffff)
		return true;
	switch (number) {
#ifdef SYS_fork
	case SYS_fork:
	case SYS_vfork:
#endif
	case SYS_clone:
	case SYS_clone3:
	case SYS_rt_sigreturn:
		return true;
	}
	return false;
}

/* A copy, because a call's place in a body from outside promises no alignment. */
static struct call call_at(const unsigned char *at)
{
	struct call call;
	memcpy(&call, at, sizeof call);
	return call;
}

static int call_check(const struct call *call, const unsigned char *after, bool last)
{
	if (call->flags & ~(uint32_t)(WANT_BLOCK | STOP_ON_ERROR) || call->zero || call->pointers >> ARGUMENTS)
		return EPROTO;
	if (forbidden(call->number))
		return ENOTSUP;
	if (call->number < 0 && (!last || call->pointers))
		return EPROTO;

	for (int i = 0; i < ARGUMENTS; i++)
		if (call->pointers >> i & 1 && call->args[i] >= call->block)
			return EFAULT;
	for (uint32_t i = 0; i < call->relocations; i++) {
		struct relocation relocation;
		memcpy(&relocation, after + i * sizeof relocation, sizeof relocation);
		if ((uint64_t)relocation.at + sizeof(uint64_t) > call->block || relocation.to >= call->block)
			return EFAULT;
	}
	return 0;
}

int frame_check(const unsigned char *body, size_t size, uint32_t calls)
{
	if (calls == 0)
		return EPROTO;
	for (; calls; calls--) {
		if (size < sizeof(struct call))
			return EPROTO;
		struct call call = call_at(body);
		uint64_t wanted = sizeof call + (uint64_t)call.relocations * sizeof(struct relocation) + padded(call.block);
		if (call.size != wanted || call.size > size)
			return EPROTO;
		int error = call_check(&call, body + sizeof call, calls == 1);
		if (error)
			return error;
		body += call.size;
		size -= call.size;
	}
	return size ? EPROTO : 0;
}

void reply_result(struct buffer *reply, int64_t value, const unsigned char *block, uint32_t size)
{
	static const unsigned char zeros[8];
	struct result result = { .value = value, .block = size };
	buffer_append(reply, &result, sizeof result);
	buffer_append(reply, block, size);
	buffer_append(reply, zeros, padded(size) - size);

	struct reply head;
	memcpy(&head, reply->data, sizeof head);
	head.size = (uint32_t)(reply->size - sizeof head);
	head.results++;
	memcpy(reply->data, &head, sizeof head);
}

void reply_refuse(struct buffer *reply, int error)
{
	struct reply head = { .refused = error };
	reply->size = 0;
	buffer_append(reply, &head, sizeof head);
}

void frame_perform(unsigned char *body, uint32_t calls, struct buffer *reply)
{
	reply_refuse(reply, 0); /* an empty reply: no results yet, nothing refused */
	for (; calls; calls--) {
		struct call call = call_at(body);
		unsigned char *relocations = body + sizeof call;
		unsigned char *block = relocations + call.relocations * sizeof(struct relocation);

		for (uint32_t i = 0; i < call.relocations; i++) {
			struct relocation relocation;
			memcpy(&relocation, relocations + i * sizeof relocation, sizeof relocation);
			uint64_t address = (uintptr_t)(block + relocation.to);
			memcpy(block + relocation.at, &address, sizeof address);
		}
		for (int i = 0; i < ARGUMENTS; i++)
			if (call.pointers >> i & 1)
				call.args[i] = (uintptr_t)(block + call.args[i]);

		int64_t value;
		if (call.number < 0) {
			value = call.number == CALL_CLONE ? clone_and_supervise(call.args[0], (int)call.args[1], reply)
			                                  : fork_beside((int)call.args[0]);
			if (value == 0) { /* the child: the parent sends the reply */
				reply->size = 0;
				return;
			}
		} else {
			value = system_call(call.number, call.args);
		}

		reply_result(reply, value, block, call.flags & WANT_BLOCK ? call.block : 0);
		if (value < 0 && value >= -4095 && call.flags & STOP_ON_ERROR)
			return;
		body += call.size;
	}
}
