// When to ask again: a server that is busy or a connection that was cut is asked a few more times, each time after a longer
// pause, and after the one that the server asked for. RFC 9110, Retry-After; RFC 6585, 429
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpError } from './http-error.ts';

export interface Pauses {
  /** How many times in all. */
  attempts: number;
  /** The first pause, ms. Each is twice the one before, and somewhat more or less: many clients were refused at once. */
  first: number;
  /** No server is waited for longer than this, ms. */
  longest: number;
}

export const usualPauses: Pauses = { attempts: 5, first: 500, longest: 60_000 };

export class Patience {
  #failures = 0;
  readonly #pauses: Pauses;
  readonly #signal: AbortSignal | undefined;

  constructor(pauses: Pauses = usualPauses, signal?: AbortSignal) {
    this.#pauses = pauses;
    this.#signal = signal;
  }

  /** Something was got: what fails next is a new failure. */
  progressed(): void {
    this.#failures = 0;
  }

  /** Waits as long as one should before the next attempt, or throws the error where another would not help. */
  async wait(error: unknown): Promise<void> {
    const { attempts, first, longest } = this.#pauses;
    if (!(error instanceof HttpError) || !error.transient || ++this.#failures >= attempts) throw error;
    if (error.after !== undefined && error.after > longest) throw error;
    const pause = Math.min(first * 2 ** (this.#failures - 1), longest) * (0.75 + Math.random() / 2);
    await sleep(Math.max(pause, error.after ?? 0), undefined, {
      ref: true,
      ...(this.#signal && { signal: this.#signal }),
    });
  }

  /** Does the work until it succeeds. */
  async until<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        await this.wait(error);
      }
    }
  }
}
