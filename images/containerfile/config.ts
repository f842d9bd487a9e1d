// What an instruction that touches no file makes of an image's configuration. Dockerfile reference; image-spec, config.md
import type { ProcessConfig } from '../types.ts';
import { ContainerfileError } from './errors.ts';
import { expand, type Lookup } from './expand.ts';
import type { Command, Instruction, Pair } from './instructions.ts';
import type { Word } from './words.ts';

export interface Surroundings {
  lookup: Lookup;
  /** What runs a command that is no list. */
  shell: string[];
  /** Whether this stage has said CMD already. */
  hasCmd: boolean;
}

/** The configuration after the instruction; what was there is not changed. */
export function configure(
  config: ProcessConfig,
  instruction: Instruction,
  { lookup, shell, hasCmd }: Surroundings,
): ProcessConfig {
  switch (instruction.kind) {
    case 'ENV':
      return { ...config, Env: withEnv(config.Env ?? [], expandPairs(instruction.pairs, lookup)) };
    case 'LABEL':
      return { ...config, Labels: { ...config.Labels, ...Object.fromEntries(expandPairs(instruction.pairs, lookup)) } };
    case 'EXPOSE':
      return { ...config, ExposedPorts: { ...config.ExposedPorts, ...ports(instruction.values, lookup) } };
    case 'VOLUME':
      return {
        ...config,
        Volumes: { ...config.Volumes, ...keys(instruction.values.map(word => expand(word, lookup))) },
      };
    case 'USER':
      return { ...config, User: expand(instruction.value, lookup) };
    case 'WORKDIR':
      return { ...config, WorkingDir: resolvePath(config.WorkingDir, expand(instruction.value, lookup)) };
    case 'STOPSIGNAL':
      return { ...config, StopSignal: expand(instruction.value, lookup) };
    case 'CMD':
      return { ...config, Cmd: commandOf(instruction.command, shell) };
    case 'ENTRYPOINT': {
      // The base image's command was meant as the arguments of the base image's entry point.
      const { Cmd, ...others } = config;
      return { ...others, Entrypoint: commandOf(instruction.command, shell), ...(hasCmd && { Cmd }) };
    }
    default:
      return config;
  }
}

/** As a list: what is none goes to the shell. */
export const commandOf = (command: Command, shell: string[]) =>
  typeof command === 'string' ? [...shell, command] : command;

/** The path from the image's root, whether or not it was one; without `..`, which never leads out. */
export function resolvePath(folder = '/', path = ''): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${folder}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export function expandPairs(pairs: Pair[], lookup: Lookup): [string, string][] {
  return pairs.map(({ name, value }) => [expand(name, lookup), value ? expand(value, lookup) : '']);
}

/** `['A=1']` with more. A name that is there already keeps its place. */
export function withEnv(env: string[], pairs: [string, string][]): string[] {
  const all = new Map(env.map(each => [each.split('=', 1)[0] ?? '', each]));
  for (const [name, value] of pairs) all.set(name, `${name}=${value}`);
  return [...all.values()];
}

/** `80`, `53/udp`, `8000-8002`. */
function ports(values: Word[], lookup: Lookup): Record<string, object> {
  const all = values.flatMap(word =>
    expand(word, lookup)
      .split(/\s+/)
      .filter(text => text !== '')
      .flatMap(text => {
        const [, first = '', last = first, protocol = 'tcp'] =
          /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i.exec(text) ?? [];
        const [low, high] = [Number(first), Number(last)];
        if (!first || low > high || low < 1 || high > 65_535)
          throw new ContainerfileError(
            word.place(0),
            `${text} is no port`,
            'a number, or two with - between, and /tcp or /udp',
          );
        return Array.from({ length: high - low + 1 }, (_, i) => `${low + i}/${protocol.toLowerCase()}`);
      }),
  );
  return keys(all);
}

const keys = (names: string[]) => Object.fromEntries(names.map(name => [name, {}]));
