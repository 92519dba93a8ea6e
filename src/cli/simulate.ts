import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { VoicebridgeError } from '../errors.js';
import { DEFAULTS } from '../options.js';
import type { Call } from '../simulator/phone/call.js';
import type { Recording } from '../simulator/phone/recording.js';
import type { Endpoint } from './simulate/endpoint.js';
import type { Mic, MicOptions } from './simulate/mic.js';
import { readSettings, readWhoSpeaks, type SimulateFlags, type SimulateSettings } from './simulate/settings.js';
import type { World } from './world.js';

/** Of nobody; those of `WEBHOOK_DEFAULTS`, which would load the phone. */
const NUMBERS = { from: '+15550100100', to: '+15550100001' } as const;

/** `voicebridge simulate`: a whole phone call, seen, recorded and measured. */
export function register(program: Command, world: World): void {
  const { phone, serve } = DEFAULTS;
  const { toServerMs, toPhoneMs, jitterMs } = phone.network;
  const noDelay = [toServerMs, toPhoneMs, jitterMs].join(',');
  program
    .command('simulate')
    .summary('call a relay as Twilio and a recorded caller would')
    .description(
      'Makes one phone call: plays the caller, hears the agent as a phone does, records both sides and measures the ' +
        `conversation.\nWithout --url it calls the relay on port ${serve.port}, or an embedded one.`,
    )
    .argument('[caller]', 'a WAV, a call.yaml, or a folder with a call.yaml')
    .option('--mic', 'speak yourself: microphone and speaker of this machine (needs decibri or naudiodon)')
    .option('--replay <dir>', 'play the caller of a recorded call again, and say what changed')
    .option('--half-duplex', 'with --mic: mute the microphone while the agent is audible, against echo')
    .option('--url <url>', 'the webhook to ask, http(s)://…/voice, or the stream to open, ws(s)://…')
    .option('--from <number>', `with a webhook: who calls (default: ${NUMBERS.from})`)
    .option('--to <number>', `with a webhook: the number that is called (default: ${NUMBERS.to})`)
    .option('--digits <digits>', 'with a webhook: what is pressed at each <Gather>, such as 1 or 1,4711#')
    .option('--dial-answers <how>', 'with a webhook: what a dialled number does: after 2s, busy, never')
    .option('--method <method>', 'with a webhook: how it is asked, POST or GET')
    .option('--fallback-url <url>', 'with a webhook: asked when it fails')
    .option('--status-callback <url>', 'with a webhook: told when the call is over')
    .option('--param <name=value>', 'a <Parameter> of the stream; may be repeated', collect)
    .option('--seed <n>', 'ids and jitter repeat with it', String(phone.seed))
    .option('--out <dir>', `where recording, log, summary and page go (default: a new folder in ${phone.outDir}/)`)
    .option('--no-record', 'write no files')
    .option('--no-page', 'write no call.html')
    .option('--network <ms,ms,ms>', `one-way delay to the server, to the phone, and jitter (default: ${noDelay})`)
    .option('--fault <fault>', 'something that goes wrong, such as stall@5s:1500ms; may be repeated', collect)
    .option('--assume <name=value>', 'what Twilio does where it does not say; may be repeated', collect)
    .option('--auth-token <token>', 'signs webhooks and streams as Twilio does (default: TWILIO_AUTH_TOKEN)')
    .option('--json', 'print one JSON document on stdout')
    .addHelpText('after', EXAMPLES)
    .action((caller: string | undefined, flags: SimulateFlags) => simulate(caller, flags, world));
}

const EXAMPLES = `
Exit codes:
  0 good · 1 the call had errors · 2 usage · 3 cannot connect or the protocol broke

Examples:
  $ voicebridge simulate samples/caller.wav
  $ voicebridge simulate --mic
  $ voicebridge simulate --replay voicebridge-calls/2026-03-01_14-03-22_interrupt
  $ voicebridge simulate samples/interrupt --url http://localhost:8080/voice
  $ voicebridge simulate samples/interrupt --url ws://localhost:8080/media-stream
  $ voicebridge simulate call.yaml --network 40,40,10 --json > call.json`;

async function simulate(path: string | undefined, flags: SimulateFlags, world: World): Promise<void> {
  const who = readWhoSpeaks(path, flags);
  const settings = readSettings(flags);
  const authToken = settings.authToken ?? world.env.TWILIO_AUTH_TOKEN;
  const [{ openTerminal }, { findEndpoint }, { dial }, { loadCaller }, { openView }, { systemClock: clock }] =
    await Promise.all([
      import('./terminal.js'),
      import('./simulate/endpoint.js'),
      import('../simulator/phone/call.js'),
      import('../simulator/phone/script.js'),
      import('./screen/view.js'),
      import('../clock.js'),
    ]);
  const terminal = openTerminal(world);
  const mic = 'mic' in who ? await openMicrophone({ ...who.mic, world, terminal, clock }) : undefined;
  const recording = 'replay' in who ? await openRecording(resolve(world.cwd, who.replay)) : undefined;
  const caller = recording?.script ?? mic?.caller ?? (await loadCaller(await findCaller(path!, world, terminal.say)));

  let endpoint: Endpoint | undefined;
  try {
    const waiting = await terminal.waiting('starting');
    const script = 'modelScript' in caller ? caller.modelScript : undefined;
    endpoint = await findEndpoint(settings.url, settings.seed, clock, world, script).finally(() => waiting.stop());
    if (endpoint.notice) terminal.say(endpoint.notice);
    const phone = {
      url: endpoint.url,
      caller,
      clock,
      seed: settings.seed,
      ...(settings.network && { network: settings.network }),
      ...(settings.faults && { faults: settings.faults }),
      ...settings.assume,
      ...(settings.record && { outDir: folderFor(caller.name, settings, world) }),
      ...(authToken && { authToken }),
    };
    const call = settings.webhook
      ? (await import('./simulate/call-number.js')).callNumber({ ...phone, ...settings.webhook })
      : dial({ ...phone, parameters: settings.parameters });
    const view = openView(terminal, caller.name, call, clock);
    call.on((event) => view.onPhoneEvent(event));
    const leaveTerminal = (): void => {
      mic?.close();
      view.close();
    };
    const { hangUp, stopListening } = hangUpOnSignal(call, world, leaveTerminal);
    mic?.join(call, view, hangUp);
    const record = await call.done.finally(() => {
      leaveTerminal();
      stopListening();
    });
    const notice = mic?.notice();
    if (notice) terminal.say(notice);
    const { report } = await import('./simulate/report.js');
    const trouble = mic?.lost();
    const said = { caller: path ?? flags.replay ?? caller.name, name: caller.name };
    const { page, json } = settings;
    const told = { ...said, ...(trouble && { trouble }), ...(recording && { recording }), page, json };
    await report({ record, endpoint, ...told, terminal, world });
  } finally {
    mic?.close();
    await endpoint?.close();
  }
}

/** The first Ctrl-C hangs up as a caller would, so that files are written; the second ends the process. */
function hangUpOnSignal(call: Call, world: World, leaveTerminal: () => void) {
  let asked = false;
  const hangUp = (): void => {
    if (asked) {
      leaveTerminal();
      world.exitNow(130);
    }
    asked = true;
    call.hangUp();
  };
  const stops = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => world.onSignal(name, hangUp));
  return {
    hangUp,
    stopListening: () => {
      for (const stop of stops) stop();
    },
  };
}

/** Loaded only when somebody wants to speak. */
async function openMicrophone(options: MicOptions): Promise<Mic> {
  const { openMic } = await import('./simulate/mic.js');
  return openMic(options);
}

async function openRecording(directory: string): Promise<Recording> {
  const { loadRecording } = await import('../simulator/phone/recording.js');
  return loadRecording(directory);
}

/** The file a person means: theirs, or the packaged one when their folder has no such sample. */
async function findCaller(path: string, world: World, say: (line: string) => void): Promise<string> {
  const here = resolve(world.cwd, path);
  if (existsSync(here)) return here;
  const { packagedSample } = await import('../samples.js');
  const packaged = packagedSample(path);
  if (!packaged) {
    const hint = 'give a WAV, a call.yaml or a folder with one; to try: voicebridge simulate samples/caller.wav';
    throw new VoicebridgeError('file-missing', { path, hint });
  }
  say(`playing the packaged ${path}: there is none in this folder`);
  return packaged;
}

function folderFor(name: string, settings: SimulateSettings, world: World): string {
  if (settings.outDir !== undefined) return resolve(world.cwd, settings.outDir);
  const moment = new Date().toISOString().slice(0, 19).replaceAll(':', '-').replace('T', '_');
  const folder = join(world.cwd, DEFAULTS.phone.outDir, `${moment}_${name.replace(/[^\w-]+/g, '-')}`);
  // Two calls may begin within one second.
  let unused = folder;
  for (let n = 2; existsSync(unused); n++) unused = `${folder}-${n}`;
  return unused;
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
