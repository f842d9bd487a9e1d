// The wire to the host: a terminal in raw mode under User-Mode Linux, a virtio port under QEMU. Everything that passes
// between command and host goes over it, in frames, so that stdout, stderr and exit status stay apart and in order.
#include "guest.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/reboot.h>
#include <termios.h>
#include <unistd.h>

int wire = -1;

// A device file appears a moment after its driver: QEMU's port is waited for, up to ten seconds.
void wire_open(const char *path) {
  for (int tries = 0; wire < 0 && tries < 1000; tries++) {
    wire = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (wire < 0) usleep(10000);
  }
  if (wire < 0) {
    perror(path);
    power_off();
  }
  // Without a name in /dev, no command that tries every terminal there can spoil the wire by accident.
  unlink(path);
  struct termios terminal;
  if (tcgetattr(wire, &terminal) == 0) {
    cfmakeraw(&terminal);
    tcsetattr(wire, TCSANOW, &terminal);
  }
}

static void write_all(const char *data, size_t length) {
  while (length > 0) {
    ssize_t count = write(wire, data, length);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) power_off();
    data += count;
    length -= (size_t)count;
  }
}

void wire_send(char type, const void *data, size_t length) {
  char header[5] = {type, (char)length, (char)(length >> 8), (char)(length >> 16), (char)(length >> 24)};
  write_all(header, sizeof header);
  write_all(data, length);
}

// False at the end of the wire: the host's side is gone, and with it the reason to run.
bool wire_bytes(void *data, size_t length) {
  for (size_t have = 0; have < length;) {
    ssize_t count = read(wire, (char *)data + have, length - have);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    have += (size_t)count;
  }
  return true;
}

size_t wire_header(char *type) {
  unsigned char header[5];
  if (!wire_bytes(header, sizeof header)) power_off();
  *type = (char)header[0];
  return header[1] | (size_t)header[2] << 8 | (size_t)header[3] << 16 | (size_t)header[4] << 24;
}

// Tells the host what went wrong, on the wire and in the kernel's log, and ends the machine.
_Noreturn void fail(const char *format, ...) {
  char text[1024];
  va_list values;
  va_start(values, format);
  int length = vsnprintf(text, sizeof text, format, values);
  va_end(values);
  if (length >= (int)sizeof text) length = sizeof text - 1;
  fprintf(stderr, "guest: %s\n", text);
  if (wire >= 0) wire_send('F', text, (size_t)length);
  power_off();
}

_Noreturn void power_off(void) {
  sync();
  reboot(RB_POWER_OFF);
  for (;;) pause();
}
