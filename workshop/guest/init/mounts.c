// Builds the world that the command sees: the host's own files below, a tmpfs that takes every change above them, and the
// file systems that a running Linux has. Process 1 itself stays in the initramfs: the kernel looks there for `modprobe`.
#include "guest.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#define NEW "/new"

// By name, so that a number in front decides the order. A module that is built in already is no error.
void load_modules(const char *folder) {
  struct dirent **names;
  int count = scandir(folder, &names, NULL, alphasort);
  for (int i = 0; i < count; i++) {
    if (names[i]->d_name[0] == '.') continue;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (syscall(SYS_finit_module, file, "", 0) < 0 && errno != EEXIST) fail("load %s: %m", path);
    close(file);
  }
}

static void attach(const char *what, const char *where, const char *type, unsigned long flags, const char *options) {
  if (mount(what, where, type, flags, options) < 0) fail("mount %s on %s (%s): %m", what, where, type ? type : "bind");
}

static void make_path(char *path) {
  for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    mkdir(path, 0755);
    *slash = '/';
  }
  mkdir(path, 0755);
}

static void make_path_in_new(char *result, const char *path) {
  snprintf(result, PATH_MAX, NEW "%s", path);
  make_path(result);
}

// The host's folder `path`, as the tree numbered `index` of those that it lends.
static void attach_host(int index, const char *path, const char *where, unsigned long flags) {
  if (strcmp(getenv("lower"), "hostfs") == 0) {
    attach("host", where, "hostfs", flags, path);
    return;
  }
  char tag[32];
  snprintf(tag, sizeof tag, "host%d", index);
  // A tree that only the host could change may be cached without asking; one that is written through may not.
  const char *cache = flags & MS_RDONLY ? "cache=loose" : "cache=mmap";
  char options[128];
  snprintf(options, sizeof options, "trans=virtio,version=9p2000.L,msize=512000,%s", cache);
  attach(tag, where, "9p", flags, options);
}

static bool is_below(const char *path, const char *folder) {
  size_t length = strlen(folder);
  return strncmp(path, folder, length) == 0 && path[length] == '/';
}

// An empty tmpfs on `folder`, except that the folders to keep which lie below it are still there, from the layer beneath.
static void attach_tmpfs(const struct order *order, const char *folder, const char *options) {
  char *const *keep = order->keep;
  char where[PATH_MAX], path[PATH_MAX], source[64];
  make_path_in_new(where, folder);

  int beneath = open(where, O_PATH | O_CLOEXEC);
  attach("tmpfs", where, "tmpfs", MS_NOSUID | MS_NODEV, options);
  for (; *keep; keep++) {
    if (!is_below(*keep, folder)) continue;
    int kept = openat(beneath, *keep + strlen(folder) + 1, O_PATH | O_CLOEXEC);
    if (kept < 0) continue;
    make_path_in_new(path, *keep);
    snprintf(source, sizeof source, "/proc/self/fd/%d", kept);
    attach(source, path, NULL, MS_BIND, NULL);
    close(kept);
  }
  close(beneath);
}

static bool holds_kept(const struct order *order, const char *folder) {
  for (int i = 0; order->keep[i]; i++)
    if (is_below(order->keep[i], folder)) return true;
  return false;
}

static bool is_kept(const struct order *order, const char *path) {
  for (int i = 0; order->keep[i]; i++)
    if (strcmp(path, order->keep[i]) == 0) return true;
  return false;
}

// Takes the host's `path` out of the overlay, before it is mounted: no mount that somebody could take away again, but a layer in
// which the files are not. Of a folder that leads to one to be kept, all else goes. overlayfs.rst, "whiteouts and opaque directories"
static void hide(const struct order *order, const char *path) {
  char lower[PATH_MAX], upper[PATH_MAX];
  struct stat status;
  snprintf(lower, sizeof lower, "/host%s", path);
  snprintf(upper, sizeof upper, "/changes/upper%s", path);
  if (lstat(lower, &status) < 0) return;
  if (!S_ISDIR(status.st_mode)) {
    if (mknod(upper, S_IFCHR, 0) < 0) fail("hide %s: %m", path);
    return;
  }
  make_path(upper);
  if (chown(upper, status.st_uid, status.st_gid) < 0 || chmod(upper, status.st_mode & 07777) < 0) fail("hide %s: %m", path);
  if (!holds_kept(order, path)) {
    if (setxattr(upper, "trusted.overlay.opaque", "y", 1, 0) < 0) fail("hide %s: %m", path);
    return;
  }
  DIR *folder = opendir(lower);
  if (!folder) fail("hide %s: %m", path);
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    char child[PATH_MAX];
    snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
    if (is_kept(order, child)) continue;
    if (holds_kept(order, child)) {
      hide(order, child);
      continue;
    }
    snprintf(upper, sizeof upper, "/changes/upper%s", child);
    if (mknod(upper, S_IFCHR, 0) < 0) fail("hide %s: %m", child);
  }
  closedir(folder);
}

static void write_text(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  if (write(file, text, strlen(text)) < 0) fprintf(stderr, "guest: %s to %s: %m\n", text, path);
  close(file);
}

// Every controller that the kernel has, for the root's children: tests make their cgroups right below the root.
static void enable_controllers(const char *cgroup) {
  char path[PATH_MAX], names[512] = "";
  snprintf(path, sizeof path, "%s/cgroup.controllers", cgroup);
  FILE *file = fopen(path, "re");
  if (!file || !fgets(names, sizeof names, file)) names[0] = '\0';
  if (file) fclose(file);
  snprintf(path, sizeof path, "%s/cgroup.subtree_control", cgroup);
  for (char *name = strtok(names, " \n"); name; name = strtok(NULL, " \n")) {
    char enable[64];
    snprintf(enable, sizeof enable, "+%s", name);
    write_text(path, enable);
  }
}

static void link_to(const char *target, const char *path) {
  if (symlink(target, path) < 0 && errno != EEXIST) fail("link %s: %m", path);
}

static void attach_kernel(const struct order *order) {
  attach("proc", NEW "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  attach("sysfs", NEW "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  attach("cgroup2", NEW "/sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, "nsdelegate");
  mount("securityfs", NEW "/sys/kernel/security", "securityfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  enable_controllers(NEW "/sys/fs/cgroup");

  attach("devtmpfs", NEW "/dev", "devtmpfs", MS_NOSUID, "mode=755");
  mkdir(NEW "/dev/pts", 0755);
  mkdir(NEW "/dev/mqueue", 0755);
  attach("devpts", NEW "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "mode=620,gid=5,ptmxmode=666");
  attach("mqueue", NEW "/dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  link_to("/proc/self/fd", NEW "/dev/fd");
  link_to("/proc/self/fd/0", NEW "/dev/stdin");
  link_to("/proc/self/fd/1", NEW "/dev/stdout");
  link_to("/proc/self/fd/2", NEW "/dev/stderr");

  attach_tmpfs(order, "/dev/shm", "mode=1777");
  attach_tmpfs(order, "/run", "mode=755");
  attach_tmpfs(order, "/tmp", "mode=1777");

  // An ordinary user's machine has the host's /root in it, which that user may not look into.
  DIR *own = opendir(NEW "/root");
  if (own) closedir(own);
  else attach_tmpfs(order, "/root", "mode=700");
}

static void attach_modules(const struct order *order) {
  char source[PATH_MAX], ours[PATH_MAX], theirs[PATH_MAX];
  snprintf(source, sizeof source, "/host%s", order->modules);
  snprintf(ours, sizeof ours, "/lib/modules/%s", order->release);
  make_path(ours);
  attach(source, ours, NULL, MS_BIND, NULL);
  // For a `modprobe` typed inside. The kernel's own finds the folder above.
  make_path_in_new(theirs, ours);
  mount(source, theirs, NULL, MS_BIND, NULL);
}

void mount_world(const struct order *order) {
  mkdir("/host", 0755);
  mkdir(NEW, 0755);
  attach_host(0, "/", "/host", MS_RDONLY);

  if (order->read_only) {
    attach("/host", NEW, NULL, MS_BIND, NULL);
  } else {
    mkdir("/changes", 0755);
    attach("tmpfs", "/changes", "tmpfs", 0, "mode=755,size=80%");
    mkdir("/changes/upper", 0755);
    mkdir("/changes/work", 0755);
    for (int i = 0; order->hide[i]; i++) hide(order, order->hide[i]);
    attach("overlay", NEW, "overlay", 0, "lowerdir=/host,upperdir=/changes/upper,workdir=/changes/work");
  }

  attach_kernel(order);
  attach_modules(order);
  for (int i = 0; order->shares[i]; i++) {
    char path[PATH_MAX];
    make_path_in_new(path, order->shares[i]);
    attach_host(i + 1, order->shares[i], path, 0);
  }
}
