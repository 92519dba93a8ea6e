import { beforeAll, describe, expect, it } from 'vitest';
import { loadResampler } from '../../../src/audio/resample.js';
import type { ModelFaults } from '../../../src/simulator/model/faults.js';
import { Stage } from './stage.js';

beforeAll(loadResampler);

describe('a turn of the caller', () => {
  it('is told, committed, added and answered', () => {
    const stage = new Stage();
    stage.turn();
    expect(stage.types()).toEqual([
      'input_audio_buffer.speech_started',
      'input_audio_buffer.speech_stopped',
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
      'response.created',
    ]);
    const started = stage.last('input_audio_buffer.speech_started');
    expect(started.audio_start_ms).toBe(100);
    expect(stage.last('input_audio_buffer.speech_stopped')).toMatchObject({
      audio_end_ms: 1000,
      item_id: started.item_id,
    });
    expect(stage.last('input_audio_buffer.committed')).toMatchObject({
      previous_item_id: null,
      item_id: started.item_id,
    });
    expect(stage.last('conversation.item.done').item).toEqual({
      id: started.item_id,
      object: 'realtime.item',
      status: 'completed',
      type: 'message',
      role: 'user',
      content: [{ type: 'input_audio', transcript: null }],
    });
  });

  it('holds the audio from the padding before the speech on', () => {
    const stage = new Stage();
    stage.hear(2000);
    stage.turn();
    stage.send({ type: 'conversation.item.retrieve', item_id: stage.last('input_audio_buffer.committed').item_id });
    const [content] = stage.last('conversation.item.retrieved').item.content;
    // The turn begins 300 ms before 2 400 ms, in the middle of a chunk of which nothing is lost, and ends at 3 000 ms.
    expect(Buffer.from(content.audio, 'base64').length / 8).toBe(1000);
  });

  it('is answered after the time for thinking, from the decision that it has ended', () => {
    const stage = new Stage();
    stage.turn();
    const created = stage.last('response.created');
    stage.settle();
    const first = stage.events.find(({ type }) => type === 'response.output_audio.delta')!;
    expect(first.atMs - created.atMs).toBe(400);
  });

  it('is not answered when create_response is off, and is when the client asks', () => {
    const stage = new Stage();
    stage.send({
      type: 'session.update',
      session: {
        type: 'realtime',
        audio: { input: { turn_detection: { type: 'server_vad', create_response: false } } },
      },
    });
    stage.turn();
    stage.settle();
    expect(stage.types()).not.toContain('response.created');
    stage.send({ type: 'response.create' });
    expect(stage.types()).toContain('response.created');
  });

  it('is noted with a stand-in transcript when transcription is on', () => {
    const stage = new Stage();
    stage.send({
      type: 'session.update',
      session: { type: 'realtime', audio: { input: { transcription: { model: 'gpt-transcribe' } } } },
    });
    stage.turn();
    expect(stage.last('conversation.item.input_audio_transcription.completed')).toMatchObject({
      item_id: stage.last('input_audio_buffer.committed').item_id,
      transcript: '(speech, 1.0 s)',
    });
  });
});

describe('an answer', () => {
  it('is paced on an absolute schedule at the speed it was given', () => {
    const stage = new Stage();
    stage.send({ type: 'response.create' });
    stage.settle();
    const deltas = stage.events.filter(({ type }) => type === 'response.output_audio.delta');
    const startMs = deltas[0]!.atMs;
    let bytes = 0;
    for (const { delta, atMs } of deltas) {
      expect(atMs - startMs).toBeCloseTo(bytes / 8 / 4);
      bytes += Buffer.byteLength(delta, 'base64');
    }
    expect(bytes).toBe(600 * 8);
  });

  it('spells its words beside the audio and whole at the end', () => {
    const stage = new Stage();
    stage.turn();
    stage.settle();
    const words = stage.events.filter(({ type }) => type === 'response.output_audio_transcript.delta');
    expect(words.map(({ delta }) => delta)).toEqual(['We', ' are', ' open', ' from', ' nine', ' to', ' five.']);
    expect(stage.last('response.output_audio_transcript.done').transcript).toBe('We are open from nine to five.');
    const { response } = stage.last('response.done');
    expect(response.status).toBe('completed');
    expect(response.status_details).toBe(null);
    expect(response.output[0].content).toEqual([
      { type: 'output_audio', transcript: 'We are open from nine to five.' },
    ]);
  });

  it('is followed by the next when the caller speaks again', () => {
    const stage = new Stage();
    const said = [1, 2, 3].map(() => {
      stage.turn();
      stage.settle();
      return stage.last('response.output_audio_transcript.done').transcript;
    });
    expect(said).toEqual([
      'We are open from nine to five.',
      'Anything else I can do?',
      'We are open from nine to five.',
    ]);
  });

  it('can be text alone', () => {
    const stage = new Stage();
    stage.send({ type: 'response.create', response: { output_modalities: ['text'] } });
    stage.settle();
    const types = stage.types();
    expect(types).toContain('response.output_text.done');
    expect(types).not.toContain('response.output_audio.delta');
    expect(stage.last('response.done').response.output[0].content).toEqual([
      { type: 'output_text', text: 'Hello there.' },
    ]);
  });

  it('can be out of band, beside another, and leaves no item', () => {
    const stage = new Stage();
    stage.send({ type: 'response.create' });
    stage.send({ type: 'response.create', response: { conversation: 'none', metadata: { topic: 'side' } } });
    stage.settle();
    const done = stage.events.filter(({ type }) => type === 'response.done');
    const seen = done.map(({ response }) => [response.conversation_id === null, response.metadata]);
    expect(seen).toHaveLength(2);
    expect(seen).toContainEqual([false, null]);
    expect(seen).toContainEqual([true, { topic: 'side' }]);
    expect(
      stage.events.filter(({ type, item }) => type === 'conversation.item.done' && item.role === 'assistant').length,
    ).toBe(1);
  });

  it('ends incomplete where the output tokens end', () => {
    const stage = new Stage();
    stage.send({ type: 'response.create', response: { max_output_tokens: 4 } });
    stage.settle();
    expect(stage.last('response.done').response).toMatchObject({
      status: 'incomplete',
      status_details: { type: 'incomplete', reason: 'max_output_tokens' },
    });
    const bytes = stage.events
      .filter(({ type }) => type === 'response.output_audio.delta')
      .reduce((sum, { delta }) => sum + Buffer.byteLength(delta, 'base64'), 0);
    expect(bytes).toBe(200 * 8);
  });
});

describe('an interruption', () => {
  it('cancels the answer under way and stops the audio', () => {
    const stage = new Stage();
    stage.turn();
    stage.clock.advance(400 + 150);
    stage.fresh();
    stage.hear(400, 'speech-started');
    expect(stage.types()).toEqual([
      'input_audio_buffer.speech_started',
      'response.output_audio.done',
      'response.output_audio_transcript.done',
      'response.content_part.done',
      'conversation.item.done',
      'response.output_item.done',
      'response.done',
      'rate_limits.updated',
    ]);
    const { response } = stage.last('response.done');
    expect(response.status).toBe('cancelled');
    expect(response.status_details).toEqual({ type: 'cancelled', reason: 'turn_detected' });
    expect(response.output[0].status).toBe('incomplete');
    const words = stage.events
      .filter(({ type }) => type === 'response.output_audio_transcript.delta')
      .map(({ delta }) => delta);
    expect(response.output[0].content[0].transcript).toBe(words.join(''));
    stage.settle();
    expect(stage.types()).toEqual([]);
  });

  it('of an answer not yet begun leaves no output, and the answer is given later', () => {
    const stage = new Stage();
    stage.turn();
    stage.clock.advance(100);
    stage.hear(400, 'speech-started');
    expect(stage.last('response.done').response).toMatchObject({ status: 'cancelled', output: [] });
    stage.hear(400, 'speech-stopped');
    stage.settle();
    expect(stage.last('response.output_audio_transcript.done').transcript).toBe('We are open from nine to five.');
  });

  it('is answered with the line meant for it', () => {
    const stage = new Stage();
    stage.turn();
    stage.clock.advance(400 + 150);
    stage.turn();
    stage.settle();
    expect(stage.last('response.output_audio_transcript.done').transcript).toBe('Sure, go ahead.');
  });

  it('does nothing to an answer that is done, until a truncation tells of it', () => {
    const stage = new Stage();
    stage.turn();
    stage.settle();
    stage.fresh();
    stage.hear(400, 'speech-started');
    expect(stage.types()).toEqual(['input_audio_buffer.speech_started']);
    const { item_id } = stage.last('response.output_audio.done');
    stage.send({ type: 'conversation.item.truncate', item_id, content_index: 0, audio_end_ms: 300 });
    stage.hear(400, 'speech-stopped');
    stage.settle();
    expect(stage.last('response.output_audio_transcript.done').transcript).toBe('Sure, go ahead.');
  });

  it('leaves the answer alone when interrupt_response is off', () => {
    const stage = new Stage();
    stage.send({
      type: 'session.update',
      session: {
        type: 'realtime',
        audio: { input: { turn_detection: { type: 'server_vad', interrupt_response: false } } },
      },
    });
    stage.turn();
    stage.clock.advance(450);
    stage.turn();
    expect(stage.last('error').error).toMatchObject({
      code: 'conversation_already_has_active_response',
      event_id: null,
    });
    stage.settle();
    expect(stage.last('response.done').response.status).toBe('completed');
  });

  it('by the client cancels with its reason, once', () => {
    const stage = new Stage();
    stage.send({ type: 'response.create' });
    stage.clock.advance(450);
    stage.send({ type: 'response.cancel', event_id: 'vb_9' });
    expect(stage.last('response.done').response.status_details).toEqual({
      type: 'cancelled',
      reason: 'client_cancelled',
    });
    stage.send({ type: 'response.cancel', event_id: 'vb_10' });
    expect(stage.last('error').error).toEqual({
      type: 'invalid_request_error',
      code: 'response_cancel_not_active',
      message: 'Cancellation failed: no active response found',
      param: null,
      event_id: 'vb_10',
    });
  });
});

describe('a truncation', () => {
  function answered(): { stage: Stage; itemId: string } {
    const stage = new Stage();
    stage.turn();
    stage.settle();
    return { stage, itemId: stage.last('response.output_audio.done').item_id };
  }
  const truncate = (item_id: string, audio_end_ms: number, content_index = 0) => ({
    type: 'conversation.item.truncate',
    event_id: 'vb_t',
    item_id,
    content_index,
    audio_end_ms,
  });

  it('cuts the audio and removes the transcript', () => {
    const { stage, itemId } = answered();
    stage.send(truncate(itemId, 700));
    expect(stage.last('conversation.item.truncated')).toMatchObject({
      item_id: itemId,
      content_index: 0,
      audio_end_ms: 700,
    });
    stage.send({ type: 'conversation.item.retrieve', item_id: itemId });
    const [content] = stage.last('conversation.item.retrieved').item.content;
    expect(Buffer.from(content.audio, 'base64').length).toBe(700 * 8);
    expect(content.transcript).toBe(null);
    expect(stage.trace.findLast(({ type }) => type === 'truncate')).toEqual({
      type: 'truncate',
      itemId,
      audioEndMs: 700,
      atMs: stage.clock.now(),
    });
  });

  it('up to exactly its end, or to nothing, is allowed', () => {
    const { stage, itemId } = answered();
    for (const endMs of [1200, 0, 0]) stage.send(truncate(itemId, endMs));
    expect(stage.events.filter(({ type }) => type === 'conversation.item.truncated').length).toBe(3);
  });

  it('beyond the audio is refused, also the audio that an earlier one has cut', () => {
    const { stage, itemId } = answered();
    stage.send(truncate(itemId, 2000));
    expect(stage.last('error').error).toMatchObject({
      message: 'Audio content of 1200ms is already shorter than 2000ms',
      event_id: 'vb_t',
    });
    stage.send(truncate(itemId, 500));
    stage.send(truncate(itemId, 501));
    expect(stage.last('error').error.message).toBe('Audio content of 500ms is already shorter than 501ms');
    expect(stage.trace.findLast(({ type }) => type === 'truncate')).toMatchObject({
      refused: 'Audio content of 500ms is already shorter than 501ms',
    });
  });

  it('counts only the audio that has been sent', () => {
    const stage = new Stage();
    stage.turn();
    stage.clock.advance(401);
    const { item_id, delta } = stage.last('response.output_audio.delta');
    const sentMs = Math.floor(Buffer.byteLength(delta, 'base64') / 8);
    stage.hear(20, 'speech-started');
    stage.send(truncate(item_id, 1000));
    expect(stage.last('error').error.message).toBe(`Audio content of ${sentMs}ms is already shorter than 1000ms`);
  });

  it.each([
    ['an unknown item', () => 'item_nowhere', 'item_truncate_invalid_item_id'],
    ["the caller's item", (stage: Stage) => stage.last('input_audio_buffer.committed').item_id, null],
  ])('of %s is refused', (_, itemOf, code) => {
    const { stage } = answered();
    stage.send(truncate(itemOf(stage), 100));
    expect(stage.last('error').error.code).toBe(code);
  });

  it('of another content part is refused', () => {
    const { stage, itemId } = answered();
    stage.send(truncate(itemId, 100, 1));
    expect(stage.last('error').error.param).toBe('content_index');
  });
});

describe('the conversation', () => {
  const say = (text: string, more: object = {}) => ({
    type: 'conversation.item.create',
    ...more,
    item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
  });

  it('knows what precedes an item, also after a deletion', () => {
    const stage = new Stage();
    const ids = ['one', 'two', 'three'].map((text) => {
      stage.send(say(text));
      return stage.last('conversation.item.added').item.id;
    });
    expect(stage.last('conversation.item.added').previous_item_id).toBe(ids[1]);
    stage.send({ type: 'conversation.item.delete', item_id: ids[2] });
    expect(stage.last('conversation.item.deleted').item_id).toBe(ids[2]);
    stage.send(say('four'));
    expect(stage.last('conversation.item.added').previous_item_id).toBe(ids[1]);
    stage.send(say('zero', { previous_item_id: 'root' }));
    expect(stage.last('conversation.item.added').previous_item_id).toBe(null);
    stage.send(say('between', { previous_item_id: ids[0] }));
    expect(stage.last('conversation.item.added').previous_item_id).toBe(ids[0]);
  });

  it('refuses what it does not know', () => {
    const stage = new Stage();
    const codeOf = (event: object): string => {
      stage.send(event);
      return stage.last('error').error.code;
    };
    expect(codeOf({ type: 'conversation.item.delete', item_id: 'x' })).toBe('item_delete_invalid_item_id');
    expect(codeOf({ type: 'conversation.item.retrieve', item_id: 'x' })).toBe('item_retrieve_invalid_item_id');
    expect(codeOf(say('a', { previous_item_id: 'x' }))).toBe('item_create_invalid_previous_item_id');
    const output = { type: 'function_call_output', call_id: 'call_x', output: '{}' };
    expect(codeOf({ type: 'conversation.item.create', item: output })).toBe('invalid_tool_call_id');
  });

  it('takes an id of the client once', () => {
    const stage = new Stage();
    const event = {
      type: 'conversation.item.create',
      item: { id: 'mine', type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' },
    };
    stage.send(event);
    expect(stage.last('conversation.item.done').item.id).toBe('mine');
    stage.send(event);
    expect(stage.last('error').error.code).toBe('item_create_duplicate_item_id');
    stage.send({
      type: 'conversation.item.create',
      item: { type: 'function_call_output', call_id: 'call_1', output: '{}' },
    });
    expect(stage.last('conversation.item.done').item.type).toBe('function_call_output');
  });

  it('that a client has filled is no longer greeted', () => {
    const stage = new Stage();
    stage.send(say('Hello'));
    stage.send({ type: 'response.create' });
    stage.settle();
    expect(stage.last('response.output_audio_transcript.done').transcript).toBe('We are open from nine to five.');
  });

  it('has one response at a time', () => {
    const stage = new Stage();
    stage.send({ type: 'response.create' });
    const { id } = stage.last('response.created').response;
    stage.send({ type: 'response.create', event_id: 'vb_2' });
    expect(stage.last('error').error).toEqual({
      type: 'invalid_request_error',
      code: 'conversation_already_has_active_response',
      message: `Conversation already has an active response in progress: ${id}. Wait until the response is finished before creating a new one.`,
      param: null,
      event_id: 'vb_2',
    });
  });
});

describe('without turn detection', () => {
  function manual(): Stage {
    const stage = new Stage();
    stage.send({ type: 'session.update', session: { type: 'realtime', audio: { input: { turn_detection: null } } } });
    stage.fresh();
    return stage;
  }

  it('the client commits and asks', () => {
    const stage = manual();
    stage.hear(150, 'speech-started');
    stage.send({ type: 'input_audio_buffer.commit' });
    expect(stage.types()).toEqual([
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
    ]);
    stage.send({ type: 'response.create' });
    stage.settle();
    expect(stage.last('response.output_audio_transcript.done').transcript).toBe('We are open from nine to five.');
  });

  it('less than 100 ms cannot be committed', () => {
    const stage = manual();
    stage.hear(99);
    stage.send({ type: 'input_audio_buffer.commit' });
    expect(stage.last('error').error).toMatchObject({
      code: 'input_audio_buffer_commit_empty',
      message:
        'Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has 99.00ms of audio.',
    });
    stage.hear(1);
    stage.send({ type: 'input_audio_buffer.clear' });
    stage.send({ type: 'input_audio_buffer.commit' });
    expect(stage.last('error').error.message).toContain('0.00ms');
  });
});

describe('session.update', () => {
  const update = (session: object) => ({ type: 'session.update', session: { type: 'realtime', ...session } });

  it('changes what it names and keeps the rest', () => {
    const stage = new Stage();
    stage.send(update({ audio: { input: { turn_detection: { type: 'server_vad', threshold: 0.7 } } } }));
    stage.send(update({ instructions: 'Be brief.', audio: { output: { speed: 1.1 } } }));
    const { session } = stage.last('session.updated');
    expect(session.instructions).toBe('Be brief.');
    expect(session.audio.input.turn_detection).toEqual({
      type: 'server_vad',
      threshold: 0.7,
      prefix_padding_ms: 300,
      silence_duration_ms: 500,
      idle_timeout_ms: null,
      create_response: true,
      interrupt_response: true,
    });
    expect(session.audio.output).toEqual({ format: { type: 'audio/pcmu' }, voice: 'alloy', speed: 1.1 });
  });

  it('locks the voice after the first sound, and drops such an update whole', () => {
    const stage = new Stage();
    stage.send(update({ audio: { output: { voice: 'marin' } } }));
    expect(stage.last('session.updated').session.audio.output.voice).toBe('marin');
    stage.send({ type: 'response.create' });
    stage.settle();
    stage.fresh();
    stage.send(update({ instructions: 'New.', audio: { output: { voice: 'cedar' } } }));
    expect(stage.types()).toEqual(['error']);
    expect(stage.last('error').error).toMatchObject({
      code: 'cannot_update_voice',
      message: "Cannot update a conversation's voice if assistant audio is present.",
    });
    stage.send(update({ audio: { output: { voice: 'marin' } } }));
    expect(stage.last('session.updated').session.instructions).not.toBe('New.');
  });

  it('in the middle of a turn does not lose it, unless it changes how turns are found', () => {
    const stage = new Stage();
    stage.hear(400, 'speech-started');
    stage.send(update({ instructions: 'Be brief.' }));
    stage.hear(400, 'speech-stopped');
    expect(stage.types()).toContain('input_audio_buffer.committed');
    stage.settle();
    stage.hear(400, 'speech-started');
    stage.send(update({ audio: { input: { turn_detection: { type: 'semantic_vad' } } } }));
    stage.hear(400, 'speech-stopped');
    expect(stage.types()).not.toContain('input_audio_buffer.committed');
  });

  it('answers every format with audio in it', () => {
    for (const [format, bytes] of [
      [{ type: 'audio/pcmu' }, 4800],
      [{ type: 'audio/pcma' }, 4800],
      [{ type: 'audio/pcm', rate: 24_000 }, 28_800],
    ] as const) {
      const stage = new Stage();
      stage.send(update({ audio: { output: { format } } }));
      stage.send({ type: 'response.create' });
      stage.settle();
      const sent = stage.events
        .filter(({ type }) => type === 'response.output_audio.delta')
        .reduce((sum, { delta }) => sum + Buffer.byteLength(delta, 'base64'), 0);
      expect(sent).toBe(bytes);
    }
  });
});

describe('idle_timeout_ms', () => {
  it('asks again when the caller says nothing after the answer has played', () => {
    const stage = new Stage();
    stage.send({
      type: 'session.update',
      session: {
        type: 'realtime',
        audio: { input: { turn_detection: { type: 'server_vad', idle_timeout_ms: 5000 } } },
      },
    });
    stage.send({ type: 'response.create' });
    stage.clock.advance(1000);
    expect(stage.types()).toContain('response.done');
    stage.clock.advance(4500);
    expect(stage.types()).toEqual([]);
    stage.clock.advance(1000);
    expect(stage.types()).toEqual([
      'input_audio_buffer.timeout_triggered',
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
      'response.created',
    ]);
  });

  it('is forgotten when the caller speaks', () => {
    const stage = new Stage();
    stage.send({
      type: 'session.update',
      session: {
        type: 'realtime',
        audio: { input: { turn_detection: { type: 'server_vad', idle_timeout_ms: 5000 } } },
      },
    });
    stage.send({ type: 'response.create' });
    stage.clock.advance(2000);
    stage.hear(400, 'speech-started');
    stage.fresh();
    stage.settle();
    expect(stage.types()).toEqual([]);
  });
});

describe('faults', () => {
  it('stall the answer they are meant for after so much audio', () => {
    const gaps = (faults: ModelFaults): number => {
      const stage = new Stage(faults);
      stage.turn();
      stage.settle();
      const times = stage.events.filter(({ type }) => type === 'response.output_audio.delta').map(({ atMs }) => atMs);
      return Math.max(...times.map((at, index) => at - (times[index - 1] ?? at)));
    };
    expect(gaps({ stall: { afterAudioMs: 100, forMs: 1500 } })).toBeGreaterThanOrEqual(1500);
    expect(gaps({ stall: { response: 2, afterAudioMs: 100, forMs: 1500 } })).toBeLessThan(200);
  });

  it('stall on request what is under way', () => {
    const stage = new Stage();
    stage.turn();
    stage.clock.advance(401);
    stage.fresh();
    stage.session.stall(1000);
    stage.clock.advance(1000);
    expect(stage.types()).toEqual([]);
    stage.settle();
    expect(stage.last('response.done').response.status).toBe('completed');
  });

  it('drop the connection in the middle of an answer', () => {
    const stage = new Stage({ drop: { afterAudioMs: 100, code: 1011 } });
    stage.turn();
    stage.settle();
    expect(stage.drops).toEqual([1011]);
    expect(stage.events.filter(({ type }) => type === 'response.done')).toEqual([]);
  });

  it('send audio for a while after a cancellation', () => {
    const stage = new Stage({ lateDeltasMs: 120 });
    stage.turn();
    stage.clock.advance(410);
    stage.hear(20, 'speech-started');
    stage.fresh();
    stage.settle();
    const types = stage.types();
    expect(types[0]).toBe('response.output_audio.delta');
    expect(types).toContain('response.done');
    expect(stage.last('response.done').response.status).toBe('cancelled');
  });

  it('say speech_started twice', () => {
    const stage = new Stage({ speechStartedTwice: true });
    stage.hear(400, 'speech-started');
    expect(stage.fresh().map(({ type, item_id }) => [type, item_id])).toEqual([
      ['input_audio_buffer.speech_started', expect.any(String)],
      ['input_audio_buffer.speech_started', expect.any(String)],
    ]);
  });

  it('fail a response', () => {
    const stage = new Stage({ fail: { response: 1 } });
    stage.turn();
    stage.settle();
    expect(stage.last('response.done').response).toMatchObject({
      status: 'failed',
      status_details: { type: 'failed', error: { code: 'server_error' } },
      output: [],
    });
    stage.turn();
    stage.settle();
    expect(stage.last('response.done').response.status).toBe('completed');
  });

  it('say nothing at all, until cancelled', () => {
    const stage = new Stage({ silent: 'responses' });
    stage.turn();
    stage.settle();
    expect(stage.types()).not.toContain('response.output_audio.delta');
    stage.send({ type: 'response.cancel' });
    expect(stage.last('response.done').response.status).toBe('cancelled');
  });
});

it('traces what the bench needs, each with the time it happened', () => {
  const stage = new Stage();
  stage.turn();
  stage.settle();
  const types = stage.trace.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1]);
  expect(types).toEqual([
    'session',
    'configured',
    'session-updated',
    'append',
    'speech-started',
    'append',
    'speech-stopped',
    'response-created',
    'item-started',
    'delta',
    'item-done',
    'response-done',
  ]);
  expect(stage.trace.filter(({ type }) => type === 'append')).toMatchObject([{ offsetMs: 0 }, { offsetMs: 400 }]);
  const traced = stage.trace.filter(({ type }) => type === 'delta');
  const sent = stage.events.filter(({ type }) => type === 'response.output_audio.delta');
  expect(traced).toEqual(
    sent.map(({ item_id, response_id, delta, atMs }) => ({
      type: 'delta',
      itemId: item_id,
      responseId: response_id,
      contentIndex: 0,
      audio: delta,
      atMs,
    })),
  );
});

it('answers JSON nested deeper than the stack with an error and goes on', () => {
  const stage = new Stage();
  const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
  stage.session.receive(
    `{"type":"session.update","event_id":"vb_d","session":{"type":"realtime","tools":[{"type":"function","name":"x","parameters":${deep}}]}}`,
  );
  const { error } = stage.last('error') ?? { error: undefined };
  expect(error).toMatchObject({ type: 'server_error', event_id: 'vb_d' });
  stage.turn();
  expect(stage.types()).toContain('response.created');
});
