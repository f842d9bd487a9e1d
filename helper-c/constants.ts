// Writes the kernel's numbers to linux/generated/ARCH.json, from the system's own headers:
//
//   node helper-c/constants.ts                                        this machine's
//   node helper-c/constants.ts aarch64-linux-gnu-gcc qemu-aarch64-static   arm64's, elsewhere
//
// The preprocessor lists every macro, we choose by prefix, and a C program made of their names prints the values. The
// result is committed, so that types check and the pure parts of `linux/` work on a machine without these headers; a test
// makes it anew and compares.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const headers = [
  ...['errno', 'fcntl', 'sched', 'signal', 'stdio', 'string', 'sys/mount', 'sys/prctl', 'sys/resource', 'sys/stat'],
  ...[
    'sys/syscall',
    'sys/wait',
    'sys/socket',
    'net/if',
    'time',
    'linux/sockios',
    'linux/audit',
    'linux/capability',
    'linux/close_range',
    'linux/filter',
    'linux/landlock',
  ],
  ...['linux/mount', 'linux/openat2', 'linux/sched', 'linux/seccomp'],
];

/** Group → what its macros' names look like. The key is the part in parentheses. */
const groups: Record<string, RegExp> = {
  syscall: /^__NR_(?!syscalls$|arch_specific_syscall$)([a-z0-9_]+)$/,
  CLONE: /^CLONE_([A-Z_]+)$/,
  MS: /^MS_([A-Z_]+)$/,
  MNT: /^MNT_([A-Z]+)$/,
  UMOUNT: /^UMOUNT_([A-Z]+)$/,
  MOUNT_ATTR: /^MOUNT_ATTR_([A-Z_]+)$/,
  MOVE_MOUNT: /^MOVE_MOUNT_([A-Z_]+)$/,
  OPEN_TREE: /^OPEN_TREE_([A-Z]+)$/,
  FSOPEN: /^FSOPEN_([A-Z]+)$/,
  FSCONFIG: /^FSCONFIG_([A-Z_]+)$/,
  FSMOUNT: /^FSMOUNT_([A-Z]+)$/,
  O: /^O_([A-Z]+)$/,
  AT: /^AT_([A-Z_]+)$/,
  S: /^S_(I[A-Z]+)$/,
  SIG: /^(SIG(?!STKSZ|RTM|IOT$|CLD$|POLL$)[A-Z0-9]+)$/,
  SIG_: /^SIG_(BLOCK|UNBLOCK|SETMASK)$/,
  SI: /^SI_([A-Z]+)$/,
  W: /^W(NOHANG|UNTRACED|STOPPED|EXITED|CONTINUED|NOWAIT)$/,
  CLOCK: /^CLOCK_([A-Z_]+)$/,
  AF: /^AF_(UNSPEC|UNIX|INET|INET6|NETLINK|PACKET)$/,
  SOCK: /^SOCK_([A-Z]+)$/,
  SIOC: /^SIOC([GS]IF[A-Z]+)$/,
  IFF: /^IFF_([A-Z]+)$/,
  ERRNO: /^(E(?!WOULDBLOCK$|DEADLOCK$|NOTSUP$|OF$)[A-Z0-9]+)$/,
  PR: /^PR_([A-Z0-9_]+)$/,
  CAP: /^CAP_(?!TO_|LAST_CAP$)([A-Z0-9_]+)$/,
  RLIMIT: /^RLIMIT_([A-Z]+)$/,
  RESOLVE: /^RESOLVE_([A-Z_]+)$/,
  CLOSE_RANGE: /^CLOSE_RANGE_([A-Z]+)$/,
  SECCOMP: /^SECCOMP_([A-Z_0-9]+)$/,
  AUDIT_ARCH: /^AUDIT_ARCH_([A-Z0-9_]+)$/,
  BPF: /^BPF_([A-Z0-9]+)$/,
  LANDLOCK: /^LANDLOCK_([A-Z_]+)$/,
};

/** What the C library calls the errno in words, and FSCONFIG_*, which are an enumeration and no macros. */
const extra = `
  for (int e = 1; e < 134; e++)
    if (strerrorname_np(e)) printf("MEANING %s %s\\n", strerrorname_np(e), strerror(e));
  printf("FSCONFIG SET_FLAG %d\\nFSCONFIG SET_STRING %d\\nFSCONFIG SET_FD %d\\nFSCONFIG CMD_CREATE %d\\n",
    FSCONFIG_SET_FLAG, FSCONFIG_SET_STRING, FSCONFIG_SET_FD, FSCONFIG_CMD_CREATE);`;

/** The JSON text for the machine that `cc` compiles for; `run` runs its programs, where that is not this machine. */
export function constants(cc: string, run: string[]): string {
  const dir = mkdtempSync(`${tmpdir()}/boxwright-constants-`);
  try {
    const include = `#define _GNU_SOURCE\n${headers.map(name => `#include <${name}.h>\n`).join('')}`;
    writeFileSync(`${dir}/headers.h`, include);
    const macros = execFileSync(cc, ['-E', '-dM', `${dir}/headers.h`], { encoding: 'utf8', maxBuffer: 1 << 26 })
      .split('\n')
      // Only those with a value and without arguments, whose parenthesis stands right behind the name.
      .flatMap(line => /^#define ([A-Za-z_][A-Za-z0-9_]*) \S/.exec(line)?.[1] ?? [])
      .sort();

    const lines = Object.entries(groups).flatMap(([group, pattern]) =>
      macros.flatMap(macro => {
        const key = pattern.exec(macro)?.[1];
        return key ? `  printf("${group} ${key} %lld\\n", (long long)(${macro}));` : [];
      }),
    );
    writeFileSync(`${dir}/print.c`, `#include "headers.h"\nint main(void) {\n${lines.join('\n')}\n${extra}\n}\n`);
    execFileSync(cc, ['-w', '-static', '-o', `${dir}/print`, `${dir}/print.c`]);

    const [program = '', ...args] = [...run, `${dir}/print`];
    const table: Record<string, Record<string, number | string>> = {};
    for (const line of execFileSync(program, args, { encoding: 'utf8' }).trimEnd().split('\n')) {
      const [, group = '', key = '', value = ''] = /^(\S+) (\S+) (.*)$/.exec(line) ?? [];
      table[group] ??= {};
      table[group][key] = group === 'MEANING' ? value : Number(value);
    }
    return `${JSON.stringify(table, null, 1)}\n`;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Where the committed numbers are. */
export const generated = (arch: string) => fileURLToPath(new URL(`../linux/generated/${arch}.json`, import.meta.url));

if (import.meta.main) {
  const [cc = 'cc', ...run] = process.argv.slice(2);
  const machine = execFileSync(cc, ['-dumpmachine'], { encoding: 'utf8' });
  writeFileSync(generated(machine.startsWith('aarch64') ? 'arm64' : 'x64'), constants(cc, run));
}
