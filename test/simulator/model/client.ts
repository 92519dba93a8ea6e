import WebSocket, { type ClientOptions } from 'ws';
import { encodeMulaw } from '../../../src/audio/g711.js';
import type { Line, Voice } from '../../../src/simulator/model/voice.js';

// biome-ignore lint/suspicious/noExplicitAny: a wire event is read by the test that waits for it
export type Event = { type: string; event_id: string } & Record<string, any>;

/** A plain WebSocket client that remembers every event and can wait for one. */
export class Client {
  readonly ws: WebSocket;
  readonly events: Event[] = [];
  /** Exactly as received. */
  readonly texts: string[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #listeners = new Set<() => void>();
  #taken = 0;

  constructor(url: string, options: ClientOptions = {}, protocols: string[] = []) {
    this.ws = new WebSocket(url, protocols, { perMessageDeflate: false, ...options });
    this.ws.on('message', (data) => {
      const text = data.toString();
      this.texts.push(text);
      this.events.push(JSON.parse(text));
      for (const listener of this.#listeners) listener();
    });
    this.ws.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.ws.on('close', (code, reason) => {
        for (const listener of this.#listeners) listener();
        resolve({ code, reason: String(reason) });
      });
    });
  }

  static async open(url: string, options?: ClientOptions): Promise<Client> {
    const client = new Client(url, options);
    await client.next('session.created');
    return client;
  }

  send(event: object | string): void {
    this.ws.send(typeof event === 'string' ? event : JSON.stringify(event));
  }

  /** The next event of that type after the last one taken. */
  async next(type: string): Promise<Event> {
    for (;;) {
      const index = this.events.findIndex((event, at) => at >= this.#taken && event.type === type);
      if (index >= 0) {
        this.#taken = index + 1;
        return this.events[index]!;
      }
      if (this.ws.readyState === WebSocket.CLOSED) throw new Error(`closed while waiting for ${type}`);
      await new Promise<void>((resolve) => {
        const listener = (): void => {
          this.#listeners.delete(listener);
          resolve();
        };
        this.#listeners.add(listener);
      });
    }
  }

  types(): string[] {
    return this.events.map(({ type }) => type);
  }
}

/** A line of so many milliseconds: a quiet tone, so that its audio is not silence. */
export function line(text: string, ms: number): Line {
  const l16 = Int16Array.from({ length: ms * 24 }, (_, at) => Math.round(3000 * Math.sin(at / 10)));
  const narrow = Int16Array.from({ length: ms * 8 }, (_, at) => l16[at * 3]!);
  return { text, pcmu: encodeMulaw(narrow), l16 };
}

export const VOICE: Voice = {
  greeting: line('Hello there.', 600),
  lines: [line('We are open from nine to five.', 1200), line('Anything else I can do?', 900)],
  interrupted: line('Sure, go ahead.', 700),
};

/** A bearable imitation of speech, loud enough for any detector: bursts of a buzz with the rhythm of syllables. */
export function speech(ms: number): Int16Array {
  return Int16Array.from({ length: ms * 8 }, (_, at) => {
    const syllable = 0.4 + 0.6 * Math.abs(Math.sin((Math.PI * at) / 1600));
    let buzz = 0;
    for (let harmonic = 1; harmonic <= 20; harmonic++)
      buzz += Math.sin((2 * Math.PI * 140 * harmonic * at) / 8000) / harmonic;
    return Math.round(9000 * syllable * buzz);
  });
}

export function silence(ms: number): Int16Array {
  return Int16Array.from({ length: ms * 8 }, (_, at) => ((at * 7919) % 13) - 6);
}

export function join(...parts: Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

/** µ-law audio as `input_audio_buffer.append` events of 20 ms. */
export function appends(samples: Int16Array): { type: string; audio: string }[] {
  const events = [];
  for (let at = 0; at < samples.length; at += 160) {
    const audio = Buffer.from(encodeMulaw(samples.subarray(at, at + 160))).toString('base64');
    events.push({ type: 'input_audio_buffer.append', audio });
  }
  return events;
}
