import { fileURLToPath } from 'node:url';
import { encodeMulaw, MULAW_SILENCE } from '../../src/audio/g711.js';
import { readCallerAudio } from '../../src/audio/wav.js';
import type {
  CallerSpeech,
  CallRecord,
  HeardSpan,
  PhoneEvent,
  ReceivedChunk,
} from '../../src/simulator/phone/events.js';

const SAMPLE = fileURLToPath(new URL('../../samples/caller.wav', import.meta.url));
const START_MS = 1_000;
const ROUND_MS = 10_000;
const FRAME_MS = 20;

/**
 * A call of real speech that goes on for so many minutes: in every ten seconds the caller speaks for four, the agent
 * answers for five in messages of 20 ms with a mark every 100 ms, and is interrupted in every second of its answers.
 */
export async function longCall(minutes: number): Promise<CallRecord> {
  const speech = encodeMulaw(await readCallerAudio(SAMPLE));
  const voice = (at: number, ms: number): Uint8Array =>
    Uint8Array.from({ length: ms * 8 }, (_, i) => speech[(at + i) % speech.length]!);
  const durationMs = minutes * 60_000;
  const callerLane = new Uint8Array(durationMs * 8).fill(MULAW_SILENCE);
  const heardLane = new Uint8Array(durationMs * 8).fill(MULAW_SILENCE);
  const received: Uint8Array[] = [];
  const [events, said, chunks, heard]: [PhoneEvent[], CallerSpeech[], ReceivedChunk[], HeardSpan[]] = [[], [], [], []];
  let streamOffset = 0;
  const speak = (atMs: number, ms: number, interrupts: boolean): void => {
    callerLane.set(voice(atMs * 8, ms), atMs * 8);
    const step = said.length;
    said.push({
      step,
      startMs: START_MS + atMs,
      endMs: START_MS + atMs + ms,
      interrupts,
      text: `words number ${step}`,
    });
    events.push({ type: 'caller-speech-start', atMs: START_MS + atMs, step, interrupts, text: `words number ${step}` });
  };
  for (let round = 0; round * ROUND_MS < durationMs; round++) {
    const atMs = round * ROUND_MS;
    const answerMs = atMs + 4_800;
    const cutMs = round % 2 === 1 ? 2_000 : 5_000;
    speak(atMs, 4_000, false);
    heard.push({ streamOffset, bytes: cutMs * 8, playedAtMs: START_MS + answerMs });
    for (let ms = 0; ms < cutMs; ms += FRAME_MS) {
      const audio = voice((answerMs + ms) * 11, FRAME_MS);
      const arrivedMs = START_MS + answerMs + ms;
      heardLane.set(audio, (answerMs + ms) * 8);
      received.push(audio);
      events.push({ type: 'media', atMs: arrivedMs, bytes: audio.length, streamOffset, bufferedMs: 200 + (ms % 300) });
      chunks.push({ streamOffset, bytes: audio.length, atMs: arrivedMs });
      streamOffset += audio.length;
      if (ms % 100 !== 0) continue;
      const name = `mark ${round}:${ms}`;
      events.push({ type: 'mark', atMs: arrivedMs, name, streamOffset });
      events.push({ type: 'mark-echo', atMs: arrivedMs + 90, name, cleared: false });
    }
    if (cutMs === 5_000) continue;
    speak(answerMs + 1_700, 1_000, true);
    events.push({ type: 'clear', atMs: START_MS + answerMs + cutMs, droppedBytes: 3_000 * 8 });
  }
  return {
    url: 'ws://127.0.0.1/media-stream',
    callSid: 'CA00000000000000000000000000000001',
    streamSid: 'MZ00000000000000000000000000000001',
    startedAtMs: START_MS,
    endedAtMs: START_MS + durationMs,
    endReason: 'hangup',
    callerLane,
    heardLane,
    received: Buffer.concat(received),
    receivedChunks: chunks,
    heard,
    speech: said,
    events,
    lint: [],
    pacing: { frames: 0, lateMs: new Float64Array(), bunched: 0 },
  };
}
