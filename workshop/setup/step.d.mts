/** Runs one step of set-up, with a line about it on stderr. */
export function step<T>(what: string, work: () => Promise<T>): Promise<T>;
