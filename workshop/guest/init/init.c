// Process 1 of the guest: takes one order from the host, makes the world for it, runs its command and reports how it ended.
#include "guest.h"
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void add(char **list, char *text) {
  size_t count = 0;
  while (list[count]) count++;
  if (count + 1 == MAX_LIST) fail("an order has at most %d entries of a kind", MAX_LIST - 1);
  list[count] = text;
}

// The order is one frame of records: a letter, a text, a zero byte. It stays in memory, and `order` points into it.
static void take_order(struct order *order) {
  char type;
  size_t length = wire_header(&type);
  char *text = malloc(length + 1);
  if (!text || type != 'C' || !wire_bytes(text, length)) fail("no order came over the wire");
  text[length] = '\0';
  for (char *record = text; record < text + length; record += strlen(record) + 1) {
    char *value = record + 1;
    switch (record[0]) {
      case 'a': add(order->args, value); break;
      case 'e': add(order->env, value); break;
      case 's': add(order->shares, value); break;
      case 'k': add(order->keep, value); break;
      case 'x': add(order->hide, value); break;
      case 'd': order->cwd = value; break;
      case 'h': order->hostname = value; break;
      case 'm': order->modules = value; break;
      case 'r': order->release = value; break;
      case 'o': order->read_only = true; break;
      case 'i': order->stdin_follows = true; break;
      default: fail("an order with an unknown record '%c'", record[0]);
    }
  }
}

static void bring_up_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (ioctl(any, SIOCSIFFLAGS, &request) < 0) fail("lo up: %m");
  close(any);
}

static void allow_many_files(void) {
  struct rlimit files = {.rlim_cur = 1024, .rlim_max = 1048576};
  setrlimit(RLIMIT_NOFILE, &files);
}

// In the child. The new root already lies on top of the old one, so this chroot is the kernel's idea of "not chrooted":
// user namespaces can be made, and pivot_root works. Mounts are shared with new namespaces, as systemd has them.
static _Noreturn void run(const struct order *order, int in, int out, int err, sigset_t *signals) {
  setsid();
  dup2(in, 0);
  dup2(out, 1);
  dup2(err, 2);
  sigprocmask(SIG_SETMASK, signals, NULL);
  if (chdir("/new") < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 ||
      mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0) {
    dprintf(2, "guest: enter the new root: %m\n");
    _exit(125);
  }
  if (chdir(order->cwd) < 0) {
    dprintf(2, "guest: cannot enter %s: %m\n", order->cwd);
    _exit(125);
  }
  environ = (char **)order->env;
  execvp(order->args[0], order->args);
  int status = errno == ENOENT ? 127 : 126;
  dprintf(2, "guest: %s: %m\n", order->args[0]);
  _exit(status);
}

static void make_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) < 0) fail("pipe: %m");
}

int main(void) {
  static struct order order;
  mkdir("/proc", 0755);
  mkdir("/dev", 0755);
  mount("proc", "/proc", "proc", 0, NULL);
  mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
  load_modules("/modules");
  // Words of the kernel's command line that it does not know itself arrive as environment.
  wire_open(getenv("wire"));
  wire_send('R', NULL, 0);
  take_order(&order);

  mount_world(&order);
  bring_up_loopback();
  allow_many_files();
  sethostname(order.hostname, strlen(order.hostname));

  sigset_t child, before;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, &before);
  signal(SIGPIPE, SIG_IGN);

  int in[2], out[2], err[2];
  make_pipe(in);
  make_pipe(out);
  make_pipe(err);
  pid_t command = fork();
  if (command < 0) fail("fork: %m");
  if (command == 0) {
    signal(SIGPIPE, SIG_DFL);
    run(&order, in[0], out[1], err[1], &before);
  }
  close(in[0]);
  close(out[1]);
  close(err[1]);
  fcntl(in[1], F_SETFL, O_NONBLOCK);
  if (!order.stdin_follows) close(in[1]);

  int status = pump(command, order.stdin_follows ? in[1] : -1, out[0], err[0]);
  // What was written through to the host's folders must be there before the host hears of the end, and kills us.
  sync();
  unsigned char result = (unsigned char)(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  wire_send('X', &result, 1);
  pause();
}
