import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeMulaw } from '../../src/audio/g711.js';
import { rmsDbov } from '../../src/audio/level.js';
import { runProgram, startProgram } from '../helpers/program.js';

let folder: string;
// biome-ignore lint/suspicious/noExplicitAny: the JSON document of the first call, which the second one plays again
const calls: { first?: any } = {};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-simulate-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('voicebridge simulate', () => {
  it('holds a conversation of three turns with an interruption, in which both sides are audible', async () => {
    const { code, out, err } = await runProgram(['simulate', 'samples/interrupt', '--json', '--out', 'call'], {
      cwd: folder,
    });
    expect(code).toBe(0);
    const call = JSON.parse(out);
    expect(call.turns).toHaveLength(3);
    expect(call.interruptions).toMatchObject([{ outcome: 'stopped', recovered: true, leakMs: 0 }]);
    expect(call.truncations).toMatchObject([{ verdict: 'told' }]);
    calls.first = call;
    expect(err).toMatch(/caller {2}interrupts "Sorry, may I ask you something\?"\n.*agent {3}stops .*clear drops/);

    const { left, right } = await lanes(call.files.wav);
    expect(rmsDbov(left)).toBeGreaterThan(-35);
    expect(rmsDbov(right)).toBeGreaterThan(-35);
    // Silent from the stop until the answer to the interruption: half a second of it, as the model waits for its turn.
    const [{ startMs, stopMs }] = call.interruptions;
    const from = Math.ceil((startMs + stopMs + 20) * 8);
    expect(rmsDbov(right.subarray(from, from + 4000))).toBeLessThan(-60);
  });

  it('plays the recorded caller again, in the same places of the conversation, and says what changed', async () => {
    const first = calls.first;
    const { code, out } = await runProgram(['simulate', '--replay', 'call', '--json', '--no-page'], { cwd: folder });
    expect(code).toBe(0);
    const again = JSON.parse(out);
    expect(again.turns).toHaveLength(3);
    expect(again.replay.of).toBe(join(folder, 'call'));
    expect(again.replay.changes.map(({ what }: { what: string }) => what)).toEqual([
      'greeting',
      'turn 1',
      'turn 2',
      'turn 3',
      'interruption 1',
      'truncation 1',
    ]);
    expect(again.interruptions).toMatchObject([{ outcome: 'stopped' }]);
    // By the live ear's 10 ms at both ends, whatever the agent's own delays were.
    expect(Math.abs(again.interruptions[0].intoMs - first.interruptions[0].intoMs)).toBeLessThanOrEqual(25);
    const greetingEndToSpeech = (call: typeof again) => call.speech[0].startMs - call.greetingMs;
    expect(Math.abs(greetingEndToSpeech(again) - greetingEndToSpeech(first))).toBeLessThanOrEqual(25);
    expect(again.files).not.toHaveProperty('page');
  });

  it('hangs up politely on the first Ctrl-C and still writes its files', async () => {
    const program = startProgram(['simulate', 'samples/greeting', '--out', 'stopped'], { cwd: folder });
    await program.said('agent   greets');
    program.process.kill('SIGINT');
    const { code, out, err } = await program.ended;
    expect(code).toBe(0);
    expect(err).toContain('caller  hangs up');
    expect(out).toContain('the caller hung up');
    const files = ['call.html', 'call.wav', 'events.jsonl', 'summary.json'];
    expect((await readdir(join(folder, 'stopped'))).sort()).toEqual(files);
    expect(await readFile(join(folder, 'stopped', 'events.jsonl'), 'utf8')).toContain('"type":"stop"');
  });

  it('calls the relay that was given, which hears the parameters and goes on afterwards', async () => {
    const relay = startProgram(['serve', '--port', '0', '--json']);
    try {
      await relay.said('listening on ');
      const streamUrl = await firstLine(relay).then((line) => JSON.parse(line).streamUrl as string);
      const args = ['simulate', 'samples/greeting', '--no-record', '--json', '--url', streamUrl, '--param', 'a=1'];
      const { code, out } = await runProgram(args, { cwd: folder });
      expect(code).toBe(0);
      const call = JSON.parse(out);
      expect(call.endpoint).toEqual({ url: streamUrl, kind: 'given' });
      expect(call.turns).toHaveLength(1);
      expect(call).not.toHaveProperty('files');
      expect(relay.process.exitCode).toBeNull();
    } finally {
      relay.process.kill('SIGTERM');
      expect((await relay.ended).code).toBe(0);
    }
  });
});

describe('voicebridge --help', () => {
  it('answers within 200 ms, process and all', async () => {
    const times: number[] = [];
    for (let run = 0; run < 5; run++) {
      const startMs = performance.now();
      await runProgram(['--help']);
      times.push(performance.now() - startMs);
    }
    // The best of five is what the program needs; the others are what the machine did meanwhile.
    expect(Math.min(...times)).toBeLessThan(200);
  });
});

function firstLine(program: ReturnType<typeof startProgram>): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const onData = (chunk: string): void => {
      text += chunk;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    };
    program.process.stdout?.on('data', onData);
  });
}

async function lanes(path: string): Promise<{ left: Int16Array; right: Int16Array }> {
  const { readWav } = await import('../../src/audio/wav.js');
  const { channels, rate } = await readWav(path);
  expect({ rate, channels: channels.length }).toEqual({ rate: 8000, channels: 2 });
  return { left: toLinear(channels[0]!), right: toLinear(channels[1]!) };
}

function toLinear(channel: ArrayLike<number> | Uint8Array): Int16Array {
  return channel instanceof Uint8Array ? decodeMulaw(channel) : Int16Array.from(channel);
}
