import { createResamplerSync } from '../../../src/audio/resample.js';
import type { Conversation } from '../../../src/simulator/model/conversation.js';
import { DIALECTS, type Dialect } from '../../../src/simulator/model/dialect.js';
import type { ModelTraceEvent } from '../../../src/simulator/model/events.js';
import type { ModelFaults } from '../../../src/simulator/model/faults.js';
import { Lines } from '../../../src/simulator/model/lines.js';
import { Random } from '../../../src/simulator/model/random.js';
import { parseModelScript } from '../../../src/simulator/model/script/file.js';
import { Session } from '../../../src/simulator/model/session.js';
import type { CallerWords } from '../../../src/simulator/model/transcripts.js';
import type { VoiceActivityEvent } from '../../../src/simulator/model/voice-activity.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';
import { type Event, VOICE } from './client.js';

type Traced = ModelTraceEvent extends infer E
  ? E extends { sessionId: string }
    ? Omit<E, 'sessionId'>
    : never
  : never;

/** A session on a virtual clock whose ears hear exactly what the test says. */
export class Stage {
  readonly clock = new VirtualClock(1000);
  readonly events: (Event & { atMs: number })[] = [];
  readonly trace: Traced[] = [];
  readonly session: Session;
  readonly drops: (number | undefined)[] = [];
  #heard: VoiceActivityEvent[] = [];
  #samples = 0;
  #read = 0;

  constructor(
    faults: ModelFaults = {},
    more: {
      /** A model script; what it says and nobody recorded is hummed. */
      script?: string;
      callerWords?: CallerWords;
      dialect?: Dialect['name'];
      number?: number;
      resumed?: Conversation;
    } = {},
  ) {
    const script = parseModelScript(more.script ?? '');
    this.session = new Session(
      {
        model: 'gpt-realtime',
        number: more.number ?? 1,
        dialect: DIALECTS[more.dialect ?? 'openai'],
        thinkMs: script.think ?? 400,
        speed: [4, 4],
        silenceDurationMs: 500,
        prefixPaddingMs: 300,
        maxSessionMs: 3_600_000,
        lines: new Lines(VOICE, false),
        script,
        callerWords: more.callerWords,
        faults,
      },
      {
        clock: this.clock,
        random: new Random(1),
        resampler: createResamplerSync(24_000, 8000),
        detector: () => ({ push: () => this.#heard.splice(0) }),
        write: (text) => this.events.push({ ...JSON.parse(text), atMs: this.clock.now() }),
        drop: (code) => this.drops.push(code),
        expire: () => this.drops.push(1001),
        trace: (event) => this.trace.push({ ...event, atMs: this.clock.now() } as Traced),
      },
      more.resumed,
    );
    this.session.open();
    this.send({
      type: 'session.update',
      session: {
        type: 'realtime',
        audio: { input: { format: { type: 'audio/pcmu' } }, output: { format: { type: 'audio/pcmu' } } },
      },
    });
    this.fresh();
  }

  send(event: object): void {
    this.session.receive(JSON.stringify(event));
  }

  /** So much audio arrives; at its end the ears report `heard`. */
  hear(ms: number, heard?: VoiceActivityEvent['type']): void {
    this.#samples += ms * 8;
    if (heard) this.#heard.push({ type: heard, atSample: this.#samples, detectedAtSample: this.#samples });
    this.send({ type: 'input_audio_buffer.append', audio: Buffer.alloc(ms * 8, 0xff).toString('base64') });
  }

  /** A whole turn of the caller. */
  turn(): void {
    this.hear(400, 'speech-started');
    this.hear(600, 'speech-stopped');
  }

  /** The events since the last look. */
  fresh(): (Event & { atMs: number })[] {
    const fresh = this.events.slice(this.#read);
    this.#read = this.events.length;
    return fresh;
  }

  types(): string[] {
    return this.fresh()
      .map(({ type }) => type)
      .filter((type, at, all) => type !== all[at - 1]);
  }

  last(type: string): Event & { atMs: number } {
    return this.events.findLast((event) => event.type === type)!;
  }

  /** Everything the model is going to say is said. */
  settle(): void {
    this.clock.advance(60_000);
  }
}
