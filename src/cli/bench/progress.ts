import type { Terminal } from '../terminal.js';

export interface ShownProgress {
  show(text: string): void;
  close(): void;
}

/** One spinner line on a terminal, a line per run elsewhere. */
export async function openProgress(terminal: Terminal): Promise<ShownProgress> {
  if (!terminal.live) return { show: (text) => terminal.say(text), close: () => {} };
  let closed = false;
  let spinner = await terminal.waiting('starting');
  let turn = Promise.resolve();
  return {
    show(text) {
      turn = turn.then(async () => {
        spinner.stop();
        spinner = await terminal.waiting(text);
        if (closed) spinner.stop();
      });
    },
    close() {
      closed = true;
      spinner.stop();
    },
  };
}
