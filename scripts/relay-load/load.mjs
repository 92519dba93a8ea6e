// N calls through one relay: every caller speaks all the time, every agent answers for four of ten seconds and is
// interrupted in the middle of every second answer. What a frame and a delta take is measured all the while.
import { openCall } from './phone.mjs';

/** Milliseconds of audio in a delta, and how much faster than it plays it is sent. */
const DELTA_MS = 200;
const FASTER = 4;
const ANSWER_MS = 4_000;
const EVERY_MS = 10_000;
/** An interrupted answer is interrupted after so long. */
const INTERRUPT_MS = 2_000;

const DELTA = Buffer.alloc(DELTA_MS * 8, 0x55).toString('base64');

/** Opens the calls one by one, so that each is joined to its session. `nextSession` resolves with the next one. */
export async function openCalls(count, streamUrl, nextSession) {
  const calls = [];
  for (let number = 0; number < count; number++) {
    const session = nextSession();
    const phone = await openCall(streamUrl, number);
    calls.push(new LoadedCall(phone, await session, number, count));
  }
  return calls;
}

/** Runs the calls for so long; returns the milliseconds of every frame in and every delta out. */
export async function run(calls, seconds, beginMeasuring) {
  const slots = Array.from({ length: 20 }, () => []);
  for (const [index, call] of calls.entries()) slots[index % 20].push(call);
  const startMs = performance.now();
  const measureMs = startMs + 3_000;
  const endMs = measureMs + seconds * 1000;
  let measuring = false;
  let lateTicks = 0;
  for (let tick = 0; ; tick++) {
    const dueMs = startMs + tick;
    let nowMs = performance.now();
    if (nowMs < dueMs) {
      await new Promise((resolve) => setTimeout(resolve, dueMs - nowMs));
      nowMs = performance.now();
    } else if (tick % 8 === 0) await new Promise(setImmediate);
    if (nowMs - dueMs > 5) lateTicks += 1;
    if (!measuring && nowMs >= measureMs) {
      measuring = true;
      for (const call of calls) call.measure();
      beginMeasuring();
    }
    if (nowMs >= endMs) break;
    for (const call of slots[tick % 20]) call.tick(nowMs - startMs);
  }
  return {
    in: calls.flatMap((call) => call.inMs),
    out: calls.flatMap((call) => call.outMs),
    lost: calls.reduce((sum, call) => sum + call.lost, 0),
    answers: calls.reduce((sum, call) => sum + call.answers, 0),
    clears: calls.reduce((sum, { phone }) => sum + phone.clears, 0),
    truncations: calls.reduce((sum, { session }) => sum + (session.control['conversation.item.truncate'] ?? 0), 0),
    lateTicks,
  };
}

class LoadedCall {
  inMs = [];
  outMs = [];
  lost = 0;
  answers = 0;
  #measuring = false;
  /** When frames were sent that have not arrived yet, and deltas with the place in the audio that ends them. */
  #frames = [];
  #deltas = [];
  #sentChars = 0;
  #cycleAtMs;
  #answer;
  #name;

  constructor(phone, session, number, count) {
    this.phone = phone;
    this.session = session;
    this.#name = number;
    this.#cycleAtMs = 200 + (number * EVERY_MS) / count;
    session.onAppend = () => {
      const sentMs = this.#frames.shift();
      if (this.#measuring && sentMs !== undefined) this.inMs.push(performance.now() - sentMs);
    };
    phone.onMedia = () => {
      while (this.#deltas.length > 0 && this.#deltas[0].end <= phone.received) {
        const { sentMs } = this.#deltas.shift();
        if (this.#measuring) this.outMs.push(performance.now() - sentMs);
      }
    };
  }

  measure() {
    this.#measuring = true;
  }

  /** Every 20 ms. */
  tick(nowMs) {
    this.#frames.push(performance.now());
    this.phone.speak();
    this.phone.playTo(performance.now());
    if (nowMs >= this.#cycleAtMs && !this.#answer) this.#begin(nowMs);
    if (this.#answer) this.#continue(nowMs);
  }

  #begin(nowMs) {
    this.answers += 1;
    const id = `${this.#name}_${this.answers}`;
    this.#answer = { id, startMs: nowMs, sentMs: 0, done: false, interrupted: this.answers % 2 === 0 };
    this.session.send(
      `{"type":"response.created","event_id":"event_1","response":{"id":"resp_${id}","status":"in_progress"}}`,
    );
  }

  #continue(nowMs) {
    const answer = this.#answer;
    const elapsedMs = nowMs - answer.startMs;
    const { id } = answer;
    if (!answer.done && answer.sentMs < Math.min(ANSWER_MS, elapsedMs * FASTER)) {
      answer.sentMs += DELTA_MS;
      this.#sentChars += DELTA.length;
      this.#deltas.push({ sentMs: performance.now(), end: this.#sentChars });
      this.session.send(
        `{"type":"response.output_audio.delta","event_id":"event_1","response_id":"resp_${id}","item_id":"item_${id}","output_index":0,"content_index":0,"delta":"${DELTA}"}`,
      );
    }
    if (!answer.done && answer.sentMs >= ANSWER_MS) {
      answer.done = true;
      this.session.send(
        `{"type":"response.output_item.done","event_id":"event_1","response_id":"resp_${id}","output_index":0,"item":{"id":"item_${id}","type":"message","status":"completed"}}`,
      );
      this.session.send(
        `{"type":"response.done","event_id":"event_1","response":{"id":"resp_${id}","status":"completed"}}`,
      );
    }
    if (answer.interrupted && elapsedMs >= INTERRUPT_MS) {
      answer.interrupted = false;
      this.session.send(
        '{"type":"input_audio_buffer.speech_started","event_id":"event_1","audio_start_ms":1,"item_id":"item_u"}',
      );
      // The caller speaks for a second; then the next answer is due.
    }
    if (elapsedMs >= ANSWER_MS + 500) {
      this.session.send(
        '{"type":"input_audio_buffer.speech_stopped","event_id":"event_1","audio_end_ms":2,"item_id":"item_u"}',
      );
      this.lost += this.#deltas.length;
      this.#deltas = [];
      this.#sentChars = this.phone.received;
      this.#answer = undefined;
      this.#cycleAtMs += EVERY_MS;
    }
  }
}
