import { describe, expect, it } from 'vitest';
import { encodeMulaw, MULAW_SILENCE } from '../../../src/audio/g711.js';
import { tone } from '../../../src/audio/tone.js';
import { Microphone } from '../../../src/simulator/phone/microphone.js';

const QUIET: Uint8Array = new Uint8Array(160).fill(MULAW_SILENCE);
const LOUD = encodeMulaw(tone({ hz: 400, ms: 20, dbov: -20 }));
const SPEECH: Uint8Array = new Uint8Array(160).fill(0x20);

/** A microphone that speaks without a pause, frame by frame, to an agent that is heard as given. */
function setUp(halfDuplex = false) {
  const played: Uint8Array[] = [];
  const state = { flushed: 0, starved: 0 };
  const microphone = new Microphone({
    halfDuplex,
    speaker: { play: (audio) => played.push(audio), flush: () => void state.flushed++ },
    onStarved: () => void state.starved++,
  });
  const spoken = new Uint8Array(160);
  const frame = (heard = QUIET, captured: Uint8Array | null = SPEECH): boolean => {
    if (captured) microphone.capture(captured);
    spoken.fill(MULAW_SILENCE);
    microphone.frame(heard, spoken);
    return spoken.every((byte) => byte === 0x20);
  };
  const frames = (count: number, heard = QUIET): boolean[] => Array.from({ length: count }, () => frame(heard));
  // The first frame opens the queue, the next two fill it.
  frames(3);
  return { microphone, played, state, frame, frames };
}

describe('the microphone', () => {
  it('speaks what it records, 40 ms later, and plays what is heard', () => {
    const { frame, played } = setUp();
    expect(frame(LOUD)).toBe(true);
    expect(played.at(-1)).toEqual(LOUD);
  });

  it('keeps to itself what was said before the call', () => {
    const { microphone, played } = setUp();
    expect({ gaps: microphone.gaps, droppedMs: microphone.droppedMs, frames: played.length }).toEqual({
      gaps: 0,
      droppedMs: 0,
      frames: 3,
    });
  });

  it('is silent while muted, and hears on', () => {
    const { microphone, frame, played } = setUp();
    microphone.toggleMute();
    expect(microphone.muted).toBe(true);
    expect(frame(LOUD)).toBe(false);
    expect(played.at(-1)).toEqual(LOUD);
    microphone.toggleMute();
    expect(frame()).toBe(true);
  });

  it('lets both speak at once, unless it is half-duplex', () => {
    expect(setUp(false).frames(5, LOUD)).toEqual(Array(5).fill(true));
    expect(setUp(true).frames(5, LOUD)).toEqual(Array(5).fill(false));
  });

  it('stays off in half-duplex until the agent has faded in the room, 300 ms later', () => {
    const { frames } = setUp(true);
    frames(1, LOUD);
    expect(frames(16)).toEqual([...Array(14).fill(false), true, true]);
  });

  it('switches half-duplex in the middle of a call', () => {
    const { microphone, frame } = setUp(true);
    microphone.toggleHalfDuplex();
    expect(frame(LOUD)).toBe(true);
    microphone.toggleHalfDuplex();
    expect(microphone.halfDuplex).toBe(true);
    expect(frame(LOUD)).toBe(false);
  });

  it('hands over each pressed key once', () => {
    const { microphone } = setUp();
    microphone.press('4');
    microphone.press('2');
    expect([microphone.digits(), microphone.digits()]).toEqual(['42', '']);
  });

  it('silences the speaker when the agent is cleared', () => {
    const { microphone, state } = setUp();
    microphone.cleared();
    expect(state.flushed).toBe(1);
  });

  it('counts a gap, and says once that nothing comes any more, after two seconds', () => {
    const { microphone, state, frame } = setUp();
    for (let i = 0; i < 98; i++) frame(QUIET, null);
    expect({ gaps: microphone.gaps, starved: state.starved }).toEqual({ gaps: 1, starved: 0 });
    for (let i = 0; i < 200; i++) frame(QUIET, null);
    expect(state.starved).toBe(1);
  });

  it('takes a microphone that gives silence for one that works', () => {
    const { state, frame } = setUp();
    for (let i = 0; i < 300; i++) frame(QUIET, QUIET);
    expect(state.starved).toBe(0);
  });
});
