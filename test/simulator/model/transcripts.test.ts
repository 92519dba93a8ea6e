import { beforeAll, describe, expect, it } from 'vitest';
import { loadResampler } from '../../../src/audio/resample.js';
import type { CallerWords } from '../../../src/simulator/model/transcripts.js';
import { Stage } from './stage.js';

beforeAll(loadResampler);

const TOLD = 'conversation.item.input_audio_transcription';

function listening(script = '', callerWords?: CallerWords, transcription: object = { model: 'gpt-transcribe' }): Stage {
  const stage = new Stage({}, { script, ...(callerWords && { callerWords }) });
  stage.send({ type: 'session.update', session: { type: 'realtime', audio: { input: { transcription } } } });
  stage.fresh();
  return stage;
}

const heard = (stage: Stage): string[] =>
  stage.events.filter(({ type }) => type === `${TOLD}.completed`).map(({ transcript }) => transcript);

describe('the words of the caller', () => {
  it('come from the script, turn by turn, and are not known beyond it', () => {
    const stage = listening('caller: ["Hello there.", "mm-hm", {turn: 4, says: ""}]');
    for (let turn = 0; turn < 4; turn++) {
      stage.turn();
      stage.settle();
    }
    expect(heard(stage)).toEqual(['Hello there.', 'mm-hm', '(speech, 1.0 s)', '']);
  });

  it('come from who made the caller before they come from the script', () => {
    const stage = listening('caller: ["of the script"]', ({ turn, audioMs }) => `turn ${turn}, ${audioMs} ms`);
    stage.turn();
    expect(heard(stage)).toEqual(['turn 1, 1000 ms']);
    const listed = listening('', ['one']);
    listed.turn();
    expect(heard(listed)).toEqual(['one']);
  });

  it('are told in pieces and then whole, and stay with the item', () => {
    const stage = listening('caller: ["My brakes squeak."]');
    stage.turn();
    const { item_id } = stage.last('input_audio_buffer.committed');
    const deltas = stage.events.filter(({ type }) => type === `${TOLD}.delta`);
    expect(deltas.map(({ delta }) => delta)).toEqual(['My', ' brakes', ' squeak.']);
    expect(stage.last(`${TOLD}.completed`)).toMatchObject({
      item_id,
      content_index: 0,
      transcript: 'My brakes squeak.',
      usage: { type: 'duration', seconds: 1 },
    });
    expect(stage.session.memory()[0]).toMatchObject({ role: 'user', text: 'My brakes squeak.', audioMs: 1000 });
    expect(stage.trace.find(({ type }) => type === 'transcribed')).toMatchObject({ transcript: 'My brakes squeak.' });
  });

  it('come late when asked, the last turn all the later', () => {
    const stage = listening('transcription: {delay: 300ms}\ncaller: [one, {says: two, delay: 2s}]');
    const times = (): number[] =>
      stage.events.filter(({ type }) => type === `${TOLD}.completed`).map(({ atMs }) => atMs);
    stage.turn();
    const committedAt = stage.last('input_audio_buffer.committed').atMs;
    expect(times()).toEqual([]);
    stage.settle();
    stage.turn();
    const secondAt = stage.last('input_audio_buffer.committed').atMs;
    stage.settle();
    expect(times()).toEqual([committedAt + 300, secondAt + 2000]);
  });

  it('can fail to be written down', () => {
    const stage = listening('caller: [{fails: true}]');
    stage.turn();
    const { item_id } = stage.last('input_audio_buffer.committed');
    expect(stage.last(`${TOLD}.failed`)).toMatchObject({
      item_id,
      error: { type: 'transcription_error', code: 'audio_unintelligible' },
    });
    expect(heard(stage)).toEqual([]);
    expect(stage.trace.find(({ type }) => type === 'transcribed')).toMatchObject({ failed: 'audio_unintelligible' });
  });

  it('are not told to a session that does not ask, and known to the script all the same', () => {
    const stage = new Stage({}, { script: 'caller: [The price?]\nresponses: [{when: {hears: price}, say: Eleven.}]' });
    stage.turn();
    stage.settle();
    expect(stage.types().filter((type) => type.startsWith(TOLD))).toEqual([]);
    expect(stage.session.memory()[0]!.text).toBeUndefined();
    expect(stage.last('response.output_audio_transcript.done').transcript).toBe('Eleven.');
  });

  it('that the client typed are heard like those that were spoken', () => {
    const stage = new Stage({}, { script: 'responses: [{when: {hears: pressed 1}, say: One it is.}]' });
    stage.send({
      type: 'conversation.item.create',
      item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'The caller pressed 1.' }] },
    });
    stage.send({ type: 'response.create' });
    stage.settle();
    expect(stage.last('response.output_audio_transcript.done').transcript).toBe('One it is.');
  });

  it('of a noise are none, so that an interruption by it can be taken back', () => {
    const stage = listening('caller: ["Hello.", "mm-hm"]', undefined, { model: 'x' });
    stage.send({
      type: 'session.update',
      session: {
        type: 'realtime',
        audio: { input: { turn_detection: { type: 'server_vad', create_response: false, interrupt_response: false } } },
      },
    });
    stage.turn();
    stage.send({ type: 'response.create' });
    stage.clock.advance(450);
    stage.turn();
    stage.settle();
    expect(heard(stage)).toEqual(['Hello.', 'mm-hm']);
    // Neither cancelled nor answered: the answer that was under way is whole.
    const done = stage.events.filter(({ type }) => type === 'response.done');
    expect(done.map(({ response }) => response.status)).toEqual(['completed']);
    expect(stage.types()).not.toContain('error');
  });
});
