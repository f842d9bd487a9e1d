// What a submission sees of the machine that grades it, and of the answers: tried from within, by the very root that it is given there.
// What it found comes out as the error that its file threw.
import { readFileSync } from 'node:fs';
import { here } from '../../guest/kit.ts';
import { findLesson } from '../../lessons.ts';
import { home } from '../../paths.ts';
import { markSubmission } from './index.ts';

const lesson = findLesson('02');
const bounds = { seconds: 120, memory: 1024, output: 1 << 22 };

/** A submission that runs `body`, in which `found` is filled. Each attempt says what came of it: a value, or the errno's name. */
async function spy(body: string): Promise<Record<string, unknown>> {
  const text = `
    import { existsSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
    import { AT, CLONE, MNT, MS, O, Process, SIG } from '#linux';
    const home = ${JSON.stringify(home)};
    const found: Record<string, unknown> = {};
    const attempt = async (name: string, act: (box: Process) => unknown) => {
      const box = await Process.start();
      try { found[name] = (await act(box)) ?? 'done'; }
      catch (error: any) { found[name] = error.code ?? String(error); }
      finally { await box.end(); }
    };
    ${body}
    void [existsSync, openSync, readdirSync, readFileSync, readlinkSync, AT, CLONE, MNT, MS, O, SIG, home];
    throw new Error(JSON.stringify(found));`;
  const submission = { id: 'spy', from: 'spy', at: null, files: { [lesson.name]: text }, refused: [] };
  const mark = await markSubmission(submission, [lesson], bounds);
  return JSON.parse(mark.lessons[0]?.reason ?? mark.reason ?? '{}');
}

here('It sees of the workshop what its own process needs, and nobody’s files.', async t => {
  const found = await spy(`
    const apart = /^(node_modules|linux|images|helper-c|workshop.registry|.cache.rootfs)\\//;
    await attempt('home', () => readdirSync(home, { recursive: true, withFileTypes: true })
      .filter(entry => !entry.isDirectory()).map(entry => (entry.parentPath + '/' + entry.name).slice(home.length + 1))
      .filter(path => !apart.test(path)).sort());
    await attempt('people', () => ['/home', '/srv', '/mnt', '/media', '/opt', '/var/lib', '/tmp'].flatMap(path => existsSync(path) ? readdirSync(path) : []));
    await attempt('root', () => readdirSync('/root'));
    await attempt('shadow', () => readFileSync('/etc/shadow', 'utf8').length);
    await attempt('net', () => readFileSync('/proc/net/dev', 'utf8').match(/\\S+(?=:)/g));
    await attempt('environment', () => Object.keys(process.env).sort());`);
  t.deepEqual(found.home, [
    'lessons/02-chroot/chroot.ts',
    'package.json',
    'solutions/01-process/process.ts',
    'workshop/check/report.ts',
    'workshop/paths.ts',
    'workshop/sandbox/protocol.ts',
    'workshop/sandbox/runner.ts',
  ]);
  t.deepEqual(
    (found.people as string[]).filter(name => !`${home}/`.includes(`/${name}/`)),
    [],
  );
  t.deepEqual(found.root, ['secret']);
  t.is(found.shadow, 'EACCES');
  t.deepEqual(found.net, ['lo']);
  t.deepEqual(found.environment, ['API_TOKEN', 'HOME', 'PATH']);
});

here('Nothing that covers the answers can be taken away, and the host cannot be mounted anew.', async t => {
  const found = await spy(`
    await attempt('mount hostfs', box => box.mount('none', '/mnt', 'hostfs', 0, '/'));
    await attempt('mount 9p', box => box.mount('host0', '/mnt', '9p', 0, 'trans=virtio'));
    await attempt('unmount', box => box.umount2(home, MNT.DETACH));
    await attempt('unmount in a namespace', async box => { await box.unshare(CLONE.NEWUSER | CLONE.NEWNS); await box.umount2(home, MNT.DETACH); });
    await attempt('unmount /', box => box.umount2('/', MNT.DETACH));
    await attempt('move', box => box.mount(home, '/tmp', null, MS.MOVE));
    await attempt('bind /', box => box.mount('/', '/run', null, MS.BIND));
    await attempt('bind all, unmount there', async box => { await box.unshare(CLONE.NEWNS); await box.mount('/', '/run', null, MS.BIND | MS.REC); await box.umount2('/run' + home, MNT.DETACH); });
    await attempt('overlay on /', box => box.mount('over', '/run', 'overlay', 0, 'lowerdir=/:/tmp'));
    await attempt('write there', box => box.mount('none', home + '/linux', null, MS.BIND | MS.REMOUNT));
    await attempt('by handle', async box => box.syscall('open_by_handle_at', await box.open('/'), Buffer.from([8, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]), 0));
    await attempt('a disk', box => box.mknod('/tmp/disk', 0o060600, 98 << 8));
    await attempt('the wire of the guest', box => box.mknod('/tmp/wire', 0o020600, (4 << 8) | 1));`);
  const { 'by handle': byHandle, ...others } = found;
  t.is(byHandle, 'EPERM');
  t.deepEqual(others, {
    'mount hostfs': 'EPERM',
    'mount 9p': 'EPERM',
    unmount: 'EINVAL',
    'unmount in a namespace': 'EINVAL',
    'unmount /': 'EINVAL',
    move: 'EINVAL',
    'bind /': 'EINVAL',
    'bind all, unmount there': 'EINVAL',
    'overlay on /': 'EINVAL',
    'write there': 'EPERM',
    'a disk': 'EPERM',
    'the wire of the guest': 'EPERM',
  });
});

here('It sees no process but its own, and shares no descriptor and no user with the worker.', async t => {
  const found = await spy(`
    await attempt('others', box => readdirSync('/proc').filter(name => /^\\d+$/.test(name) && ![process.pid, box.pid].includes(Number(name)))
      .map(pid => readFileSync('/proc/' + pid + '/cmdline', 'utf8').replace(/\\0.*/s, '').replace(/.*\\//, '')));
    await attempt('root of 1', () => readlinkSync('/proc/1/root'));
    await attempt('descriptors of 1', () => readdirSync('/proc/1/fd'));
    await attempt('take one', async box => box.syscall('pidfd_getfd', await box.syscall('pidfd_open', 1, 0), 0, 0));
    await attempt('trace', box => box.syscall('ptrace', 16, 1, 0, 0));
    await attempt('own descriptors', () => readdirSync('/proc/self/fd').map(fd => { try { return readlinkSync('/proc/self/fd/' + fd).replace(/\\d+/g, ''); } catch { return ''; } })
      .filter(link => /pipe|tty|hvc|vport/.test(link) && link !== 'pipe:[]'));
    await attempt('users', () => readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\\s+/)[1] !== '0');`);
  t.deepEqual(found, {
    others: ['boxwright-helper'],
    'root of 1': 'EACCES',
    'descriptors of 1': 'EACCES',
    'take one': 'EPERM',
    trace: 'EPERM',
    'own descriptors': [],
    users: true,
  });
});

here('The lesson of this test is one that its submission could pass.', async t => {
  const files = { [lesson.name]: readFileSync(lesson.files.solution, 'utf8') };
  const mark = await markSubmission({ id: 'x', from: 'x', at: null, files, refused: [] }, [lesson], bounds);
  t.is(mark.lessons[0]?.status, 'pass');
});
