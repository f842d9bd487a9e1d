// What the learner's functions are asked for, so that there is a container with a shell in it: contain(), and for the lessons after it
// what they have made of it. What they are given is what `box` gives them (sandbox/box.ts), and where a lesson has limits, some.
import { text } from 'node:stream/consumers';
import type { Lesson } from '../lessons.ts';
import { home } from '../paths.ts';
import type { Session } from '../sandbox/session.ts';
import { stateFolder } from '../sandbox/state.ts';

/** Asks for a container, and returns what was answered. Rejects with LearnerError. */
export type Command = (session: Session, patience: number) => Promise<unknown>;

const command = ['/bin/sh'];
const image = `${stateFolder}/images/base`;
const containers = `${stateFolder}/containers`;
const store = `${stateFolder}/store`;
const layout = `${stateFolder}/images/layout`;
const context = `${stateFolder}/context`;

export function commandFor({ number }: Lesson): Command {
  if (number >= '17') return build;
  if (number >= '16') return pull;
  if (number >= '15') return ofImage;
  const spec = { command, rootfs: image, layers: [image], containers };
  return (session, patience) => session.ask(call('contain', { ...spec, ...limitsFor(number, session) }), patience);
}

/** Where on the sandbox's host its files come from: the folders under its overlay, or a store of images. */
export function sourcesOf({ number }: Lesson): { lowers?: string[]; images?: string } {
  if (number >= '16') return { images: store };
  if (number === '15') return { images: layout };
  return number >= '04' ? { lowers: [image] } : {};
}

/** From the lesson on in which they are made. Small enough to be met by who tries. */
function limitsFor(number: string, { sandbox }: Session): object {
  const resources = { memory: { max: 64 << 20 }, cpu: { quota: 50_000 }, pids: 64 };
  return {
    ...(number >= '10' && sandbox.cgroup && { cgroup: '/stage', resources }),
    ...(number === '11' && { timeOffsets: { boottime: { secs: 86_400 } } }),
    ...(number >= '13' && { network: 'bridge' }),
  };
}

const call = (name: string, argument: unknown, from?: string) => ({
  ...{ op: 'call' as const, name, args: [argument] },
  ...(from && { from }),
});

/** Lesson 15's: the base image, as an image layout. */
const ofImage: Command = (session, patience) => {
  const opened = { $call: 'openImage', from: '#15-oci-image', args: [layout] };
  return session.ask(call('contain', { image: opened, command, containers, store: `${stateFolder}/layers` }), patience);
};

/** Where the images come from that lessons 16 and 17 want: from a registry on the sandbox's own loopback. */
const name = '127.0.0.1:5000/base:1.0';

/** Lesson 16's: the image, pulled. */
const pull: Command = async (session, patience) => {
  const args = [name, { $call: 'Store.open', from: '#images', args: [store] }];
  return containPulled(session, await session.ask({ op: 'call', name: 'pull', args }, patience), patience);
};

/** Lesson 17's: an image with a layer of its own, made from a Containerfile. */
const build: Command = async (session, patience) => {
  const built = session.ask(call('build', { context, store, tag: 'docker.io/library/mine:latest' }), patience);
  return containPulled(session, await built, patience);
};

function containPulled(session: Session, pulled: unknown, patience: number): Promise<unknown> {
  const spec = { image: pulled, command, containers, store: `${store}/layers` };
  return session.ask(call('contain', spec, '#15-oci-image'), patience);
}

/** What must be there before, and takes its time: nothing of the learner's. */
export async function prepare(session: Session, { number }: Lesson): Promise<void> {
  if (number === '15') await session.ask(call('baseLayout', null, `${home}/workshop/sandbox/base-image.ts`), 60_000);
  if (number < '16') return;
  // What `make-image` and `registry` do in `boxwright shell`. The second stays, and would keep our pipe.
  const served = `cd "$1"; "$2" "$3/make-image.ts" shelf base:1.0 /bin/sh; "$2" "$3/serve.ts" shelf 5000 2>/dev/null`;
  const file = `mkdir "$4"; printf 'FROM %s\nRUN echo built on $(hostname) > /built\n' "$5" > "$4/Containerfile"`;
  const args = [stateFolder, process.execPath, `${home}/workshop/registry`, context, name];
  await onHost(session, `${served}; ${file}`, ...args);
}

/** A script of ours on the sandbox's host, as its root. */
async function onHost({ sandbox }: Session, script: string, ...args: string[]): Promise<void> {
  const box = await sandbox.join({ stdio: ['ignore', 'ignore', 'pipe'] });
  await box.execve('/bin/sh', ['sh', '-ec', script, 'sh', ...args], {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: '/root',
    NODE_NO_WARNINGS: '1',
  });
  const [said, { code }] = await Promise.all([box.stderr ? text(box.stderr) : '', box.exited]);
  if (code !== 0) throw new Error(`on the sandbox’s host: ${said.trim() || `a script ended with ${code}`}`);
}
