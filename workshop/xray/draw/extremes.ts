// X-rays for the tests that no sensible machine gives: nothing at all, far too much, and names by somebody who means harm.
import type { MountView, Xray } from '../types.ts';
import { docker, lesson05, lesson13, mountOf, processOf, vethOf } from './samples.ts';

const nobody = { effective: [], permitted: [], inheritable: [], bounding: [], ambient: [] };

/** Whatever may be empty or unknown is. */
export const nothing: Xray = {
  ...lesson05,
  ...{ name: null, processes: [], mounts: null, overlays: [], users: null, cgroup: null, network: null, calls: [] },
  process: processOf(1, [], 0, [], { name: '', uids: [], gids: [], threads: 0 }),
  namespaces: lesson05.namespaces.map(each => ({ ...each, host: null, own: each.kind !== 'mnt', members: 0 })),
  privileges: {
    capabilities: nobody,
    outOf: 0,
    noNewPrivileges: false,
    seccomp: { mode: 'none', filters: null },
    label: null,
  },
  unread: [{ what: 'all', why: 'EACCES' }],
};

/** There, and empty. */
export const empty: Xray = {
  ...nothing,
  mounts: mountOf('/', 'tmpfs', 'root'),
  overlays: [{ mount: 1, path: '/', layers: [], files: [], more: 0 }],
  users: { uids: [], gids: [], setgroups: null, identity: false },
  cgroup: {
    ...{ version: 2, path: '/', inside: null, frozen: null },
    memory: { current: null, max: null, high: null, peak: null, oomKills: null },
    cpu: { usage: null, quota: null, weight: null, throttled: null, cpus: null },
    pids: { current: null, max: null },
  },
  network: { host: false, links: [], routes: [], listening: [], bridges: [], rules: [], rulesUnread: null },
};

function chain(depth: number): MountView {
  const path = `/${Array.from({ length: 60 - depth }, (_, i) => `d${i}`).join('/')}`;
  return mountOf(path, 'ext4', 'other', { children: depth > 0 ? [chain(depth - 1)] : [] });
}

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const base = lesson13.network as NonNullable<Xray['network']>;

/** `factor` of everything. */
export function many(factor: number): Xray {
  const name = 'a/rather/long/path/of/some/length';
  const first = docker.overlays[0] as Xray['overlays'][number];
  return {
    ...lesson13,
    name: 'a container with far too much of everything, and a name that is as long as that',
    process: {
      ...lesson13.process,
      nsPids: times(Math.min(32, factor), i => 4_000_000 - i),
      command: times(factor, i => `--option-${i}=value`),
    },
    processes: times(factor * 4, i =>
      processOf(5000 + i, [5000 + i, i + 1], 5000 + Math.floor((i - 1) / 2), [`/usr/bin/worker-${i}`, '--verbose']),
    ),
    mounts: mountOf('/', 'overlay', 'root', {
      children: [
        ...times(factor, i => mountOf(`/proc/${i}`, 'devtmpfs', 'mask')),
        ...times(factor, i =>
          mountOf(`/${name}/${i}`, 'ext4', 'bind', {
            source: '/dev/mapper/a-volume-group-of-mine',
            root: `/${name}/${name}`,
            propagation: [`shared:${i}`, 'master:1'],
          }),
        ),
        ...times(factor, i =>
          mountOf(`/run/${i}`, 'tmpfs', 'memory', {
            children: times(3, k => mountOf(`/run/${i}/${k}`, 'nsfs', 'other')),
          }),
        ),
        chain(Math.min(factor, 59)),
      ],
    }),
    overlays: times(factor > 10 ? 5 : 1, k => ({
      ...first,
      mount: 900 + k,
      layers: times(factor, i => ({
        path: `/var/lib/${name}/${name}/${i}`,
        kind: i === 0 ? ('upper' as const) : ('lower' as const),
        entries: 9999,
        bytes: 5e13,
      })),
      files: times(Math.min(factor * 3, 200), i => ({
        path: `/${name}/file-${i}`,
        layer: i % factor,
        kind: (['new', 'changed', 'whiteout', 'opaque', 'lower'] as const)[i % 5] ?? 'new',
      })),
      more: 1e9,
    })),
    users: {
      identity: false,
      setgroups: 'deny',
      uids: times(factor, i => ({ inside: i * 70_000, outside: 4_000_000_000 - i * 70_000, count: 65_536 })),
      gids: [{ inside: 5, outside: 5, count: 1 }],
    },
    cgroup: {
      version: 2,
      path: `/${name}/${name}/${name}`,
      inside: `/../../../${name}`,
      frozen: true,
      memory: { current: 9e15, max: 1e16, high: 9e15, peak: 9e15, oomKills: 1e6 },
      cpu: {
        usage: 1e9,
        quota: 1024,
        weight: 10_000,
        throttled: 1e8,
        cpus: times(factor, i => String(i * 2)).join(','),
      },
      pids: { current: 4_000_000, max: 4_194_304 },
    },
    network: {
      ...base,
      links: times(factor, i =>
        vethOf(i + 1, `a-name-15-chars`, 'fd00:1234:5678:9abc:def0:1234:5678:9abc/128', {
          in: i % 7 === 3 ? 123_456 : 'host',
          name: `veth-of-others${i}`,
          bridge: i % 3 === 0 ? null : i % 3 === 1 ? 'br-one' : 'br-two',
        }),
      ),
      bridges: ['br-one', 'br-two', 'br-none'].map(bridge => ({
        name: bridge,
        addresses: ['fd00:1234:5678:9abc:def0:1234:5678:9abc/128'],
        up: false,
        ports: times(factor, i => `port-${bridge}-${i}`),
      })),
      routes: times(factor, i => ({
        destination: `fd00:${i}::/64`,
        via: 'fd00:1234:5678:9abc:def0:1234:5678:9abc',
        link: 'a-name-15-chars',
      })),
      listening: times(factor, i => ({
        protocol: 'udp',
        address: 'fd00:1234:5678:9abc:def0:1234:5678:9abc',
        port: 60_000 + i,
      })),
      rules: times(factor, i => ({
        table: 'inet filter',
        chain: 'a-chain-with-a-long-name',
        text: `ip saddr { ${name} } tcp dport ${i} counter dnat ip to ${name}`,
        packets: 1e12,
        bytes: 1e15,
      })),
      rulesUnread: 'nft: it was killed in the middle, and for a reason that takes rather long to tell',
    },
    privileges: {
      capabilities: {
        ...nobody,
        effective: ['chown'],
        permitted: ['chown', 'kill', 'brand_new_capability_of_the_future'],
        bounding: ['bpf', 'syslog'],
      },
      outOf: 64,
      noNewPrivileges: true,
      seccomp: { mode: 'filter', filters: 12 },
      label: `unconfined_u:${name}:s0-s0:c0.c1023`,
    },
    calls: times(factor * 20, i => ({
      pid: 100 + Math.floor(i / 40),
      name: i % 9 === 0 ? 'clone' : 'mount',
      text: `mount("${name}", "${name}", "${name}", MS_${i}) = ${i % 11 === 0 ? '-1 EPERM (Operation not permitted)' : i}`,
      result: i % 11 === 0 ? -1 : i,
      code: i % 11 === 0 ? 'EPERM' : null,
      line: i,
      file: `lessons/13-veth-bridge/a-rather-long-file-name-${i % 5}.ts`,
    })),
  };
}

/** Every string that somebody inside may choose is this one. */
export function hostile(evil: string): Xray {
  const replaced = (value: unknown, key: string): unknown => {
    if (Array.isArray(value))
      return key === 'calls'
        ? value.slice(0, 9).map(each => replaced(each, ''))
        : value.map(each => replaced(each, key));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, replaced(each, name)]));
    const fixed = ['kind', 'role', 'in', 'mode', 'protocol', 'setgroups', 'at', 'state', 'code'];
    return typeof value === 'string' && !fixed.includes(key) ? evil : value;
  };
  return replaced(lesson13, '') as Xray;
}

export const evils: Record<string, string> = {
  markup: `</text></svg><script>globalThis.hit = 1</script><img src="http://evil.invalid/x" onerror="hit=2">`,
  attribute: `" onfocus="hit=3" style="fill:url(http://evil.invalid/y)" '`,
  style: `]]></style><style>@import "http://evil.invalid/z"; *{display:none}</style><!--`,
  control: 'a\u0000b\u0007\u001b[31mred\r\n\ttab\u0085\ufffe\ud800',
  turned: '\u202egnp.exe\u2066\u200f\u05d0\u05d1\u05d2 ‮',
  zalgo: `Z${'\u0301'.repeat(400)}a${'\u0489'.repeat(50)}`,
  wide: '﷽﷽﷽ 👩‍👩‍👧‍👦𒐫𒐫 中文字符集合 ꧅꧅꧅ ᄀᄀᄀ각ᆨᆨ',
  long: 'x'.repeat(10_000),
  longWords: 'wide WWWW '.repeat(1000),
  entity: '&lt;b&gt; &amp; &#0; &xxe; %xxe; <!ENTITY xxe SYSTEM "file:///etc/passwd">',
  nothing: '',
};
