import type { World } from './world.js';

/** Resolves on the first SIGINT or SIGTERM; a second one ends the process at once. */
export function untilStopped(world: World): Promise<void> {
  return new Promise((resolve) => {
    let stopping = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      world.onSignal(signal, () => {
        if (stopping) world.exitNow(130);
        stopping = true;
        resolve();
      });
    }
  });
}
