// The live kernel in the browser: v86 with the saved state, and its serial line. One at a time, because each is a whole PC: whoever starts
// another ends the one before.
import type { Assets } from './assets.ts';
import { hardware } from './hardware.ts';

export interface Kernel {
  send(keys: string): void;
  pause(): void;
  resume(): void;
  /** Back to the saved state. */
  reset(): Promise<void>;
  end(): void;
}

export interface KernelEvents {
  /** What came over the serial line. */
  output(text: string): void;
  /** Another took its place. */
  ended(): void;
}

let current: Kernel | null = null;

export async function startKernel(assets: Assets, events: KernelEvents): Promise<Kernel> {
  const { V86 } = await import('v86');
  current?.end();
  let emulator = powerOn(V86, assets, events);
  let ended = false;
  let paused = false;
  const settle = () => (paused ? emulator.machine.stop() : emulator.machine.run());
  const kernel: Kernel = {
    send: keys => emulator.machine.serial0_send(keys),
    pause() {
      paused = true;
      if (!ended) settle();
    },
    resume() {
      paused = false;
      if (!ended) settle();
    },
    // A new one: a state that was restored over a running machine has been seen to hang.
    async reset() {
      emulator.off();
      emulator = powerOn(V86, assets, events);
      await emulator.started;
      if (!ended && paused) settle();
    },
    end() {
      if (ended) return;
      ended = true;
      if (current === kernel) current = null;
      emulator.off();
      events.ended();
    },
  };
  current = kernel;
  await emulator.started;
  return kernel;
}

/** A machine that goes on where the state was saved. */
function powerOn(V86: typeof import('v86').V86, { state, wasm }: Assets, { output }: KernelEvents) {
  const machine = new V86({
    ...hardware,
    wasm_fn: async imports => (await WebAssembly.instantiate(wasm, imports)).instance.exports,
    initial_state: { buffer: state },
    autostart: true,
  });
  const decoder = new TextDecoder();
  let old = false;
  machine.add_listener('serial0-output-byte', byte => {
    if (!old) output(decoder.decode(Uint8Array.of(byte), { stream: true }));
  });
  const started = new Promise<void>(resolve => {
    const first = () => {
      machine.remove_listener('emulator-started', first);
      // The saved shell wrote its prompt before it was saved: an empty line brings another. Keys that come earlier are lost.
      machine.serial0_send('\r');
      resolve();
    };
    machine.add_listener('emulator-started', first);
  });
  return {
    machine,
    started,
    off() {
      old = true;
      // Before its start there is nothing to stop, and it would start later.
      started.then(() => machine.destroy());
    },
  };
}
