// Carries bytes between the wire and the command's three pipes, and reaps, until the command has ended and nothing that
// it left behind can write any more.
#include "guest.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WIRE, OUT, ERR, SIGNALS, IN, SOURCES };

static struct pollfd sources[SOURCES];
static char pending[MAX_FRAME];
static size_t pending_from, pending_to;

static void stop_listening(int source) {
  close(sources[source].fd);
  sources[source].fd = -1;
}

static void forward_output(int source, char type) {
  static char data[MAX_FRAME];
  ssize_t count = read(sources[source].fd, data, sizeof data);
  if (count > 0) wire_send(type, data, (size_t)count);
  else if (count == 0 || errno != EINTR) stop_listening(source);
}

// Nobody reads it any more: taken all the same, so that the host comes to the end of what it has.
static void drop_input(void) {
  pending_from = pending_to;
  wire_send('A', "", 0);
}

// One frame of the command's input. The host sends the next once it hears that this one was taken.
static void take_frame(void) {
  char type;
  size_t length = wire_header(&type);
  if (length > sizeof pending || !wire_bytes(pending, length)) power_off();
  if (type == 'Z') stop_listening(IN);
  if (type != 'I') return;
  pending_from = 0;
  pending_to = length;
  if (sources[IN].fd < 0) drop_input();
}

static void forward_input(void) {
  ssize_t count = write(sources[IN].fd, pending + pending_from, pending_to - pending_from);
  if (count > 0) pending_from += (size_t)count;
  if (count < 0 && errno != EAGAIN && errno != EINTR) {
    stop_listening(IN);
    drop_input();
  } else if (pending_from == pending_to) wire_send('A', "", 0);
}

// Orphans come to process 1 as well. Returns true once the command itself is among the dead.
static bool reap(pid_t command, int *status) {
  struct signalfd_siginfo info;
  while (read(sources[SIGNALS].fd, &info, sizeof info) > 0) continue;
  bool ended = false;
  int result;
  for (pid_t pid; (pid = waitpid(-1, &result, WNOHANG)) > 0;) {
    if (pid != command) continue;
    *status = result;
    ended = true;
  }
  return ended;
}

// `to_stdin` may be -1. Returns the command's wait status.
int pump(pid_t command, int to_stdin, int from_stdout, int from_stderr) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  int signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  sources[WIRE] = (struct pollfd){.fd = wire};
  sources[OUT] = (struct pollfd){.fd = from_stdout, .events = POLLIN};
  sources[ERR] = (struct pollfd){.fd = from_stderr, .events = POLLIN};
  sources[SIGNALS] = (struct pollfd){.fd = signals, .events = POLLIN};
  sources[IN] = (struct pollfd){.fd = to_stdin};

  int status = 0;
  bool running = true;
  while (running || sources[OUT].fd >= 0 || sources[ERR].fd >= 0) {
    bool waiting = pending_from < pending_to;
    sources[WIRE].events = waiting ? 0 : POLLIN;
    sources[IN].events = waiting ? POLLOUT : 0;
    if (poll(sources, SOURCES, -1) < 0) continue;

    if (sources[OUT].revents) forward_output(OUT, 'O');
    if (sources[ERR].revents) forward_output(ERR, 'E');
    if (sources[IN].fd >= 0 && sources[IN].revents && waiting) forward_input();
    if (sources[WIRE].revents & POLLIN) take_frame();
    else if (sources[WIRE].revents) power_off();
    if (sources[SIGNALS].revents && reap(command, &status)) {
      running = false;
      // Whatever else is alive holds the pipes open and has no one to work for.
      kill(-1, SIGKILL);
    }
  }
  return status;
}
