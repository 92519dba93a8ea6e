import { writeFile } from 'node:fs/promises';
import { VoicebridgeError } from '../../errors.js';
import { assemblePage, escapeHtml, jsonBlock } from './assemble.js';
import { type PageCall, pageData } from './data.js';
import { packLane } from './sound.js';

/** In the order in which they use each other. */
export const CALL_SCRIPTS = [
  ...['elements', 'theme', 'adpcm', 'sound', 'view', 'plots', 'strips', 'tables', 'log', 'player', 'main'],
] as const;

/**
 * The whole call as one HTML file: both lanes to see and to hear, what happened in them, and the log. It needs no
 * network and no other file. What the server sent is data in it, and is only ever shown as text.
 */
export async function callPage(call: PageCall): Promise<Buffer> {
  const { record } = call;
  const [caller, agent] = await Promise.all([packLane(record.callerLane), packLane(record.heardLane)]);
  return assemblePage({
    template: 'call.html',
    styles: ['theme', 'call'],
    scripts: CALL_SCRIPTS,
    // The recording is unpacked in the page.
    policy: ['media-src blob:'],
    texts: {
      title: escapeHtml(`${call.title} · voicebridge`),
      heading: escapeHtml(call.title),
      data: jsonBlock(pageData(call)),
      caller: caller.toString('base64'),
      agent: agent.toString('base64'),
    },
  });
}

/** Rejects with VoicebridgeError file-unwritable. */
export async function writeCallPage(path: string, call: PageCall): Promise<void> {
  const page = await callPage(call);
  await writeFile(path, page).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VoicebridgeError('file-unwritable', { path, reason }, { cause: error });
  });
}
