import type { World } from '../world.js';

/** What the keys of the keyboard do while a person is on the phone. */
export interface KeyActions {
  readonly digit: (digit: string) => void;
  readonly mute: () => void;
  readonly halfDuplex: () => void;
  /** Also what Ctrl-C means: in raw mode it is a key like any other. */
  readonly hangUp: () => void;
}

/** For the person at the keyboard. */
export const KEYS_LINE = 'keys: 0-9 * # are sent · m mutes you · h mutes you while the agent speaks · q hangs up';

const CTRL_C = '\x03';
const CTRL_D = '\x04';

/**
 * Reads single keys from the terminal, without Enter. Returns a function that gives the terminal back as it was, which
 * also happens when the process ends by itself; undefined when the input is no terminal.
 */
export function listenToKeys(world: World, actions: KeyActions): (() => void) | undefined {
  const input = world.stdin as World['stdin'] & { isTTY?: boolean; setRawMode?: (raw: boolean) => void };
  if (input.isTTY !== true || !input.setRawMode) return undefined;
  const onData = (data: Buffer | string): void => {
    const text = String(data);
    // An arrow or function key is a sequence: its letters are no keys of ours.
    if (text.length > 1 && text.startsWith('\x1b')) return;
    for (const key of text) act(key, actions);
  };
  let restored = false;
  const restore = (): void => {
    if (restored) return;
    restored = true;
    process.off('exit', restore);
    input.off('data', onData);
    input.setRawMode?.(false);
    // A terminal that is read keeps the process from ending.
    input.pause();
  };
  process.once('exit', restore);
  input.setRawMode(true);
  input.on('data', onData);
  input.resume();
  return restore;
}

function act(key: string, actions: KeyActions): void {
  if (/^[0-9*#]$/.test(key)) return actions.digit(key);
  switch (key.toLowerCase()) {
    case 'm':
      return actions.mute();
    case 'h':
      return actions.halfDuplex();
    case 'q':
    case CTRL_C:
    case CTRL_D:
      return actions.hangUp();
  }
}
