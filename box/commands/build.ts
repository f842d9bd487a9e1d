// `box build`: an image from a Containerfile.
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { openImage } from '#15-oci-image';
import { parseReference, pull } from '#16-registry';
import { build } from '#17-build';
import {
  type Compression,
  checkPlatform,
  compressions,
  ImageError,
  type Platform,
  parsePlatform,
  readRegistries,
  showProgress,
} from '#images';
import { openStore, type RegistryOptions, registryCommand, requireWay, type StoreOptions } from '../common.ts';

interface BuildOptions extends StoreOptions, RegistryOptions {
  file?: string;
  tag?: string;
  buildArg: Record<string, string>;
  target?: string;
  cache: boolean;
  compression: Compression;
  network: 'none' | 'host' | 'bridge';
}

export function register(program: Command): void {
  program.addCommand(
    registryCommand('build', 'make an image from a Containerfile')
      .argument('[context]', 'the folder that COPY and ADD take from', '.')
      .option('-f, --file <path>', 'the Containerfile; else Containerfile or Dockerfile in the context')
      .option('-t, --tag <name>', 'what to call the image in the store')
      .option('--build-arg <name=value>', 'a value for an ARG; without =value, the environment’s', collect, {})
      .option('--target <stage>', 'the stage to stop at')
      .option('--no-cache', 'do every step, whatever is known from earlier')
      .addOption(new Option('--compression <how>', 'of layers').choices(compressions).default('gzip'))
      .addOption(new Option('--network <which>', 'of RUN').choices(['none', 'host', 'bridge']).default('none'))
      .option('--platform <os/arch>', 'of a machine other than this one: linux/arm64')
      .action(run),
  );
}

async function run(folder: string, options: BuildOptions): Promise<void> {
  const context = resolve(folder);
  if (!statSync(context, { throwIfNoEntry: false })?.isDirectory())
    throw new ImageError(`${folder} is no folder`, 'name the folder that COPY and ADD take from');
  const { target, cache, compression, network, buildArg: args, tag } = options;
  const epoch = readEpoch(process.env.SOURCE_DATE_EPOCH);
  const store = await openStore(options);
  requireWay(store.folder);
  const progress = await showProgress();
  const registries = await readRegistries(options.registries);
  const base = async (name: string, platform?: Platform) => {
    const whole = parseReference(name).name;
    if (!store.find(whole)) return pull(name, store, { registries, progress, ...(platform && { platform }) });
    const image = await openImage(store.folder, whole, platform);
    checkPlatform(image, name, platform);
    return image;
  };
  const image = await untilInterrupted(async signal =>
    build({
      ...{ context, file: findFile(context, options.file), store, args, signal, compression, network },
      ...{ noCache: !cache, base, report: line => console.error(line) },
      ...(tag !== undefined && { tag: parseReference(tag).name }),
      ...(target !== undefined && { target }),
      ...(options.platform && { platform: parsePlatform(options.platform) }),
      ...(epoch !== undefined && { epoch }),
    }),
  ).finally(() => progress.end());
  console.log(image.descriptor.digest);
}

/** On Ctrl-C the container at work is ended and what it has left is taken away; then the command ends. */
async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  let status = 0;
  const interrupt = (_: NodeJS.Signals, number: number) => {
    status = 128 + number;
    stop.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  try {
    return await work(stop.signal);
  } catch (error) {
    // A terminal interrupts the processes at work as well, and their end may have been noticed first.
    await setTimeout(20);
    if (status === 0) throw error;
    console.error('box: interrupted; the steps that were done are known\nnext: the same again goes on from there');
    return process.exit(status);
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}

function findFile(context: string, file?: string): string {
  if (file !== undefined) return resolve(file);
  const names = ['Containerfile', 'Dockerfile'];
  const found = names.map(name => `${context}/${name}`).find(path => existsSync(path));
  if (found) return found;
  throw new ImageError(`there is neither Containerfile nor Dockerfile in ${context}`, 'name one with --file');
}

function collect(text: string, all: Record<string, string>): Record<string, string> {
  const [name = '', ...value] = text.split('=');
  const given = value.length > 0 ? value.join('=') : process.env[name];
  return given === undefined ? all : { ...all, [name]: given };
}

/** https://reproducible-builds.org/specs/source-date-epoch: seconds since 1970 */
function readEpoch(text: string | undefined): number | undefined {
  if (!text) return undefined;
  if (!/^\d{1,11}$/.test(text))
    throw new ImageError(`SOURCE_DATE_EPOCH=${text} is no number of seconds`, 'git log -1 --pretty=%ct says one');
  return Number(text);
}
