import type { Clock } from '../../clock.js';
import type { ModelTraceEvent } from '../../simulator/model/events.js';
import type { Behaviour } from './behaviour.js';
import { FrameFaults } from './frame-faults.js';
import { agentNoise, COUGH_BEGINS, comfortNoise, SPEECH_BEGINS, SPEECH_ENDS, silence, softNoise } from './sounds.js';

/** What the agent really did, and when: the truth that measures are held against. */
export type Act =
  | { readonly act: 'started'; readonly atMs: number }
  | { readonly act: 'greeted'; readonly atMs: number }
  | { readonly act: 'closed'; readonly atMs: number }
  /** The first sound of an answer, or its second onset behind a filler, left for the phone. `speech`: which utterance of the caller caused it. */
  | {
      readonly act: 'answered' | 'answered-at-last';
      readonly atMs: number;
      readonly speech: number;
      /** Silence at its head: so much later it is heard. */
      readonly quietMs: number;
    }
  /** A clear left for the phone. */
  | { readonly act: 'stopped'; readonly atMs: number; readonly cause: 'speech' | 'cough'; readonly speech: number }
  | { readonly act: 'leaked'; readonly atMs: number; readonly ms: number }
  /** One media message left, and so much was waiting at the phone then. */
  | { readonly act: 'sent'; readonly atMs: number; readonly bufferedMs: number }
  /** A hole between two pieces of one answer was over. */
  | { readonly act: 'hole'; readonly atMs: number; readonly ms: number }
  /** The caller's frame came, and went on to the model. */
  | { readonly act: 'passed'; readonly atMs: number; readonly arrivedMs: number }
  | { readonly act: 'spoilt'; readonly atMs: number; readonly frames: number }
  | { readonly act: 'told'; readonly atMs: number; readonly toldMs: number; readonly playedMs: number }
  /** What the model behind it would have seen. */
  | { readonly act: 'trace'; readonly atMs: number; readonly event: ModelTraceEvent };

type TraceOf<Event extends ModelTraceEvent = ModelTraceEvent> = Event extends ModelTraceEvent
  ? Omit<Event, 'atMs' | 'sessionId'>
  : never;
type WithoutTime<Each extends Act = Act> = Each extends Act ? Omit<Each, 'atMs'> : never;

export interface ReferenceParts {
  readonly behaviour: Behaviour;
  readonly clock: Clock;
  readonly send: (message: string) => void;
  readonly close: () => void;
  readonly tell: (act: Act) => void;
}

/** What is being said. */
interface Item {
  readonly id: string;
  readonly ms: number;
  /** When its first sample was sent to a phone with nothing to play. */
  startedMs: number;
  playsUntilMs: number;
  /** Parts of the noise it has used. */
  parts: number;
  stopped: boolean;
  /** It was stopped, and goes on all the same. */
  leaks: boolean;
  /** The model has made all of it. */
  done: boolean;
  told: boolean;
}

const FRAME_MS = 20;
/** The first message goes alone: what follows in the same breath would delay its arrival. */
const FIRST_MS = 100;
const REST_AFTER_MS = 50;

/**
 * One call of a reference agent: relay and model in one, whose behaviour is known by construction. It knows where the
 * caller's speech begins and ends because the caller's audio says so (sample values that occur nowhere else), waits for
 * a programmed time after that frame arrived, acts, and tells what it really did.
 */
export class ReferenceCall {
  readonly #parts: ReferenceParts;
  readonly #frames: FrameFaults;
  #streamSid = '';
  #items = 0;
  #answers = 0;
  #stops = 0;
  /** Utterances of the caller that have begun. */
  #speeches = 0;
  #interruptedBy: number | undefined;
  #item: Item | undefined;
  #closed = false;

  constructor(parts: ReferenceParts) {
    this.#parts = parts;
    this.#frames = new FrameFaults(parts.behaviour.frames);
  }

  /** The phone has gone. */
  end(): void {
    this.#closed = true;
  }

  receive(text: string): void {
    const arrivedMs = this.#parts.clock.now();
    const message = JSON.parse(text) as { start?: { streamSid: string }; media?: { payload: string } };
    if (message.start) this.#start(message.start.streamSid, arrivedMs);
    if (message.media) this.#hear(message.media.payload, arrivedMs);
  }

  #start(streamSid: string, arrivedMs: number): void {
    const { behaviour } = this.#parts;
    this.#streamSid = streamSid;
    this.#tell({ act: 'started' }, arrivedMs);
    this.#at(arrivedMs + behaviour.shares.readyMs, () =>
      this.#trace({ type: 'configured', input: 'audio/pcmu', output: 'audio/pcmu' }),
    );
    this.#at(arrivedMs + behaviour.greetingDelayMs, () => {
      this.#say(behaviour.greetingMs, () => this.#tell({ act: 'greeted' }));
      for (const mistake of behaviour.mistakes ?? []) this.#parts.send(mistake.replaceAll('STREAM', streamSid));
    });
  }

  #hear(payload: string, arrivedMs: number): void {
    const audio = Buffer.from(payload, 'base64');
    const { behaviour } = this.#parts;
    const begins = audio.includes(SPEECH_BEGINS);
    const passed = this.#frames.pass(audio, begins);
    this.#at(arrivedMs + behaviour.shares.inMs, () => {
      for (const frame of passed.audio) this.#trace({ type: 'append', audio: frame.toString('base64'), offsetMs: 0 });
      if (passed.spoilt > 0) this.#tell({ act: 'spoilt', frames: passed.spoilt });
      else this.#tell({ act: 'passed', arrivedMs });
    });
    const speech = this.#speeches;
    const speaking = this.#playing(arrivedMs);
    if (begins) this.#speeches++;
    if (speaking && (begins || (behaviour.fallsForCoughs && audio.includes(COUGH_BEGINS))))
      this.#interrupted(speech, begins ? 'speech' : 'cough', arrivedMs);
    else if (begins && behaviour.tells === 'needlessly') this.#truncateFinished();
    if (begins && behaviour.talksOver) this.#answer(speech, arrivedMs);
    if (audio.includes(SPEECH_ENDS) && !behaviour.talksOver) this.#answer(this.#speeches - 1, arrivedMs);
  }

  #answer(speech: number, causedMs: number): void {
    const { answerDelaysMs, answerMs, sulks, opening, hangsUpAfterMs } = this.#parts.behaviour;
    if (!answerDelaysMs || (sulks && this.#interruptedBy === speech)) return;
    const dueMs = causedMs + answerDelaysMs[this.#answers++ % answerDelaysMs.length]!;
    const last = this.#answers === 2;
    const speak = (act: 'answered' | 'answered-at-last', quietMs = 0, head?: Uint8Array): void =>
      this.#say(answerMs, () => this.#tell({ act, speech, quietMs }), head);
    if (hangsUpAfterMs !== undefined && last) this.#at(dueMs + hangsUpAfterMs, () => this.#hangUp());
    switch (opening?.with) {
      case undefined:
        return this.#at(dueMs, () => speak('answered'));
      case 'silence':
        return this.#at(dueMs, () => speak('answered', opening.ms, silence(opening.ms)));
      case 'soft':
        return this.#at(dueMs, () => speak('answered', opening.ms, softNoise(opening.ms)));
      case 'comfort-noise':
        this.#at(dueMs - opening.ms, () => this.#play(comfortNoise(opening.ms)));
        return this.#at(dueMs, () => speak('answered'));
      case 'filler':
        this.#at(dueMs, () => this.#say(opening.ms, () => this.#tell({ act: 'answered', speech, quietMs: 0 })));
        return this.#at(dueMs + opening.ms + (opening.gapMs ?? 0), () => speak('answered-at-last'));
    }
  }

  #interrupted(speech: number, cause: 'speech' | 'cough', causedMs: number): void {
    const { stopDelaysMs, shares } = this.#parts.behaviour;
    if (!stopDelaysMs) return;
    const item = this.#item!;
    if (cause === 'speech') this.#interruptedBy = speech;
    const dueMs = causedMs + stopDelaysMs[this.#stops++ % stopDelaysMs.length]!;
    this.#at(dueMs - shares.clearMs, () => {
      if (this.#playing(dueMs) === item) this.#trace({ type: 'speech-started', itemId: 'caller', audioStartMs: 0 });
    });
    this.#at(dueMs, () => {
      if (this.#playing(this.#parts.clock.now()) === item) this.#stop(item, speech, cause);
    });
  }

  #stop(item: Item, speech: number, cause: 'speech' | 'cough'): void {
    const { leak, fallsSilent } = this.#parts.behaviour;
    item.stopped = true;
    if (!item.done) this.#trace({ type: 'item-done', itemId: item.id, status: 'incomplete' });
    if (fallsSilent) {
      this.#tell({ act: 'stopped', speech, cause }, item.playsUntilMs);
      return this.#truncate(item, item.playsUntilMs - item.startedMs);
    }
    this.#parts.send(`{"event":"clear","streamSid":"${this.#streamSid}"}`);
    const nowMs = this.#parts.clock.now();
    this.#tell({ act: 'stopped', speech, cause }, nowMs);
    item.playsUntilMs = nowMs;
    if (!leak) return this.#truncate(item, nowMs - item.startedMs);
    item.leaks = true;
    this.#at(nowMs + leak.afterMs, () => {
      this.#send(item, agentNoise(item.parts++, leak.ms));
      this.#tell({ act: 'leaked', ms: leak.ms });
      this.#truncate(item, nowMs - item.startedMs + leak.ms);
    });
  }

  #truncate(item: Item, playedMs: number): void {
    const { tells } = this.#parts.behaviour;
    if (tells === 'nothing') return;
    item.told = true;
    const { id: itemId } = item;
    if (tells === 'too-much') {
      const audioEndMs = item.ms + 100;
      const refused = `Audio content of ${item.ms}ms is already shorter than ${audioEndMs}ms`;
      return this.#trace({ type: 'truncate', itemId, audioEndMs, refused });
    }
    const toldMs = Math.round(playedMs) + (tells === 'needlessly' ? 0 : tells.errorMs);
    this.#trace({ type: 'truncate', itemId, audioEndMs: toldMs });
    this.#tell({ act: 'told', toldMs, playedMs });
  }

  #truncateFinished(): void {
    const item = this.#item;
    if (item && !item.told && !item.stopped) this.#truncate(item, item.ms);
  }

  /** Says something new, with `head` in front of it. `sent` is told once the first sample is with the phone. */
  #say(ms: number, sent: () => void, head: Uint8Array = new Uint8Array()): void {
    const item: Item = {
      id: `item_${++this.#items}`,
      ms: ms + head.length / 8,
      startedMs: Number.NaN,
      playsUntilMs: Number.NEGATIVE_INFINITY,
      parts: this.#items * 100,
      stopped: false,
      leaks: false,
      done: false,
      told: false,
    };
    this.#item = item;
    const { delivery } = this.#parts.behaviour;
    const firstMs = delivery === 'paced' ? FRAME_MS : FIRST_MS;
    this.#send(item, Buffer.concat([head, agentNoise(item.parts++, firstMs)]), (nowMs) => {
      item.startedMs = nowMs;
      sent();
      this.#sayRest(item, ms - firstMs, nowMs);
    });
  }

  #sayRest(item: Item, restMs: number, nowMs: number): void {
    const { delivery } = this.#parts.behaviour;
    if (delivery === 'paced') {
      for (let done = 0; done < restMs; done += FRAME_MS)
        this.#at(nowMs + FRAME_MS / 2 + done, () => this.#piece(item, FRAME_MS, done + FRAME_MS >= restMs));
    } else if (delivery === 'burst') {
      this.#at(nowMs + REST_AFTER_MS, () => this.#burst(item, restMs));
    } else {
      const dryMs = item.playsUntilMs;
      this.#at(dryMs + delivery.holeMs, () => {
        this.#burst(item, restMs, (leftMs) => this.#tell({ act: 'hole', ms: leftMs - dryMs }, leftMs));
      });
    }
  }

  #burst(item: Item, ms: number, sent?: (nowMs: number) => void): void {
    for (let left = ms; left > 0; left -= FIRST_MS)
      this.#piece(item, Math.min(left, FIRST_MS), left <= FIRST_MS, left === ms ? sent : undefined);
  }

  #piece(item: Item, ms: number, last: boolean, sent?: (nowMs: number) => void): void {
    if (item.stopped || this.#closed) return;
    this.#send(item, agentNoise(item.parts++, ms), sent);
    if (!last) return;
    item.done = true;
    this.#trace({ type: 'item-done', itemId: item.id, status: 'completed' });
  }

  /** The model makes audio of an item, and the agent's own share of time later it leaves for the phone. */
  #send(item: Item, audio: Uint8Array, sent: (nowMs: number) => void = () => {}): void {
    const base64 = Buffer.from(audio).toString('base64');
    const { outMs } = this.#parts.behaviour.shares;
    const madeMs = this.#parts.clock.now();
    this.#trace({ type: 'delta', responseId: `resp_${item.id}`, itemId: item.id, contentIndex: 0, audio: base64 });
    const message = this.#media(base64);
    this.#at(madeMs + outMs, () => {
      if (this.#closed || (item.stopped && !item.leaks)) return;
      this.#parts.send(message);
      const nowMs = this.#parts.clock.now();
      item.playsUntilMs = Math.max(nowMs, item.playsUntilMs) + audio.length / 8;
      this.#tell({ act: 'sent', bufferedMs: item.playsUntilMs - nowMs }, nowMs);
      sent(nowMs);
    });
  }

  /** Sound that is no part of any answer. */
  #play(audio: Uint8Array): void {
    this.#parts.send(this.#media(Buffer.from(audio).toString('base64')));
  }

  #media(payload: string): string {
    return `{"event":"media","streamSid":"${this.#streamSid}","media":{"payload":"${payload}"}}`;
  }

  #hangUp(): void {
    this.#tell({ act: 'closed' });
    this.#closed = true;
    this.#parts.close();
  }

  #playing(nowMs: number): Item | undefined {
    return this.#item && this.#item.playsUntilMs > nowMs ? this.#item : undefined;
  }

  #at(atMs: number, act: () => void): void {
    this.#parts.clock.at(atMs, () => {
      if (!this.#closed) act();
    });
  }

  #trace(event: TraceOf): void {
    const atMs = this.#parts.clock.now();
    this.#parts.tell({ act: 'trace', atMs, event: { ...event, atMs, sessionId: this.#streamSid } as ModelTraceEvent });
  }

  #tell(act: WithoutTime, atMs = this.#parts.clock.now()): void {
    this.#parts.tell({ ...act, atMs } as Act);
  }
}
