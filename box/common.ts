// What several commands have in common: the store, the configuration of registries, progress, and an end by Ctrl-C.
import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import {
  ImageError,
  type Platform,
  type Progress,
  parsePlatform,
  type Registries,
  readRegistries,
  Store,
  showProgress,
} from '#images';

export interface StoreOptions {
  store?: string;
}

export interface RegistryOptions {
  registries?: string;
  platform?: string;
}

/** `box NAME …` with the option that says which store. */
export const storeCommand = (name: string, description: string) =>
  new Command(name)
    .description(description)
    .option('--store <folder>', 'the store; else $BOX_STORE, else the machine’s or yours');

/** The same, for what talks to a registry. */
export const registryCommand = (name: string, description: string) =>
  storeCommand(name, description).option(
    '--registries <file>',
    'the configuration; else $BOX_REGISTRIES and usual places',
  );

export function storeFolder({ store }: StoreOptions): string {
  const home = process.getuid?.() === 0 ? '/var/lib' : process.env.XDG_DATA_HOME || `${homedir()}/.local/share`;
  return resolve(store ?? (process.env.BOX_STORE || `${home}/box`));
}

/** Containers that root starts are run by somebody else, who has to get to their files. path_resolution(7) */
export function requireWay(folder: string): void {
  if (process.getuid?.() !== 0) return;
  for (let path = folder; path !== '/'; path = dirname(path)) {
    if (!existsSync(path) || statSync(path).mode & 0o001) continue;
    throw new ImageError(
      `${path}: no container gets through to its files there`,
      `\`chmod o+x ${path}\`, or --store FOLDER`,
    );
  }
}

export const openStore = (options: StoreOptions): Promise<Store> => Store.open(storeFolder(options));

interface Transfer {
  progress: Progress;
  registries: Registries;
  platform?: Platform;
}

/** Does what moves blobs, and shows how far it is. Ctrl-C leaves it as a crash would: what has come is there, and is gone on with. */
export async function transfer<T>(options: RegistryOptions, work: (transfer: Transfer) => Promise<T>): Promise<T> {
  const progress = await showProgress();
  const interrupted = (_: NodeJS.Signals, number: number) => {
    progress.end();
    console.error('box: interrupted; what has come is kept\nnext: the same again goes on from there');
    process.exit(128 + number);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupted);
  try {
    const { platform } = options;
    const registries = await readRegistries(options.registries);
    return await work({ progress, registries, ...(platform && { platform: parsePlatform(platform) }) });
  } finally {
    progress.end();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, interrupted);
  }
}

/** Columns as wide as their widest cell. */
export function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map(row => row[i]?.length ?? 0)));
  return rows
    .map(row =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
