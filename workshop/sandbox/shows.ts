// What of the workshop a submission's sandbox has in it: what the learner's process needs, and neither the answers nor the questions.
// A list of what is shown, so that what is added to the workshop tomorrow is hidden too.
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { MS, type Process, S } from '#linux';
import type { Lesson } from '../lessons.ts';
import { baseRootfs, home } from '../paths.ts';

/** For a lesson whose earlier lessons are the reference's. `all` are the workshop's lessons. */
export function shownFor(lesson: Lesson, all: Lesson[]): string[] {
  const earlier = all.filter(each => each.number < lesson.number).map(each => each.files.solution);
  const runner = ['sandbox/runner.ts', 'sandbox/protocol.ts', 'check/report.ts', 'paths.ts', 'registry'];
  return [
    ...['package.json', 'node_modules', 'linux', 'images', 'helper-c/build'].map(path => `${home}/${path}`),
    ...runner.map(path => `${home}/workshop/${path}`),
    ...[baseRootfs, lesson.files.lesson, ...earlier],
  ].filter(path => existsSync(path));
}

/**
 * Covers the workshop's folder in `root` with an empty one, and puts these paths of it back, to be read only. Before the process has
 * a user namespace: mounts that come along into one are locked there, so that no root of it can move or open them, look below
 * them, or take a part of the tree without them. mount_namespaces(7), “Restrictions on mount namespaces”
 */
export async function showOnly(box: Process, root: string, paths: string[]): Promise<void> {
  const folders = new Set(paths.flatMap(path => foldersTo(statSync(path).isDirectory() ? path : dirname(path))));
  await box.mount('boxwright', root + home, 'tmpfs', MS.NOSUID | MS.NODEV, 'mode=755');
  await box.together(() => {
    for (const folder of [...folders].sort()) box.mkdir(root + folder, 0o755);
    for (const path of paths) if (!statSync(path).isDirectory()) box.mknod(root + path);
  });
  for (const target of paths) await box.mount(target, root + target, null, MS.BIND);
  for (const target of [...paths, home]) {
    await box.mount('none', root + target, null, MS.REMOUNT | MS.BIND | MS.RDONLY | MS.NOSUID | MS.NODEV);
  }
}

/**
 * Nor is it a submission's to say what the programs are that the checks run (/bin is a link in `/`), or which libraries they take. /etc
 * stays its root's to write, as on any host. ld.so(8), FILES
 */
export async function keepPrograms(box: Process, root: string): Promise<void> {
  for (const path of ['', '/usr/local']) await box.chown(root + path, 0, 0);
  for (const path of ['/etc/ld.so.preload', '/etc/ld.so.cache']) {
    if (!existsSync(path)) await box.mknod(root + path, S.IFREG | 0o644);
    await box.mount(root + path, root + path, null, MS.BIND);
  }
}

/** Below the workshop's, topmost first. */
function foldersTo(path: string): string[] {
  return path.startsWith(`${home}/`) ? [...foldersTo(dirname(path)), path] : [];
}
