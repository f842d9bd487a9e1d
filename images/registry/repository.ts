// A repository at one of the places where it is to be had, as one asks for what is in it. distribution-spec, "Endpoints"
import { ImageError } from '../errors.ts';
import type { Descriptor, Platform } from '../types.ts';
import { type Answer, resolve } from './answer.ts';
import { Client } from './client.ts';
import type { Request } from './http.ts';
import type { Progress } from './progress.ts';
import type { Reference } from './reference.ts';
import { refusal } from './refusal.ts';
import { type Registries, readRegistries } from './registries.ts';

/** What a server wants to see with each request, and until when it does (ms since 1970). */
export interface Token {
  authorization: string;
  expires: number;
}

export interface Asking extends Request {
  /** What we want to do, `repository:NAME:pull` when absent. distribution, "Docker Registry Token Scope and Access" */
  scopes?: string[];
  /** Statuses above 399 that are an answer and no error. */
  allowed?: number[];
  /** What is asked for, in words for people. */
  what?: string;
}

/** The lesson's. */
export type Ask = (at: Repository, path: string | URL, asking?: Asking) => Promise<Answer>;

export class Repository {
  readonly client: Client;
  /** `library/alpine` */
  readonly name: string;
  readonly #ask: Ask;
  readonly #tokens = new Map<string, Token>();

  constructor(client: Client, name: string, ask: Ask) {
    this.client = client;
    this.name = name;
    this.#ask = ask;
  }

  get host(): string {
    return this.client.endpoint.host;
  }

  /** Keeps what we were given for these scopes. */
  keep(scopes: string[], token: Token): void {
    this.#tokens.set(scopes.join(' '), token);
  }

  /** What to send as `Authorization` for these scopes, when we have something that is still good. */
  kept(scopes: string[]): string | undefined {
    const token = this.#tokens.get(scopes.join(' '));
    return token && token.expires > Date.now() ? token.authorization : undefined;
  }

  /** Where a path below `/v2/NAME/` is, or an address that the registry gave. */
  async locate(path: string | URL): Promise<URL> {
    return resolve(String(path), new URL(`/v2/${this.name}/`, await this.client.base()));
  }

  /** Asks once. */
  ask(path: string | URL, asking: Asking = {}): Promise<Answer> {
    return this.#ask(this, path, asking);
  }

  /** The answer, when it is one that was hoped for; else throws what the registry says for a reason. */
  async accept(answer: Answer, { allowed = [], what = this.name }: Asking): Promise<Answer> {
    if (answer.status < 400 || allowed.includes(answer.status)) return answer;
    throw await refusal(answer, what);
  }

  /** Asks patiently, and reads the whole answer. */
  read(path: string | URL, asking: Asking = {}): Promise<{ answer: Answer; bytes: Buffer }> {
    return this.client.patience(asking.signal).until(async () => {
      const answer = await this.ask(path, asking);
      return { answer, bytes: await answer.bytes() };
    });
  }
}

/** A document, and what it is. */
export interface Fetched {
  descriptor: Descriptor;
  bytes: Buffer;
}

export interface Options {
  /** This machine's when absent. */
  platform?: Platform;
  /** The configuration file's when absent. */
  registries?: Registries;
  progress?: Progress;
  /** A private key in PEM: what is pushed gets a signature. */
  signWith?: string;
}

/** Where a repository is to be had: from mirrors, and in the end from the registry itself. */
export async function repositories(
  { registry, repository }: Reference,
  { registries }: Options,
  ask: Ask,
): Promise<Repository[]> {
  const { endpoints } = registries ?? (await readRegistries());
  return endpoints(registry, repository).map(endpoint => new Repository(new Client(endpoint), repository, ask));
}

/** Does the work with one after the other, until one can. What the last one says is what counts. */
export async function fromFirst<T>(
  places: Repository[],
  progress: Progress,
  work: (at: Repository) => Promise<T>,
): Promise<T> {
  for (const at of places.slice(0, -1)) {
    try {
      return await work(at);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      progress.note(`${error.message}; trying the next place`);
    }
  }
  return work(places.at(-1) as Repository);
}
