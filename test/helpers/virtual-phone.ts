import { phoneEncoder } from '../../src/carrier/twilio/phone.js';
import { DEFAULTS } from '../../src/options.js';
import { Caller } from '../../src/simulator/phone/caller.js';
import { Earpiece } from '../../src/simulator/phone/earpiece.js';
import type { CallRecord, EndReason, PhoneEvent } from '../../src/simulator/phone/events.js';
import { CallLint } from '../../src/simulator/phone/lint/call-lint.js';
import { type LintRule, lintFinding } from '../../src/simulator/phone/lint.js';
import { Pacer } from '../../src/simulator/phone/pacer.js';
import { CallMemory } from '../../src/simulator/phone/record.js';
import type { CallerScript } from '../../src/simulator/phone/script.js';
import type { VirtualClock } from './virtual-clock.js';

const SIDS = { accountSid: 'AC1', callSid: 'CA1', streamSid: `MZ${'1'.repeat(32)}` };
const FRAME_SAMPLES = 160;
const LONGEST_CALL_MS = 120_000;

/** What a server does, without a server: it is told messages and answers through what it was made with. */
export type VirtualServer = (send: (message: string) => void, close: () => void) => { receive(message: string): void };

/** The halves of the phone, joined to a server without a socket between them, in virtual time: journeys take no time. */
export function virtualCall(clock: VirtualClock, script: CallerScript, serve: VirtualServer): CallRecord {
  const phone = DEFAULTS.phone;
  const startMs = clock.now();
  const memory = new CallMemory(startMs);
  const wire = phoneEncoder(SIDS);
  const frame = new Uint8Array(FRAME_SAMPLES);
  let end: { reason: EndReason; atMs: number } | undefined;

  const finish = (reason: EndReason): void => {
    if (end) return;
    earpiece.settle(clock.now());
    end = { reason, atMs: clock.now() };
    pacer.stop();
    caller.end(end.atMs);
    earpiece.stop();
  };
  const complain = (rule: LintRule, message?: string, offending?: string): void => {
    if (memory.breaks(rule)) memory.lint(lintFinding(rule, clock.now(), message, offending));
  };
  const lint = new CallLint(complain);
  const note = (event: PhoneEvent): void => {
    memory.event(event);
    lint.event(event);
  };
  const earpiece = new Earpiece({
    clock,
    memory,
    streamSid: SIDS.streamSid,
    assume: phone,
    maxBufferedBytes: phone.maxBufferedBytes,
    agentQuietMs: phone.agentQuietMs,
    note,
    complain,
    judgeAudio: (audio, streamOffset, atMs) => lint.audio(audio, streamOffset, atMs),
    echoMark: (name) => server.receive(wire.mark(name)),
  });
  const caller = new Caller({
    script,
    agent: earpiece.view(),
    startMs,
    lingerMs: phone.lingerMs,
    digitMs: phone.digitMs,
    onSpeechStart: ({ startMs: atMs, step, interrupts }) =>
      note({ type: 'caller-speech-start', atMs, step, interrupts }),
    onSpeechEnd: (speech) => {
      memory.speech(speech);
      note({ type: 'caller-speech-end', atMs: speech.endMs, step: speech.step });
    },
    onSound: (sound) => memory.sound(sound),
    onDigit: () => {},
    onTimeout: (step) => note({ type: 'wait-timeout', atMs: clock.now(), step }),
    onExpectation: () => {},
    onDrop: () => {},
    onReconnect: () => {},
  });
  const server = serve(
    (message) => {
      if (!end) earpiece.receive(Buffer.from(message), false);
    },
    () => finish('server-closed'),
  );
  note({ type: 'start', atMs: startMs, streamSid: SIDS.streamSid, callSid: SIDS.callSid });
  server.receive(wire.start({}));
  const pacer = new Pacer(clock, startMs + phone.frameMs, phone.frameMs, (index, dueMs) => {
    earpiece.settle(clock.now());
    if (!caller.render(frame, index * FRAME_SAMPLES)) return finish('hangup');
    memory.callerFrame(index, frame);
    memory.frame(clock.now(), dueMs, index + 1);
    server.receive(wire.media(index * phone.frameMs, Buffer.from(frame).toString('base64')));
  });
  while (!end && clock.now() < startMs + LONGEST_CALL_MS) clock.advance(phone.frameMs);
  const { reason: endReason, atMs: endedAtMs } = end ?? { reason: 'max-duration', atMs: clock.now() };
  const { callSid, streamSid } = SIDS;
  return memory.finish({ url: 'virtual', callSid, streamSid, endedAtMs, endReason, pacing: pacer.pacing() });
}
