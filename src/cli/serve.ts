import { type Command, Option } from 'commander';
import type { PlanCall, Reception } from '../call/plan.js';
import { DEFAULTS } from '../options.js';
import type { StreamLimits } from '../relay/stream.js';
import { chooseFile, listenAt, parseMaxCalls, parsePort, parsePublicUrl, type ServeFlags } from './serve/flags.js';
import { untilStopped } from './until-stopped.js';
import type { World } from './world.js';

/** `voicebridge serve`: the relay. */
export function register(program: Command, world: World): void {
  const { serve, config } = DEFAULTS;
  program
    .command('serve')
    .summary('bridge Twilio Media Streams to a realtime model')
    .description(
      'Starts the relay: POST /voice answers TwiML, WebSocket /media-stream is bridged to the model.\n\n' +
        `Agents, models and routes stand in ${config.file} (voicebridge init writes one). Without it one agent ` +
        'talks to the embedded simulated model, which needs no key.',
    )
    .option('--config <file>', `agents, models and routes; ./${config.file} when it is there`)
    .option('--check', 'tell every mistake of the file, and start nothing', false)
    .option('--host <address>', `address to listen on (default: "${serve.host}")`)
    .option('--port <number>', `port to listen on, 0 for any (default: ${serve.port})`, (text) => parsePort(text))
    .option('--public-url <url>', 'what Twilio knows this relay as, https://…', (text) => parsePublicUrl(text))
    .option('--max-calls <number>', `most calls at a time (default: ${serve.maxCalls})`, (text) => parseMaxCalls(text))
    .option(
      '--model <name|url>',
      'sim, openai, azure, xai, or a ws(s):// address that speaks OpenAI Realtime; for all agents',
    )
    .option('--instructions <text>', 'what the agent is told to be, without a file')
    .option('--voice <name>', "the model's voice, without a file")
    .addOption(
      new Option('--audio <format>', 'audio format towards the model (default: auto)').choices([
        'auto',
        'pcmu',
        'pcma',
        'pcm',
      ]),
    )
    .option('--no-greet', 'let the caller speak first, without a file')
    .option('--insecure', 'listen beyond this machine without TWILIO_AUTH_TOKEN', false)
    .option('--json', 'print one JSON line on stdout when listening', false)
    .addHelpText(
      'after',
      `
Flags override the environment, the environment overrides the file.
SIGHUP reads the file again, for new calls.

Environment:
  OPENAI_API_KEY, AZURE_OPENAI_API_KEY, XAI_API_KEY
      keys of the models; OPENAI_API_KEY also that of a ws(s):// model
  TWILIO_AUTH_TOKEN
      checks X-Twilio-Signature on every webhook and stream
  TWILIO_ACCOUNT_SID, and TWILIO_API_KEY with TWILIO_API_SECRET or the above
      lets tools transfer calls and send messages
  VOICEBRIDGE_OPERATOR_TOKEN
      opens /calls (watch and steer calls) to who sends it as a bearer token
  VOICEBRIDGE_CONFIG, VOICEBRIDGE_HOST, VOICEBRIDGE_PORT, VOICEBRIDGE_MODEL,
  VOICEBRIDGE_PUBLIC_URL, VOICEBRIDGE_MAX_CALLS
      as the flags of the same name

Examples:
  $ voicebridge serve                 ./${config.file}, or no file
  $ voicebridge serve --check         is the file right?
  $ voicebridge serve --model sim     the agents of the file, without a key
  $ OPENAI_API_KEY=… voicebridge serve --model openai
  $ voicebridge serve --model ws://127.0.0.1:8082/v1/realtime --port 9000`,
    )
    .action((flags: ServeFlags) => runServe(flags, world));
}

/** Who answers the calls, and what a file says of the server. */
interface Agents {
  readonly planCall: PlanCall;
  readonly reception?: Reception;
  readonly server?: {
    readonly host?: string | undefined;
    readonly port?: number | undefined;
    readonly publicUrl?: string | undefined;
    readonly maxCalls?: number | undefined;
    readonly maxCall?: number | undefined;
  };
  readonly reload?: () => Promise<void>;
  readonly close?: () => Promise<void>;
}

async function runServe(flags: ServeFlags, world: World): Promise<void> {
  const { file, aside } = chooseFile(flags, world);
  if (flags.check) return (await import('./serve/check.js')).check(file, world, flags.json);
  if (aside) world.stderr.write(`${aside}\n`);
  const [{ startRelay }, { lineLog }, { Models }] = await Promise.all([
    import('../relay/server.js'),
    import('../log.js'),
    import('./serve/models.js'),
  ]);
  const log = lineLog((line) => world.stderr.write(line));
  const models = new Models(world);
  const { twilioRestFromEnvironment } = await import('../carrier/twilio/rest.js');
  const rest = twilioRestFromEnvironment(world.env);
  let agents: Agents | undefined;
  try {
    agents = file
      ? await (await import('./serve/from-file.js')).agentsOfFile({ file, flags, world, models, log, rest })
      : { planCall: await (await import('./serve/from-flags.js')).agentOfFlags(flags, world, models) };
    const { planCall, reception, server, reload } = agents;
    const listen = listenAt(flags, world.env, server);
    const relay = await startRelay({
      planCall,
      ...(reception && { reception }),
      ...(rest && { rest }),
      ...listen,
      limits: limitsOf(server?.maxCall),
      authToken: world.env.TWILIO_AUTH_TOKEN,
      operatorToken: world.env.VOICEBRIDGE_OPERATOR_TOKEN,
      insecure: flags.insecure,
      log,
    });
    if (world.env.TWILIO_AUTH_TOKEN && listen.publicUrl === undefined) {
      const advice = 'say --public-url with the address Twilio calls';
      world.stderr.write(`warning: signatures are checked for ${relay.url}: ${advice}\n`);
    }
    world.stderr.write(`listening on ${relay.url} (stream ${relay.streamUrl})\n`);
    if (flags.json) {
      const { host, port, url, streamUrl } = relay;
      world.stdout.write(`${JSON.stringify({ event: 'listening', host, port, url, streamUrl })}\n`);
    }
    if (reload) world.onSignal('SIGHUP', () => void reload());
    await untilStopped(world);
    if (relay.calls > 0) world.stderr.write(`ending ${relay.calls} call(s)\n`);
    await relay.close();
  } finally {
    await agents?.close?.();
    await models.close();
  }
}

function limitsOf(maxCallMs: number | undefined): Partial<StreamLimits> {
  return maxCallMs === undefined ? {} : { maxCallMs };
}
