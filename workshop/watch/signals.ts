// The end of a watch that nothing else ends.

export interface Ending {
  /** 128 and the signal's number, or whatever `resolve` is given. */
  status: Promise<number>;
  resolve(status: number): void;
  reject(error: unknown): void;
}

/** `heed`: whether a signal is ours; while a shell has the terminal, Ctrl-C is the shell's. */
export function untilSignal(heed: () => boolean = () => true): Ending {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const end = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGINT' || heed()) resolve(128 + numbers[signal as keyof typeof numbers]);
  };
  for (const signal of Object.keys(numbers)) process.on(signal, end);
  const status = promise.finally(() => {
    for (const signal of Object.keys(numbers)) process.off(signal, end);
  });
  return { status, resolve, reject };
}

const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };
