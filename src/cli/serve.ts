import { type Command, Option } from 'commander';
import { VoicebridgeError } from '../errors.js';
import type { OpenModel } from '../model/model.js';
import { DEFAULTS } from '../options.js';
import { untilStopped } from './until-stopped.js';
import type { World } from './world.js';

interface ServeFlags {
  host: string;
  port: number;
  publicUrl?: string;
  model: string;
  instructions: string;
  voice?: string;
  audio: 'pcmu' | 'pcma' | 'pcm';
  greet: boolean;
  insecure: boolean;
  json: boolean;
}

const OPENAI_URL = 'wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1';

/** `voicebridge serve`: the relay. */
export function register(program: Command, world: World): void {
  const { serve } = DEFAULTS;
  program
    .command('serve')
    .summary('bridge Twilio Media Streams to a realtime model')
    .description(
      'Starts the relay: POST /voice answers TwiML, WebSocket /media-stream is bridged to the model.\n' +
        'Without a key it talks to the embedded simulated model.',
    )
    .option('--host <address>', 'address to listen on', serve.host)
    .option('--port <number>', 'port to listen on, 0 for any', parsePort, serve.port)
    .option('--public-url <url>', 'what Twilio knows this relay as, https://…')
    .option('--model <name|url>', 'sim, openai, or a ws(s):// address that speaks OpenAI Realtime', 'sim')
    .option('--instructions <text>', 'what the agent is told to be', 'You are a helpful voice assistant on the phone.')
    .option('--voice <name>', "the model's voice")
    .addOption(
      new Option('--audio <format>', 'audio format towards the model').choices(['pcmu', 'pcma', 'pcm']).default('pcmu'),
    )
    .option('--no-greet', 'let the caller speak first')
    .option('--insecure', 'listen beyond this machine without TWILIO_AUTH_TOKEN', false)
    .option('--json', 'print one JSON line on stdout when listening', false)
    .addHelpText(
      'after',
      `
Environment:
  OPENAI_API_KEY       key of --model openai (and of a ws(s):// model that wants one)
  TWILIO_AUTH_TOKEN    checks X-Twilio-Signature on every webhook and stream
  VOICEBRIDGE_OPERATOR_TOKEN
                       opens /calls (watch and steer calls) to who sends it as a bearer token

Examples:
  $ voicebridge serve                                   embedded model, no key
  $ OPENAI_API_KEY=… voicebridge serve --model openai
  $ voicebridge serve --model ws://127.0.0.1:8082/v1/realtime --port 9000`,
    )
    .action((flags: ServeFlags) => runServe(flags, world));
}

async function runServe(flags: ServeFlags, world: World): Promise<void> {
  const [{ startRelay }, { lineLog }] = await Promise.all([import('../relay/server.js'), import('../log.js')]);
  const log = lineLog((line) => world.stderr.write(line));
  const { openModel, closeModel } = await chooseModel(flags, world);
  const { oneAgent } = await import('../call/plan.js');
  const { instructions, voice, greet } = flags;
  const relay = await startRelay({
    planCall: oneAgent(openModel, {
      instructions,
      voice,
      greeting: { by: greet ? 'model' : 'none', interruptible: true },
    }),
    host: flags.host,
    port: flags.port,
    publicUrl: flags.publicUrl,
    authToken: world.env.TWILIO_AUTH_TOKEN,
    operatorToken: world.env.VOICEBRIDGE_OPERATOR_TOKEN,
    insecure: flags.insecure,
    log,
  }).catch(async (error) => {
    await closeModel?.();
    throw error;
  });
  world.stderr.write(`listening on ${relay.url} (stream ${relay.streamUrl})\n`);
  if (flags.json) {
    const { host, port, url, streamUrl } = relay;
    world.stdout.write(`${JSON.stringify({ event: 'listening', host, port, url, streamUrl })}\n`);
  }
  await untilStopped(world);
  if (relay.calls > 0) world.stderr.write(`ending ${relay.calls} call(s)\n`);
  await relay.close();
  await closeModel?.();
}

async function chooseModel(
  flags: ServeFlags,
  world: World,
): Promise<{ openModel: OpenModel; closeModel?: () => Promise<void> }> {
  const [{ openaiModel }, { systemClock }] = await Promise.all([import('../model/openai.js'), import('../clock.js')]);
  const { audio } = flags;
  const { connectTimeoutMs, pingEveryMs, maxMessageBytes } = DEFAULTS.model;
  const open = (url: string, key?: string) =>
    openaiModel({
      url,
      key,
      audio,
      clock: systemClock,
      connectTimeoutMs,
      pingEveryMs,
      maxMessageBytes,
    });
  const key = world.env.OPENAI_API_KEY;
  if (flags.model === 'sim') {
    const { serveModel } = await import('../simulator/model/server.js');
    const model = await serveModel({ port: 0 });
    world.stderr.write(`no model chosen: using the embedded simulated model at ${model.url}\n`);
    return { openModel: open(model.url), closeModel: () => model.close() };
  }
  if (flags.model === 'openai') {
    if (!key) throw new VoicebridgeError('model-key-missing', { model: 'openai', variable: 'OPENAI_API_KEY' });
    return { openModel: open(OPENAI_URL, key) };
  }
  if (/^wss?:\/\//.test(flags.model) && URL.canParse(flags.model)) {
    // A key goes only where it was meant for: over TLS, or to this machine.
    return { openModel: open(flags.model, flags.model.startsWith('wss:') ? key : undefined) };
  }
  const message = `--model ${flags.model} is neither sim, openai nor a ws(s):// address`;
  throw new VoicebridgeError('usage', { message, command: 'serve' });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new VoicebridgeError('usage', { message: `--port ${text} is not a port (0 to 65535)`, command: 'serve' });
  }
  return port;
}
