/* Throws malformed frames at the helper's decoder, under AddressSanitizer and UBSan: `make fuzz`, or build/fuzz COUNT [SEED].
 *
 * A frame starts out well-formed, so that the random changes reach deep, and is then damaged in none, one or several places.
 * The system call is replaced by one that touches every byte that it was given a pointer to: an offset that was checked
 * wrongly becomes a report. */
#include "wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

/* xorshift64*: the same seed, the same run, on every machine. */
static uint64_t next(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dULL;
}

static uint32_t below(uint32_t limit)
{
	return (uint32_t)(next() >> 32) % limit;
}

/* Set for the frame at hand: where memory that a call may touch begins and ends. */
static unsigned char *begin, *end;
static uint64_t touched;

int64_t system_call(int64_t number, const uint64_t args[ARGUMENTS])
{
	for (int i = 0; i < ARGUMENTS; i++) {
		unsigned char *at = (unsigned char *)(uintptr_t)args[i];
		if ((uintptr_t)at >= (uintptr_t)begin && (uintptr_t)at < (uintptr_t)end) {
			*at ^= 1;
			touched++;
		}
	}
	return number & 1 ? -EPERM : number;
}

int64_t clone_and_supervise(uint64_t flags, int cgroup, struct buffer *reply)
{
	(void)cgroup, (void)reply;
	return flags & 1 ? 0 : -EINVAL;
}

int64_t fork_beside(int wire)
{
	return wire & 1 ? 0 : -EBADF;
}

static uint32_t interesting(void)
{
	static const uint32_t values[] = { 0, 1, 7, 8, 9, 79, 80, 81, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff };
	return values[below(sizeof values / sizeof *values)];
}

static void append_call(struct buffer *body)
{
	uint32_t block = below(4) ? below(64) : 0, relocations = block >= 8 ? below(4) : 0;
	struct call call = {
		.flags = below(4),
		.number = below(16) ? (int64_t)below(512) : CALL_CLONE - (int64_t)below(2),
		.relocations = relocations,
		.block = block,
		.size = (uint32_t)sizeof call + relocations * 8 + ((block + 7) & ~7U),
	};
	for (int i = 0; i < ARGUMENTS; i++) {
		call.args[i] = next();
		if (block && call.number >= 0 && below(2)) {
			call.args[i] = below(block);
			call.pointers |= 1U << i;
		}
	}
	buffer_append(body, &call, sizeof call);
	for (; relocations; relocations--) {
		struct relocation relocation = { .at = below(block - 7), .to = below(block) };
		buffer_append(body, &relocation, sizeof relocation);
	}
	for (uint32_t i = 0; i < ((block + 7) & ~7U); i++) {
		unsigned char byte = (unsigned char)next();
		buffer_append(body, &byte, 1);
	}
}

int main(int argc, char **argv)
{
	uint64_t requests = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000, performed = 0, refused = 0;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	state = seed * 0x9e3779b97f4a7c15ULL + 1;

	struct buffer body = { 0 }, reply = { 0 };
	for (uint64_t done = 0; done < requests;) {
		body.size = 0;
		uint32_t calls = below(3) + 1;
		for (uint32_t i = 0; i < calls; i++)
			append_call(&body);
		done += calls;

		for (uint32_t damage = below(4); damage; damage--) {
			uint32_t at = below((uint32_t)body.size), value = interesting();
			switch (below(5)) {
			case 0: body.data[at] = (unsigned char)next(); break;
			case 1: if (at + 4 <= body.size) memcpy(body.data + (at & ~3U), &value, 4); break;
			case 2: body.size = at; break;
			case 3: calls = below(2) ? value : below(6); break;
			default: buffer_append(&body, body.data, 0); body.data[at] ^= (unsigned char)(1U << below(8)); break;
			}
			if (body.size == 0)
				break;
		}

		/* A copy of exactly the right size: one byte too far, and the sanitizer sees it. */
		begin = malloc(body.size ? body.size : 1);
		if (!begin)
			return 1;
		memcpy(begin, body.data, body.size);
		end = begin + body.size;

		int error = frame_check(begin, body.size, calls);
		if (error) {
			reply_refuse(&reply, error);
			refused++;
		} else {
			frame_perform(begin, calls, &reply);
			performed++;
		}
		free(begin);
	}
	free(body.data);
	free(reply.data);
	printf("%llu requests, seed %llu: %llu frames performed, %llu refused, %llu bytes touched\n",
		(unsigned long long)requests, (unsigned long long)seed, (unsigned long long)performed,
		(unsigned long long)refused, (unsigned long long)touched);
	/* A fuzzer that reaches only one side tests nothing. */
	return performed > requests / 100 && refused > requests / 100 ? 0 : 1;
}
