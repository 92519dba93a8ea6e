import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.js';
import { type TestWorld, testWorld } from '../helpers/world.js';
import { Client } from '../simulator/model/client.js';

async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Runs the command on a free port until `act` is done, then as after Ctrl-C. */
async function withModel(flags: string[], act: (url: string, world: TestWorld) => Promise<void>): Promise<TestWorld> {
  const world = testWorld({ argv: ['model', '--port', '0', ...flags] });
  const ended = main(world);
  const url = await until(() => world.err().match(/^listening on (ws:\S+)$/m)?.[1]);
  await act(url, world);
  world.raise('SIGINT');
  await ended;
  expect(world.exitCode() ?? 0).toBe(0);
  return world;
}

describe('voicebridge model', () => {
  it('says where it listens, one line for what happens in a session, and ends politely', async () => {
    const world = await withModel(['--think-ms', '0', '--speed', '100'], async (url, world) => {
      const client = await Client.open(url);
      client.send(
        '{"type":"session.update","session":{"type":"realtime","audio":{"output":{"format":{"type":"audio/pcmu"}}}}}',
      );
      client.send('{"type":"response.create"}');
      const { item_id } = await client.next('response.output_audio.done');
      client.send({ type: 'conversation.item.truncate', item_id, content_index: 0, audio_end_ms: 250 });
      await client.next('conversation.item.truncated');
      client.send('{"type":"session.update","session":{"type":"realtime","turn_detection":null}}');
      await client.next('error');
      expect(world.out()).toBe('');
    });
    expect(
      world
        .err()
        .replaceAll(/sess_\w{7}/g, 'SESSION')
        .split('\n')
        .slice(1),
    ).toEqual([
      'SESSION  opened',
      'SESSION  configured: hears audio/pcm, speaks audio/pcmu',
      'SESSION  answer heard up to 250 ms',
      "SESSION  refused: Unknown parameter: 'session.turn_detection'. (unknown_parameter); session.turn_detection is the beta's name; GA calls it session.audio.input.turn_detection",
      'ending 1 session(s)',
      'SESSION  closed (1001)',
      '',
    ]);
  });

  it('speaks with the packaged voice', async () => {
    await withModel(['--think-ms', '0', '--speed', '500'], async (url) => {
      const client = await Client.open(url);
      client.send('{"type":"response.create"}');
      const { response } = await client.next('response.done');
      expect(response.status).toBe('completed');
      expect(response.output[0].content[0].transcript.length).toBeGreaterThan(10);
      client.ws.terminate();
    });
  });

  it('prints one JSON line for every event, without audio, when asked', async () => {
    const world = await withModel(['--json'], async (url) => {
      const client = await Client.open(url);
      client.send('{"type":"input_audio_buffer.append","audio":"AAAAAAAA"}');
      client.send('{"type":"response.cancel"}');
      await client.next('error');
    });
    const lines = world
      .out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ event: 'listening', host: '127.0.0.1', url: expect.stringMatching(/^ws:/) });
    expect(lines.slice(1).map(({ type }) => type)).toEqual(['session', 'append', 'cancel', 'error', 'closed']);
    expect(lines[2]).toMatchObject({ bytes: 6, offsetMs: 0 });
    expect(world.out()).not.toContain('AAAA');
  });

  it('misbehaves on request', async () => {
    await withModel(['--think-ms', '0', '--drop-after-ms', '50'], async (url) => {
      const client = await Client.open(url);
      client.send('{"type":"response.create"}');
      expect((await client.closed).code).toBe(1006);
    });
  });

  it.each([
    [
      ['--port', '70000'],
      "option '--port <number>' argument '70000' is invalid. It must be a whole number from 0 to 65535",
    ],
    [
      ['--speed', '5..3'],
      "option '--speed <low..high>' argument '5..3' is invalid. It must be one number or two, like 4 or 3..5",
    ],
    [
      ['--stall', '1000'],
      "option '--stall <after,for>' argument '1000' is invalid. It must be two times in ms, like 1000,1500",
    ],
    [
      ['--silent', 'x'],
      "option '--silent <what>' argument 'x' is invalid. Allowed choices are handshake, session, responses",
    ],
    [['--think-ms', '-1'], "option '--think-ms <ms>' argument '-1' is invalid. It must be a number from 0 to 60000"],
  ])('explains %s', async (flags, message) => {
    const world = testWorld({ argv: ['model', ...flags] });
    await main(world);
    expect(world.err()).toContain(message);
    expect(world.exitCode()).toBe(2);
  });

  it('follows a script, and says what it calls and what it is told', async () => {
    const world = await withModel(
      ['--script', 'samples/models/tools.yaml', '--think-ms', '0', '--speed', '500'],
      async (url) => {
        const client = await Client.open(url);
        const ask = (text: string): void => {
          client.send({
            type: 'conversation.item.create',
            item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
          });
          client.send('{"type":"response.create"}');
        };
        client.send({
          type: 'session.update',
          session: { type: 'realtime', tools: [{ type: 'function', name: 'book' }] },
        });
        ask('Thursday would be good.');
        const { call_id } = await client.next('response.function_call_arguments.done');
        await client.next('response.done');
        const output = '{"day":"Thursday"}';
        client.send({ type: 'conversation.item.create', item: { type: 'function_call_output', call_id, output } });
        client.send('{"type":"response.create"}');
        const { transcript } = await client.next('response.output_audio_transcript.done');
        expect(transcript).toBe('I have put you down for Thursday at half past nine. Thank you, and see you then.');
        await client.next('response.done');
        ask('Goodbye.');
        await client.next('response.done');
        client.ws.terminate();
      },
    );
    expect(
      world
        .err()
        .split('\n')
        .filter((line) => /calls|answers|script/.test(line))
        .map((line) => line.replace(/^\S+ +/, '')),
    ).toEqual([
      'calls book({"day":"2026-03-05","time":"09:30","name":"Robin"})',
      'book answers: {"day":"Thursday"}',
      'cannot follow the script: the script calls "hang_up", but the session has only book',
    ]);
  });

  it('speaks the dialect it is told', async () => {
    await withModel(['--dialect', 'xai'], async (url) => {
      const client = await Client.open(url);
      expect((await client.next('conversation.created')).conversation.id).toMatch(/^conv_/);
      client.ws.terminate();
    });
  });

  it('says in one sentence what is wrong with a script', async () => {
    const world = testWorld({ argv: ['model', '--script', 'samples/agent/agent.yaml'] });
    await main(world);
    expect(world.err()).toContain('agent.yaml, line 4: "greeting" has no "wav": it has say, call,');
    expect(world.exitCode()).toBe(2);
  });

  it('takes a packaged script in a folder that has none', async () => {
    const world = testWorld({ argv: ['model', '--script', 'samples/agent/agent.yaml'], cwd: '/' });
    await main(world);
    expect(world.err()).toContain('agent.yaml, line 4: "greeting" has no "wav"');
  });

  it('says in one sentence when there is no such voice', async () => {
    const world = testWorld({ argv: ['model', '--voice', 'nowhere.yaml'], cwd: '/' });
    await main(world);
    expect(world.err()).toContain('there is no file /nowhere.yaml');
    expect(world.exitCode()).toBe(2);
  });
});
