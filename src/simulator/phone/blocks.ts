/** Two seconds of µ-law. */
export const BLOCK_BYTES = 16 * 1024;

/** Blocks that are kept for later, at most: 64 MB. What more is given back the collector frees in its own time. */
const MAX_FREE = 4 * 1024;

const free: Uint8Array[] = [];

/**
 * A piece of memory for what a call records, BLOCK_BYTES long; its content is anything. Its owner gives it back when the
 * call is over.
 *
 * The memory is of the shared kind although nobody shares it: V8 does not count it. What 500 calls record grows by
 * 4 MB a second, and counted, that alone brought on a full collection every two seconds, for nothing.
 */
export function takeBlock(): Uint8Array {
  return free.pop() ?? new Uint8Array(new SharedArrayBuffer(BLOCK_BYTES));
}

/** For the next call; nobody may look at them any more. */
export function giveBack(blocks: readonly Uint8Array[]): void {
  for (const block of blocks) if (free.length < MAX_FREE) free.push(block);
}
