// What the two kinds of virtual machine have in common, seen from the one who starts them.
import type { GuestFiles } from './setup.ts';

export interface MachineOptions {
  files: GuestFiles;
  /** Megabytes. */
  memory: number;
  /** A folder of this run's own, removed after it. */
  folder: string;
  /** Host folders that are written through, as absolute paths without symbolic links. */
  shares: string[];
}

/** A program to start with the wire's other end as descriptor 3, and the kernel's log on its stdout. */
export interface Machine {
  program: string;
  args: string[];
  env: Record<string, string>;
  /** How long the boot may take before it counts as failed. */
  bootSeconds: number;
  /** The one CPU that it is bound to, if any. */
  cpu?: number;
}
