/* The protocol between TypeScript and the helper. linux/wire.ts is the other end; the two change together.
 *
 * A frame carries calls, performed in order with nothing read or written in between, and is answered by one reply:
 *
 *   frame   u32 size of what follows, u32 calls, then that many
 *   call    struct call, `relocations` x struct relocation, `block` bytes of memory, zeros up to a multiple of 8
 *   reply   struct reply, then `results` x
 *   result  struct result, `block` bytes (the memory as the call left it, when asked for), zeros up to a multiple of 8
 *
 * Numbers are in the machine's own byte order: both ends are on one machine.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stddef.h>
#include <stdint.h>

enum { WIRE = 3, MAX_FRAME = 16 << 20, ARGUMENTS = 6 };

/* What `number` says when it is no system call. */
enum { CALL_CLONE = -1, CALL_FORK = -2 };

enum {
	WANT_BLOCK = 1,    /* send the block back: the call fills it */
	STOP_ON_ERROR = 2, /* if this call fails, leave out the rest of the frame */
};

struct frame {
	uint32_t size;
	uint32_t calls;
};

struct call {
	uint32_t size; /* of all of it, with relocations, block and padding */
	uint32_t flags;
	int64_t number;
	uint64_t args[ARGUMENTS];
	uint32_t pointers; /* bit i: args[i] is an offset into the block */
	uint32_t relocations;
	uint32_t block;
	uint32_t zero;
};

/* Before the call, the eight bytes at `at` become the address of `to`: both are offsets into the block. */
struct relocation {
	uint32_t at;
	uint32_t to;
};

struct reply {
	uint32_t size; /* of the results that follow */
	uint32_t results;
	int32_t refused; /* errno, when the frame was malformed and nothing of it was performed; else 0 */
	uint32_t zero;
};

struct result {
	int64_t value; /* what the kernel returned: -errno for a failure */
	uint32_t block;
	uint32_t zero;
};

/* A buffer that grows. Running out of memory ends the helper: it has nothing worth saving. */
struct buffer {
	unsigned char *data;
	size_t size, capacity;
};

void buffer_reserve(struct buffer *buffer, size_t capacity);
void buffer_append(struct buffer *buffer, const void *data, size_t size);

/* Reads one frame. Returns 1; 0 when the other end has closed, be it within a frame; -errno for one that cannot be read. */
int wire_read(struct buffer *body, uint32_t *calls);
/* Returns 0, or -errno when the other end has gone. */
int wire_write(const struct buffer *reply);

/* Checks a whole frame before anything of it is performed. Returns 0, or the errno to refuse it with. */
int frame_check(const unsigned char *body, size_t size, uint32_t calls);
/* Performs a checked frame, and puts the reply into `reply`. The body is changed in place. */
void frame_perform(unsigned char *body, uint32_t calls, struct buffer *reply);
void reply_refuse(struct buffer *reply, int error);
void reply_result(struct buffer *reply, int64_t value, const unsigned char *block, uint32_t size);

/* One system call, number and arguments as they are. Returns the kernel's result, -errno for a failure. */
int64_t system_call(int64_t number, const uint64_t args[ARGUMENTS]);
/* Returns in the child (0), in the parent only on failure (-errno). `reply` is completed and sent by the parent. */
int64_t clone_and_supervise(uint64_t flags, int cgroup, struct buffer *reply);
/* Returns in both: the child's pid in the parent, 0 in the child, which has the socket `wire` as its own WIRE. -errno for a
 * failure. */
int64_t fork_beside(int wire);

/* To be called after a change of user: the kernel then forgets that a child was to die with its supervisor. */
void die_with_supervisor(void);

#endif
