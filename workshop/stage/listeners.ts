// Who wants to hear what.

export interface Listeners<Events> {
  on<E extends keyof Events>(event: E, listener: (told: Events[E]) => void): () => void;
  tell<E extends keyof Events>(event: E, told: Events[E]): void;
  /** Whether anybody wants to. */
  has(event: keyof Events): boolean;
}

/** `changed` is called when somebody has come or gone. */
export function makeListeners<Events>(changed: () => void = () => {}): Listeners<Events> {
  const all = new Map<keyof Events, Set<(told: never) => void>>();
  return {
    on(event, listener) {
      const those = all.get(event) ?? new Set();
      // Each time a function of its own: the same listener may come twice, and goes once.
      const mine = (told: never) => listener(told);
      all.set(event, those.add(mine));
      changed();
      return () => {
        if (those.delete(mine)) changed();
      };
    },
    tell(event, told) {
      for (const listener of [...(all.get(event) ?? [])]) listener(told as never);
    },
    has: event => (all.get(event)?.size ?? 0) > 0,
  };
}
