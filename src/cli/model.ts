import { resolve as resolvePath } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULTS } from '../options.js';
import type { ModelTraceEvent } from '../simulator/model/events.js';
import type { ModelFaults } from '../simulator/model/faults.js';
import { sentenceOf } from './model/sentence.js';
import { untilStopped } from './until-stopped.js';
import type { World } from './world.js';

interface ModelFlags {
  host: string;
  port: number;
  script?: string;
  dialect?: 'openai' | 'azure' | 'xai';
  thinkMs?: number;
  speed?: readonly [number, number];
  silenceMs: number;
  seed: number;
  voice?: string;
  key?: string;
  beta?: 'refuse' | 'accept';
  json: boolean;
  connectDelayMs: number;
  refuse?: number;
  silent?: 'handshake' | 'session' | 'responses';
  stall?: NonNullable<ModelFaults['stall']>;
  dropAfterMs?: number;
  lateDeltasMs?: number;
  speechStartedTwice: boolean;
  ignoreClose: boolean;
}

/** `voicebridge model`: the simulated model alone, for any relay in any language. */
export function register(program: Command, world: World): void {
  const { simulatedModel: defaults } = DEFAULTS;
  program
    .command('model')
    .summary('the simulated model alone: a strict OpenAI Realtime server that needs no key')
    .description(
      'Starts a server that speaks the OpenAI Realtime protocol (GA) and refuses what the real one refuses.\n' +
        'It greets, hears when the caller has finished, answers with recorded lines and can be interrupted.\n' +
        'semantic_vad is treated as server_vad, audio.output.speed is accepted and has no effect.',
    )
    .option('--host <address>', 'address to listen on', defaults.host)
    .option('--port <number>', 'port to listen on, 0 for any', wholeNumber(0, 65_535), defaults.port)
    .option('--script <file>', 'model.yaml: what it says, calls and breaks, and when')
    .addOption(
      new Option('--dialect <name>', 'whose server it is (openai, or as the script says)').choices([
        'openai',
        'azure',
        'xai',
      ]),
    )
    .option(
      '--think-ms <ms>',
      `from the end of the caller's turn to the first byte (${defaults.thinkMs}, or as the script says)`,
      number(0, 60_000),
    )
    .option(
      '--speed <low..high>',
      `how many times faster than it plays audio is sent (${defaults.speed.join('..')}, or as the script says)`,
      range,
    )
    .option(
      '--silence-ms <ms>',
      'silence that ends a turn, unless the client says',
      number(0, 10_000),
      defaults.silenceDurationMs,
    )
    .option('--seed <number>', 'ids, chunks, paces and noise repeat with it', wholeNumber(0, 2 ** 32), defaults.seed)
    .option('--voice <file>', 'agent.yaml with a greeting and lines (the packaged voice, or as the script says)')
    .option('--key <key>', 'refuse clients with another key, as the real service does')
    .addOption(
      new Option('--beta <what>', 'clients of the dead beta API (refuse, or as the script says)').choices([
        'refuse',
        'accept',
      ]),
    )
    .option('--json', 'print one JSON line on stdout when listening, then one for every event of a session', false)
    .optionsGroup('Misbehaviour:')
    .option('--connect-delay-ms <ms>', 'answer the WebSocket handshake late', number(0, 600_000), 0)
    .option('--refuse <status>', 'refuse the upgrade with an HTTP status', wholeNumber(400, 599))
    .addOption(new Option('--silent <what>', 'say nothing').choices(['handshake', 'session', 'responses']))
    .option('--stall <after,for>', 'every answer pauses after so many ms of audio for so many ms', stall)
    .option('--drop-after-ms <ms>', 'cut the connection after so much audio of an answer', number(0, 600_000))
    .option('--late-deltas-ms <ms>', 'audio goes on for so long after a cancellation', number(0, 60_000))
    .option('--speech-started-twice', 'send every speech_started twice', false)
    .option('--ignore-close', 'never answer a close', false)
    .addHelpText(
      'after',
      `
Examples:
  $ voicebridge model                                   then point a relay at ws://127.0.0.1:${defaults.port}/v1/realtime
  $ voicebridge model --think-ms 900 --stall 1000,1500  a slow model that stalls
  $ voicebridge model --script samples/models/tools.yaml   one that calls functions`,
    )
    .action((flags: ModelFlags) => runModel(flags, world));
}

/** The file a person means: theirs, or the packaged one when their folder has no such sample. */
async function findScript(shown: string, world: World): Promise<string> {
  const path = resolvePath(world.cwd, shown);
  const [{ existsSync }, { packagedSample }] = await Promise.all([import('node:fs'), import('../samples.js')]);
  return existsSync(path) ? path : (packagedSample(shown) ?? path);
}

async function runModel(flags: ModelFlags, world: World): Promise<void> {
  const [{ serveModel }, { loadVoice }] = await Promise.all([
    import('../simulator/model/server.js'),
    import('../simulator/model/voice.js'),
  ]);
  const { betaHint } = await import('../simulator/model/beta.js');
  const model = await serveModel({
    host: flags.host,
    port: flags.port,
    silenceDurationMs: flags.silenceMs,
    seed: flags.seed,
    ...(flags.thinkMs !== undefined && { thinkMs: flags.thinkMs }),
    ...(flags.speed !== undefined && { speed: flags.speed }),
    ...(flags.dialect !== undefined && { dialect: flags.dialect }),
    ...(flags.script !== undefined && { script: await findScript(flags.script, world) }),
    ...(flags.voice !== undefined && { voice: await loadVoice(resolvePath(world.cwd, flags.voice)) }),
    connectDelayMs: flags.connectDelayMs,
    faults: faultsOf(flags),
    ...(flags.key !== undefined && { key: flags.key }),
    ...(flags.beta !== undefined && { beta: flags.beta }),
    onTrace: (event) => {
      const sentence = sentenceOf(event, betaHint);
      if (sentence) world.stderr.write(`${event.sessionId.slice(0, 12)}  ${sentence}\n`);
      if (flags.json) world.stdout.write(`${JSON.stringify(withoutAudio(event))}\n`);
    },
  });
  world.stderr.write(`listening on ${model.url}\n`);
  if (flags.json) {
    const { host, port, url } = model;
    world.stdout.write(`${JSON.stringify({ event: 'listening', host, port, url })}\n`);
  }
  await untilStopped(world);
  if (model.sessions.length > 0) world.stderr.write(`ending ${model.sessions.length} session(s)\n`);
  await model.close();
}

function faultsOf(flags: ModelFlags): ModelFaults {
  return {
    speechStartedTwice: flags.speechStartedTwice,
    ignoreClose: flags.ignoreClose,
    ...(flags.refuse !== undefined && { refuse: flags.refuse }),
    ...(flags.silent !== undefined && { silent: flags.silent }),
    ...(flags.stall !== undefined && { stall: flags.stall }),
    ...(flags.dropAfterMs !== undefined && { drop: { afterAudioMs: flags.dropAfterMs } }),
    ...(flags.lateDeltasMs !== undefined && { lateDeltasMs: flags.lateDeltasMs }),
  };
}

function withoutAudio(event: ModelTraceEvent): object {
  if (!('audio' in event)) return event;
  const { audio, ...rest } = event;
  return { ...rest, bytes: Buffer.byteLength(audio, 'base64') };
}

function number(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`It must be a number from ${low} to ${high}.`);
  };
}

function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
  };
}

function range(text: string): readonly [number, number] {
  const [low, high = low, ...more] = text.split('..').map(Number);
  if (more.length === 0 && low! > 0 && high! >= low! && high! <= 1000) return [low!, high!];
  throw new InvalidArgumentError('It must be one number or two, like 4 or 3..5.');
}

function stall(text: string): NonNullable<ModelFaults['stall']> {
  const [afterAudioMs, forMs, ...more] = text
    .split(',')
    .map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (more.length === 0 && afterAudioMs! >= 0 && forMs! > 0) return { afterAudioMs: afterAudioMs!, forMs: forMs! };
  throw new InvalidArgumentError('It must be two times in ms, like 1000,1500.');
}
