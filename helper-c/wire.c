/* Frames in, replies out: bytes only, no meaning. */
#include "wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void buffer_reserve(struct buffer *buffer, size_t capacity)
{
	if (capacity <= buffer->capacity)
		return;
	if (capacity < 2 * buffer->capacity)
		capacity = 2 * buffer->capacity;
	void *data = realloc(buffer->data, capacity);
	if (!data)
		_exit(125);
	buffer->data = data;
	buffer->capacity = capacity;
}

void buffer_append(struct buffer *buffer, const void *data, size_t size)
{
	buffer_reserve(buffer, buffer->size + size);
	if (size)
		memcpy(buffer->data + buffer->size, data, size);
	buffer->size += size;
}

/* Returns how many bytes came before the end, or -errno. */
static ssize_t receive(void *data, size_t size)
{
	size_t done = 0;
	while (done < size) {
		ssize_t n = recv(WIRE, (char *)data + done, size - done, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int wire_read(struct buffer *body, uint32_t *calls)
{
	struct frame frame;
	ssize_t n = receive(&frame, sizeof frame);
	if (n < (ssize_t)sizeof frame) /* cut off in the middle is gone, too: nobody would read a refusal */
		return n < 0 ? (int)n : 0;
	if (frame.size > MAX_FRAME)
		return -EMSGSIZE;

	/* At least one byte, so that an empty frame has an address too. */
	buffer_reserve(body, frame.size + 1);
	n = receive(body->data, frame.size);
	if (n < (ssize_t)frame.size)
		return n < 0 ? (int)n : 0;
	body->size = frame.size;
	*calls = frame.calls;
	return 1;
}

int wire_write(const struct buffer *reply)
{
	size_t done = 0;
	while (done < reply->size) {
		ssize_t n = send(WIRE, reply->data + done, reply->size - done, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return 0;
}
