import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type SaidEvent, Transcript } from '../../src/call/transcript.js';

let told: SaidEvent[];
let transcript: Transcript;

beforeEach(() => {
  told = [];
  transcript = new Transcript((line) => told.push(line));
});

const NOBODY = (): undefined => undefined;
const texts = (): string[] => told.map(({ text }) => text);

/** The model makes a whole line at once, as fast as it can. */
function line(itemId: string, text: string, ms: number, atMs: number): void {
  transcript.agentText(itemId, text, atMs);
  transcript.agentAudio(itemId, ms, atMs);
  transcript.itemDone(itemId, true);
}

describe('what was said', () => {
  it('tells a line of the agent when it has been played, with its place', () => {
    line('i1', 'Good morning.', 1200, 400);
    expect(told).toEqual([]);
    transcript.played('i1', 1630);
    expect(told).toEqual([
      {
        ...{ type: 'agent-said', itemId: 'i1', text: 'Good morning.' },
        ...{ startMs: 400, endMs: 1630, interrupted: false, estimated: false },
      },
    ]);
  });

  it('begins a line where the one before it ends, not where its audio came', () => {
    line('i1', 'One moment.', 1000, 0);
    line('i2', 'Here it is.', 1000, 50);
    transcript.played('i1', 1010);
    transcript.played('i2', 2010);
    expect(told.map((event) => [event.itemId, event.startMs])).toEqual([
      ['i1', 0],
      ['i2', 1000],
    ]);
  });

  it('cuts an interrupted line to what was heard, and says what was not', () => {
    line('i1', 'Good morning, this is Ann.', 2080, 100);
    transcript.heard('i1', 1000, 2080, 1140);
    expect(told).toEqual([
      {
        ...{ type: 'agent-said', itemId: 'i1', text: 'Good morning,', unheard: 'this is Ann.' },
        ...{ startMs: 100, endMs: 1100, interrupted: true, estimated: true },
      },
    ]);
  });

  it('tells no line of which nothing was heard', () => {
    line('i1', 'Good morning.', 1200, 0);
    line('i2', 'How can I help?', 1200, 0);
    transcript.heard('i1', 1190, 1200, 1190);
    transcript.heard('i2', 0, 1200, 1190);
    expect(texts()).toEqual(['Good morning.']);
  });

  it('begins the next line after an interruption when it comes, not where the lost audio would have ended', () => {
    line('i1', 'A long story.', 9000, 0);
    transcript.heard('i1', 1000, 9000, 1050);
    line('i2', 'Yes?', 500, 2000);
    transcript.played('i2', 2500);
    expect(told.at(-1)?.startMs).toBe(2000);
  });

  it('places an answer that was sent before the carrier had said what was heard of the one before', () => {
    line('i1', 'Once there was a king who had a very long story to tell to everybody.', 5000, 0);
    line('i2', 'With an end.', 3000, 10);
    // Cleared at 1000; the carrier answers at 1300.
    line('i3', 'Yes?', 500, 1200);
    transcript.heard('i1', 1000, 5000, 1300);
    transcript.heard('i2', 0, 3000, 1300);
    line('i4', 'Go on.', 500, 1350);
    transcript.played('i3', 1800);
    transcript.played('i4', 2300);
    expect(told.map((event) => [event.itemId, event.startMs])).toEqual([
      ['i1', 0],
      ['i3', 1200],
      ['i4', 1700],
    ]);
  });

  it('says on request what was heard of a line that is over', () => {
    line('i1', 'Good morning, this is Ann.', 2080, 0);
    expect(transcript.heardOf('i1')).toBeUndefined();
    transcript.heard('i1', 1000, 2080, 1000);
    expect([transcript.heardOf('i1'), transcript.heardOf('i2')]).toEqual(['Good morning,', undefined]);
  });

  it('puts a line off for as long as what it waits behind was stopped', () => {
    line('i1', 'A long story.', 3000, 0);
    transcript.postponed(700);
    line('i2', 'The end.', 500, 100);
    transcript.played('i1', 3700);
    transcript.played('i2', 4200);
    expect(told.at(-1)?.startMs).toBe(3700);
  });

  it('mends the estimate when text arrives after the interruption', () => {
    transcript.agentAudio('i1', 2080, 0);
    transcript.heard('i1', 1000, 2080, 1000);
    expect(told).toEqual([]);
    transcript.agentText('i1', 'Good morning, this', 1010);
    transcript.agentText('i1', ' is Ann.', 1020);
    expect(told).toEqual([]);
    transcript.itemDone('i1', true);
    expect(told).toMatchObject([{ itemId: 'i1', text: 'Good morning,', unheard: 'this is Ann.', interrupted: true }]);
  });

  it('tells an interrupted line at once, and again under the same itemId when the rest of its text has come', () => {
    transcript.agentText('i1', 'Good morning, ', 0);
    transcript.agentAudio('i1', 800, 0);
    transcript.heard('i1', 800, 800, 800);
    transcript.agentText('i1', 'this is Ann, and I am here to help.', 810);
    transcript.audioDropped('i1', 2200);
    transcript.itemDone('i1', true);
    expect(told).toMatchObject([
      { itemId: 'i1', text: 'Good morning,' },
      { itemId: 'i1', text: 'Good morning,', unheard: 'this is Ann, and I am here to help.' },
    ]);
  });

  it('tells a line whose text comes only after it was played', () => {
    transcript.agentAudio('i1', 900, 0);
    transcript.played('i1', 900);
    expect(told).toEqual([]);
    transcript.agentText('i1', 'Good morning.', 950);
    transcript.itemDone('i1', true);
    expect(texts()).toEqual(['Good morning.']);
  });

  it('does not take the text of a cancelled answer for the text of the audio that came of it', () => {
    const text = 'You will find us at number twelve, just behind the railway station.';
    transcript.agentText('i1', text, 0);
    transcript.agentAudio('i1', 600, 0);
    transcript.heard('i1', 600, 600, 600);
    transcript.itemDone('i1', false);
    expect(told.at(-1)).toMatchObject({ text: 'You will' });
  });

  it('learns the pace of the voice from the lines it has played', () => {
    const slow = new Transcript(() => {});
    slow.agentText('i0', 'This is a very slow voice that takes its time.', 0);
    slow.agentAudio('i0', 9000, 0);
    slow.itemDone('i0', true);
    slow.played('i0', 9000);
    for (const one of [slow, transcript]) {
      one.agentText('i1', 'You will find us at number twelve, just behind the railway station.', 9000);
      one.agentAudio('i1', 1500, 9000);
    }
    const heard = (): number => 1500;
    const words = (one: Transcript): number => one.history(heard).at(-1)!.text.split(' ').length;
    expect(words(slow)).toBeLessThan(words(transcript));
  });

  it('settles an item once, whatever is heard of it later', () => {
    line('i1', 'Good morning, this is Ann.', 2080, 0);
    transcript.heard('i1', 1000, 2080, 1000);
    transcript.played('i1', 2080);
    transcript.heard('i1', 2000, 2080, 2080);
    expect(texts()).toEqual(['Good morning,']);
  });

  it('tells what the caller said, each time more of it is known, with the times of the speech', () => {
    transcript.speechStarted('c1', 3000);
    transcript.callerText('c1', ' what does', false, 3300);
    transcript.speechStopped('c1', 4200);
    transcript.callerText('c1', 'What does it cost? ', true, 4500);
    transcript.callerText('c1', 'What does it cost?', true, 4500);
    expect(told).toEqual([
      { type: 'caller-said', itemId: 'c1', text: 'what does', final: false, startMs: 3000 },
      { type: 'caller-said', itemId: 'c1', text: 'What does it cost?', final: true, startMs: 3000, endMs: 4200 },
    ]);
  });

  it('tells nothing of a sound in which no word was found', () => {
    transcript.speechStarted('c1', 3000);
    transcript.speechStopped('c1', 3100);
    transcript.callerText('c1', '', true, 3300);
    expect(told).toEqual([]);
  });

  it('knows a recorded line like one of the model', () => {
    transcript.local('greeting', 'Welcome to Green Street.', 2000, 20);
    transcript.heard('greeting', 1000, 2000, 1030);
    expect(told).toMatchObject([{ itemId: 'greeting', text: 'Welcome to', unheard: 'Green Street.' }]);
  });

  it('tells at the end what was still playing', () => {
    line('i1', 'Good morning, this is Ann.', 2080, 0);
    transcript.end(() => 1000, 1000);
    expect(told).toMatchObject([{ text: 'Good morning,', interrupted: true }]);
  });
});

describe('the memory for a new session', () => {
  it('holds both sides in the order in which they spoke, the agent as far as it was heard', () => {
    line('i1', 'Good morning, this is Ann.', 2080, 100);
    transcript.speechStarted('c1', 1100);
    transcript.heard('i1', 1000, 2080, 1120);
    transcript.speechStopped('c1', 2000);
    line('i2', 'It costs eleven pounds a pair.', 2000, 2400);
    // A transcript comes when the answer is already playing.
    transcript.callerText('c1', 'What does it cost?', true, 2600);
    transcript.note({ role: 'caller', text: 'The caller pressed 1 on the keypad.' }, 3000);
    expect(transcript.history((itemId) => (itemId === 'i2' ? 1000 : undefined))).toEqual([
      { role: 'agent', text: 'Good morning,' },
      { role: 'caller', text: 'What does it cost?' },
      { role: 'agent', text: 'It costs' },
      { role: 'caller', text: 'The caller pressed 1 on the keypad.' },
    ]);
  });

  it('leaves out what waits to be played', () => {
    line('i1', 'Good morning.', 1000, 0);
    line('i2', 'How can I help?', 1000, 0);
    transcript.played('i1', 1000);
    expect(transcript.history(NOBODY)).toEqual([{ role: 'agent', text: 'Good morning.' }]);
  });

  it('counts it as heard where nobody says how much was, and not what was never sent', () => {
    line('i1', 'Good morning.', 1000, 0);
    transcript.agentText('i2', 'How can I help?', 0);
    transcript.audioDropped('i2', 1000);
    expect(transcript.history()).toEqual([{ role: 'agent', text: 'Good morning.' }]);
  });

  it('grows with what is heard, and never beyond what was written', () => {
    const words = fc.array(fc.constantFrom('Good', 'morning,', 'this', 'is', 'Ann.', '42'), { minLength: 1 });
    const places = fc.tuple(fc.nat(6000), fc.nat(6000)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 5000 }), places, fc.boolean(), (said, ms, [less, more], whole) => {
        const one = new Transcript(() => {});
        one.agentText('i1', said.join(' '), 0);
        one.agentAudio('i1', ms, 0);
        one.itemDone('i1', whole);
        const at = (heardMs: number): string => one.history(() => heardMs)[0]?.text ?? '';
        expect(at(more).startsWith(at(less))).toBe(true);
        expect(said.join(' ').startsWith(at(more))).toBe(true);
      }),
    );
  });

  it('forgets the oldest lines of a call that does not end', () => {
    for (let index = 0; index < 2_100; index++) transcript.note({ role: 'system', text: `${index}` }, index);
    expect(transcript.history(NOBODY).length).toBe(2_000);
    expect(transcript.history(NOBODY)[0]?.text).toBe('100');
  });
});
