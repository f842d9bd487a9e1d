// The variables of a stage: what ENV set and what ARG declared, from the image, the command line and the file. Dockerfile reference,
// "Scope" of ARG and "Using ARG variables"
import { expand, type Lookup } from './expand.ts';
import type { Instruction } from './instructions.ts';
import type { Containerfile } from './parse.ts';

type Arg = Extract<Instruction, { kind: 'ARG' }>;

/** Set from outside without being declared; neither in the history nor a reason to run something again. */
export const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap(name => [
  name,
  name.toLowerCase(),
]);

/** What is given on the command line, and which of it was of use. */
export class Arguments {
  readonly #given: Readonly<Record<string, string>>;
  /** Known everywhere, once declared: TARGETARCH and the like. */
  readonly #builtIn: Readonly<Record<string, string>>;
  readonly #used = new Set<string>();
  /** The values of those before the first FROM. */
  readonly #global = new Map<string, string>();

  constructor(
    given: Readonly<Record<string, string>>,
    builtIn: Readonly<Record<string, string>>,
    { args }: Containerfile,
  ) {
    this.#given = given;
    this.#builtIn = builtIn;
    for (const arg of args) this.declare(this.#global, arg, this.inFrom);
  }

  /** What a name means in FROM. */
  inFrom: Lookup = name => this.#global.get(name) ?? this.#builtIn[name];

  /** Adds what an ARG declares: from the command line, else its own value, else what was said before the first FROM. */
  declare(scope: Map<string, string>, { pairs }: Arg, lookup: Lookup): void {
    for (const { name, value } of pairs) {
      const key = name.text;
      if (key in this.#given) this.#used.add(key);
      const inherited = scope === this.#global ? undefined : this.#global.get(key);
      const found = this.#given[key] ?? (value ? expand(value, lookup) : (inherited ?? this.#builtIn[key]));
      if (found !== undefined) scope.set(key, found);
    }
  }

  /** Proxies that were given: every RUN has them. */
  proxies(): [string, string][] {
    return Object.entries(this.#given).filter(([name]) => proxies.includes(name));
  }

  /** Given, and declared by nobody: a word that was misspelt, most likely. */
  unused(): string[] {
    return Object.keys(this.#given).filter(name => !this.#used.has(name) && !proxies.includes(name));
  }
}

/** `['A=1']` as an object. */
export const envOf = (env: readonly string[] = []): Record<string, string> =>
  Object.fromEntries(env.map(each => [each.split('=', 1)[0], each.slice(each.indexOf('=') + 1)]));

/** What a name means in a stage: ENV before ARG. */
export function lookupIn(env: readonly string[] | undefined, scope: ReadonlyMap<string, string>): Lookup {
  const values = new Map(Object.entries(envOf(env)));
  return name => values.get(name) ?? scope.get(name);
}
