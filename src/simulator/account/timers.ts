import type { Clock } from '../../clock.js';

/** The same clock, whose timers can all be given up at once: a call's time limit must not keep a process alive. */
export function cancellable(clock: Clock): { clock: Clock; cancelAll: () => void } {
  const pending = new Set<() => void>();
  return {
    clock: {
      now: () => clock.now(),
      at(atMs, act) {
        const cancel = clock.at(atMs, () => {
          pending.delete(cancel);
          act();
        });
        pending.add(cancel);
        return () => {
          pending.delete(cancel);
          cancel();
        };
      },
    },
    cancelAll() {
      for (const cancel of pending) cancel();
      pending.clear();
    },
  };
}
