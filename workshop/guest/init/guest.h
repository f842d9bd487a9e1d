// What the three parts of the guest's first process share. It is built static, and is the only file of ours that the
// guest's kernel starts: from its initramfs, as process 1.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { MAX_FRAME = 32768, MAX_LIST = 4096 };

// What the host wants done: lists end with NULL.
struct order {
  char *args[MAX_LIST], *env[MAX_LIST], *shares[MAX_LIST], *keep[MAX_LIST], *hide[MAX_LIST];
  const char *cwd, *hostname, *modules, *release;
  bool read_only, stdin_follows;
};

// wire.c: frames of one letter, a length of four bytes (little-endian) and that many bytes.
extern int wire;
void wire_open(const char *path);
void wire_send(char type, const void *data, size_t length);
bool wire_bytes(void *data, size_t length);
size_t wire_header(char *type);
_Noreturn void fail(const char *format, ...);
_Noreturn void power_off(void);

// mounts.c: the host's files, the layer over them, and what a running system has mounted besides.
void load_modules(const char *folder);
void mount_world(const struct order *order);

// pump.c: bytes between the wire and the command's three pipes, until the command has ended.
int pump(pid_t command, int to_stdin, int from_stdout, int from_stderr);
