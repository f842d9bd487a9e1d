#!/bin/sh
# Makes a Debian or Ubuntu machine ready for the workshop. Vagrant, Lima and the devcontainer run it at every start; on WSL2
# you run it once, by hand. What is done already is left alone, so a second run takes a second and needs no network.
#
#   sudo vagrant/provision.sh [--machine] [FOLDER]
#
#   --machine   this machine is there for the workshop alone: a login becomes root's, in the folder, and the port for the
#               workshop's pages can be reached from outside
#   FOLDER      the repository; else the one that this script lies in
set -eu

machine=
[ "${1-}" = --machine ] && { machine=yes; shift; }
[ $# -gt 0 ] || set -- "$(dirname "$0")/.."
folder=$(cd "$1" && pwd -P)
user=${BOXWRIGHT_USER:-${SUDO_USER:-root}}
[ -z "$machine" ] || user=root
store=/var/lib/boxwright

say() { echo "provision: $*" >&2; }
give_up() { printf 'provision: %s\nnext: %s\n' "$1" "$2" >&2; exit 1; }

[ "$(id -u)" = 0 ] || give_up 'packages and mounts are root’s to change' "sudo $0"
[ -f "$folder/workshop/setup/first.mjs" ] || give_up "$folder is not the workshop's folder" 'name it: provision.sh FOLDER'
command -v apt-get >/dev/null || give_up 'this is neither Debian nor Ubuntu' 'see “What it needs” in README.md'

# What `npm start` itself needs. Everything else is on the project's own list, and is installed by its set-up below.
install_packages() {
  missing=
  for each in node:nodejs npm:npm git:git; do
    command -v "${each%:*}" >/dev/null || missing="$missing ${each#*:}"
  done
  [ -n "$missing" ] || return 0
  say "installing$missing"
  apt() { DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" >/dev/null; }
  # shellcheck disable=SC2086 # words, on purpose
  apt install -y --no-install-recommends ca-certificates $missing 2>/dev/null && return 0
  # The lists may be empty, or older than the archive.
  apt update && apt install -y --no-install-recommends ca-certificates $missing ||
    give_up "apt could not install$missing" 'look at what it said above, and at the network; then again'
}

# A folder that a virtual machine shares with its host is that host's, with that host's programs in node_modules; it may have
# no links either. What set-up makes goes to this machine's own disk, mounted over the folders of the same names.
keep_made_things_here() {
  # Empty where it cannot be seen, in a chroot: that is no shared folder.
  type=$(findmnt -n -o FSTYPE -T "$folder" || :)
  case $type in '' | ext[234] | xfs | btrfs | overlay | tmpfs | zfs | f2fs | bcachefs) return 0 ;; esac
  for each in node_modules .cache helper-c/build; do
    mountpoint -q "$folder/$each" && continue
    say "$each is on this machine's disk, not on the shared folder ($type)"
    mkdir -p "$store/$each" "$folder/$each"
    chown "$user:" "$store/$each"
    mount --bind "$store/$each" "$folder/$each"
  done
  # Git refuses a repository that another user owns, as files of a shared folder may be.
  git config --system --get-all safe.directory 2>/dev/null | grep -qxF "$folder" ||
    git config --system --add safe.directory "$folder"
}

# Containers without root: user namespaces for everybody (Ubuntu's AppArmor and older Debian kernels forbid them), and a
# range of user ids for the user.
allow_user_namespaces() {
  for setting in kernel.apparmor_restrict_unprivileged_userns=0 kernel.unprivileged_userns_clone=1; do
    file=/proc/sys/$(echo "${setting%=*}" | tr . /)
    [ -e "$file" ] || continue
    grep -qxF "$setting" /etc/sysctl.d/60-boxwright.conf 2>/dev/null || echo "$setting" >>/etc/sysctl.d/60-boxwright.conf
    [ "$(cat "$file")" = "${setting#*=}" ] && continue
    { echo "${setting#*=}" >"$file"; } 2>/dev/null || say "$setting could not be set: lessons without root may be skipped"
  done
  [ "$user" != root ] || return 0
  for kind in uid gid; do
    grep -q "^$user:" "/etc/sub$kind" 2>/dev/null || echo "$user:100000:65536" >>"/etc/sub$kind"
  done
}

# Control groups of version 2, with the controllers of lesson 10: systemd passes down what one of its units asks for. In a
# container without systemd the processes have to leave the top group first. cgroups(7), "no internal processes"
pass_controllers_down() {
  top=/sys/fs/cgroup
  [ -e "$top/cgroup.controllers" ] || return 0
  if [ -d /run/systemd/system ]; then
    unit=/etc/systemd/system/user@.service.d/boxwright.conf
    if [ ! -e "$unit" ]; then
      mkdir -p "$(dirname "$unit")"
      printf '[Service]\nDelegate=cpu cpuset io memory pids\n' >"$unit"
      systemctl daemon-reload
    fi
  elif [ -e "$top/cgroup.type" ] && [ -w "$top/cgroup.procs" ]; then
    mkdir -p "$top/init"
    # One at a time, because the kernel takes one; those that are gone, or the kernel's own, do not matter.
    while read -r process; do echo "$process" >"$top/init/cgroup.procs" || :; done <"$top/cgroup.procs" 2>/dev/null
  fi
  for each in cpu cpuset io memory pids; do
    { echo "+$each" >"$top/cgroup.subtree_control"; } 2>/dev/null || :
  done
}

write_if_other() {
  text=$(cat)
  [ -e "$1" ] && [ "$(cat "$1")" = "$text" ] && return 1
  echo "$text" >"$1"
}

# The workshop can do most as root, and nothing else lives here to be afraid for.
make_logins_roots() {
  write_if_other /etc/profile.d/boxwright.sh <<END || :
# Written by the workshop's vagrant/provision.sh: whoever logs in is root, in the workshop.
case \$- in *i*) if [ "\$(id -u)" = 0 ]; then cd '$folder'; else exec sudo -i; fi ;; esac
END
}

# From the port that the outside reaches to the one on the loopback, where the workshop's pages are.
open_port_for_pages() {
  [ -d /run/systemd/system ] || return 0
  port=$(cat "$folder/vagrant/pages-port")
  changed=
  write_if_other /etc/systemd/system/boxwright-pages.socket <<END && changed=yes
[Socket]
ListenStream=0.0.0.0:$((port + 10000))
[Install]
WantedBy=sockets.target
END
  write_if_other /etc/systemd/system/boxwright-pages.service <<END && changed=yes
[Service]
ExecStart=/usr/lib/systemd/systemd-socket-proxyd 127.0.0.1:$port
END
  [ -n "$changed" ] || return 0
  systemctl daemon-reload
  systemctl enable -q --now boxwright-pages.socket
}

install_packages
keep_made_things_here
allow_user_namespaces
pass_controllers_down
if [ -n "$machine" ]; then
  make_logins_roots
  open_port_for_pages
fi

cd "$folder"
if [ "$user" = root ]; then
  HOME=/root node workshop/setup/first.mjs
else
  runuser -u "$user" -- env HOME="$(getent passwd "$user" | cut -d: -f6)" node workshop/setup/first.mjs
fi
