import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { echoAgent, type StreamServer, serveStreams } from '../helpers/stream-server.js';

let server: StreamServer;
beforeAll(async () => {
  server = await serveStreams(echoAgent);
});
afterAll(() => server.close());

const MB = 1024;

it('a call of ten minutes, every frame of it echoed, stays under 150 MB with all that it keeps', async () => {
  // The call's time runs sixty times faster than the machine's: ten minutes in ten seconds.
  const program = `
    import { dial } from ${JSON.stringify(new URL('../../dist/simulator/phone/call.js', import.meta.url).href)};
    const now = () => performance.now() * 60;
    const at = (atMs, act) => {
      const timer = setTimeout(act, Math.max(0, (atMs - now()) / 60));
      return () => clearTimeout(timer);
    };
    const caller = { name: 'x', path: 'x', steps: [{ type: 'pause', ms: 600_000 }, { type: 'hangup' }] };
    const record = await dial({ url: ${JSON.stringify(server.url)}, caller, clock: { now, at } }).done;
    const seconds = Math.round((record.endedAtMs - record.startedAtMs) / 1000);
    const frames = record.events.filter(({ type }) => type === 'frame').length;
    const maxRss = process.resourceUsage().maxRSS;
    console.log(JSON.stringify({ seconds, frames, chunks: record.receivedChunks.length, maxRss }));
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout!.setEncoding('utf8'), 'data');
  const { seconds, frames, chunks, maxRss } = JSON.parse(line);
  expect(seconds).toBe(600);
  expect(frames).toBe(30_000);
  expect(chunks).toBeGreaterThan(29_000);
  expect(maxRss).toBeLessThan(150 * MB);
});
