// The live kernel in Node, without a screen: to boot it once for the saved state, and to play the demos in the tests.
import { fileURLToPath } from 'node:url';
import { V86, type V86Options } from 'v86';
import { hardware } from './browser/hardware.ts';
import { followShell } from './browser/shell.ts';

export interface Machine {
  /** Once the shell waits for a command. */
  prompt(): Promise<void>;
  /** Types a command and waits for the next prompt. Returns what came in between. */
  run(command: string): Promise<string>;
  /** The machine as it stands, which restores itself anywhere. */
  save(): Promise<Uint8Array>;
  /** Everything that came over the serial line, for those who look for a reason. */
  log(): string;
  end(): Promise<void>;
}

const wasm = fileURLToPath(new URL('v86.wasm', import.meta.resolve('v86')));

export type Boot = Pick<V86Options, 'bios' | 'vga_bios' | 'bzimage' | 'initrd' | 'cmdline'> | { initial_state: object };

/** Starts a machine, from a disk's files or from a saved state. `signal`, when it aborts, ends what is waited for. */
export async function startMachine(from: Boot, signal?: AbortSignal): Promise<Machine> {
  signal?.throwIfAborted();
  const emulator = new V86({ ...hardware, ...(from as V86Options), wasm_path: wasm, autostart: true });
  const shell = followShell();
  const decoder = new TextDecoder();
  let log = '';
  emulator.add_listener('serial0-output-byte', byte => {
    const text = decoder.decode(Uint8Array.of(byte), { stream: true });
    log += text;
    shell.heard(text);
  });
  const send = (keys: string) => {
    emulator.serial0_send(keys);
    shell.typed(keys);
  };
  await new Promise<void>(resolve => emulator.add_listener('emulator-started', () => resolve()));
  // A saved shell wrote its prompt before it was saved: an empty line brings another.
  if ('initial_state' in from) send('\r');
  return {
    prompt: () => shell.prompt(signal),
    async run(command) {
      await shell.prompt(signal);
      emulator.serial0_send(command);
      send('\r');
      await shell.prompt(signal);
      return shell.answer();
    },
    async save() {
      await emulator.stop();
      return new Uint8Array(await emulator.save_state());
    },
    log: () => log,
    end: () => emulator.destroy(),
  };
}

/** From a saved state, compressed or not. */
export function resume(state: Uint8Array, signal?: AbortSignal): Promise<Machine> {
  return startMachine({ initial_state: { buffer: Uint8Array.from(state).buffer } }, signal);
}
