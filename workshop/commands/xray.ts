// `boxwright xray PID`: any process of this machine, a container's or not, as the kernel knows it.
import type { Command } from 'commander';
import { UserError } from '../errors.ts';
import type { XrayOptions } from '../xray/index.ts';

interface Options {
  docker?: string;
  podman?: string;
  images?: string | true;
  json?: boolean;
  svg?: boolean;
  watch?: boolean;
  page?: boolean;
  pager: boolean;
}

const explanation = `
Shows namespaces, users, control group, mounts, the layers of overlays, network and privileges, by what /proc, /sys and
netlink say. Nothing is changed, and the process does not notice. Of another user’s process it shows what may be read, and
names the rest: with sudo it is all there. --svg and --json go to standard output.

Ends with 0; with 1 if there is no such process or container; --watch and --page with 130 on Ctrl-C.`;

export function register(program: Command): void {
  program
    .command('xray')
    .description('any process or container of this machine, drawn as the kernel knows it')
    .argument('[pid]', 'the number of a process, or self')
    .option('--docker <name>', 'a container of Docker’s, in place of a number')
    .option('--podman <name>', 'a container of Podman’s')
    .option('--images [store]', 'the images of a store, and the layers that they share')
    .option('--json', 'print it as JSON')
    .option('--svg', 'print it as a drawing')
    .option('--watch', 'look again every second, until q or Ctrl-C')
    .option('--page', 'draw it live on a page, until q or Ctrl-C, and print the link')
    .option('--no-pager', 'print it, however long it is')
    .addHelpText('after', explanation)
    .action(xray);
}

async function xray(pid: string | undefined, options: Options): Promise<void> {
  const subjects = [pid, options.docker, options.podman, options.images].filter(each => each !== undefined);
  if (subjects.length !== 1)
    throw new UserError(
      subjects.length === 0 ? 'an x-ray of what?' : 'an x-ray is of one thing at a time',
      'name a process by its number, or --docker NAME, or --podman NAME, or --images',
      2,
    );
  if ([options.json, options.svg, options.watch, options.page].filter(Boolean).length > 1)
    throw new UserError('--json, --svg, --watch and --page exclude each other', 'name one of them', 2);
  if (options.images !== undefined) return showStore(options.images, options);
  if (options.watch) {
    const { watch } = await import('../xray/terminal/watch.ts');
    process.exitCode = await watch(() => lookAt(pid, options));
    return;
  }
  const view = await lookAt(pid, options);
  if (options.page) {
    const { openXrayPage } = await import('../page/open.ts');
    process.exitCode = await openXrayPage(...(await subjectOf(pid, options)));
  } else if (options.json) console.log(toJson(view));
  else if (options.svg) {
    const { asDocument, figures } = await import('../xray/draw/index.ts');
    console.log(asDocument(figures(view)));
  } else {
    const { showXray } = await import('../xray/terminal/show.ts');
    await (await import('../terminal/pager.ts')).page(showXray(view), options.pager);
  }
}

async function lookAt(pid: string | undefined, options: Options) {
  const { readXray } = await import('../xray/index.ts');
  return readXray(...(await subjectOf(pid, options)));
}

/** Which process, and what is known of it beside its number. */
async function subjectOf(pid: string | undefined, { docker, podman }: Options): Promise<[number, XrayOptions]> {
  if (docker !== undefined || podman !== undefined) {
    const { findContainer } = await import('../xray/find.ts');
    const { pid: number, ...known } = await findContainer(
      docker === undefined ? 'podman' : 'docker',
      docker ?? podman ?? '',
    );
    return [number, known];
  }
  if (pid === 'self') return [(await import('../xray/index.ts')).ownPid(), {}];
  // As large as the kernel's numbers can get: 2^22. proc_sys_kernel(5), pid_max
  if (!/^[1-9]\d{0,6}$/.test(pid ?? ''))
    throw new UserError(`${JSON.stringify(pid)} is no process’s number`, '`ps -e` lists them; `self` is this one', 2);
  return [Number(pid), {}];
}

async function showStore(store: string | true, { json, svg, watch, page, pager }: Options): Promise<void> {
  if (svg || watch || page) throw new UserError('--images goes with --json, or alone', 'leave the other one out', 2);
  const { storeFolder } = await import('../../box/common.ts');
  const { readImages } = await import('../xray/index.ts');
  const view = await readImages(storeFolder(store === true ? {} : { store }));
  if (json) console.log(toJson(view));
  else {
    const { showImages } = await import('../xray/terminal/images.ts');
    await (await import('../terminal/pager.ts')).page(showImages(view), pager);
  }
}

/** JSON leaves the second set of control characters as it is, and some terminals obey it. */
const toJson = (value: unknown) =>
  JSON.stringify(value, null, 2).replace(/[\u007f-\u009f]/g, char => `\\u00${char.charCodeAt(0).toString(16)}`);
