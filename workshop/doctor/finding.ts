// The form of what the doctor finds: what is there, and where something is lacking, why, and what to do about it.

interface Seen {
  /** Stable: lessons name it in `needs.features`, scripts in `--json`. */
  id: string;
  title: string;
  /** What was seen. */
  found: string;
}

/** `warn`: the workshop runs, with something less. `missing`: something does not work at all. */
export type Finding = Seen & ({ state: 'ok' } | { state: 'warn' | 'missing'; cause: string; remedy: string });

/** What to say where it is not all right. */
export interface Lack {
  state?: 'warn' | 'missing';
  found?: string;
  cause: string;
  remedy: string;
}

/** `lack` is undefined where all is well. */
export function finding(id: string, title: string, found: string, lack?: Lack): Finding {
  if (!lack) return { id, title, found, state: 'ok' };
  return { id, title, found: lack.found ?? found, state: lack.state ?? 'warn', cause: lack.cause, remedy: lack.remedy };
}

/** The remedy wherever this machine's kernel is what stands in the way. */
export const useGuest = 'run the command in a kernel of its own: npx boxwright guest -- COMMAND';
