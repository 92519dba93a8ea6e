import { describe, expect, it } from 'vitest';
import { firstState, onEvent, onTick, renderFrame, type ScreenState } from '../../../src/cli/screen/frame.js';

const same = (text: string): string => text;
const plain = { bold: same, dim: same, red: same, green: same, cyan: same, inverse: same };
const marked = {
  ...plain,
  red: (text: string) => `<red>${text}</red>`,
  inverse: (text: string) => `<inverse>${text}</inverse>`,
};
const SILENCE = { callerDbov: Number.NEGATIVE_INFINITY, agentDbov: Number.NEGATIVE_INFINITY };

/** Started at 1000; the agent speaks for 2 s, then the caller over it, then the agent is cleared. */
function interruptedCall(): ScreenState {
  let state = onEvent(firstState('interrupt'), { type: 'start', atMs: 1000, streamSid: 'MZ', callSid: 'CA' });
  state = onEvent(state, { type: 'agent-starts', atMs: 1000 });
  for (let nowMs = 1000; nowMs < 3000; nowMs += 100) {
    state = onTick(state, nowMs, { ...SILENCE, agentDbov: -20 }, 3000);
  }
  state = onEvent(state, { type: 'mark', atMs: 2900, name: 'a', streamOffset: 1 });
  state = onEvent(state, { type: 'mark', atMs: 2900, name: 'b', streamOffset: 2 });
  state = onEvent(state, { type: 'mark-echo', atMs: 2950, name: 'a', cleared: false });
  state = onEvent(state, { type: 'caller-speech-start', atMs: 3000, step: 1, interrupts: true });
  for (let nowMs = 3000; nowMs <= 3400; nowMs += 100) {
    state = onTick(state, nowMs, { callerDbov: -30, agentDbov: -20 }, 2600);
  }
  state = onEvent(state, { type: 'clear', atMs: 3450, droppedBytes: 20_800 });
  return onTick(state, 3500, { callerDbov: -30, agentDbov: Number.NEGATIVE_INFINITY }, 0);
}

describe('the live picture', () => {
  it('shows both lanes, who speaks, buffer, marks and the clear', () => {
    expect(renderFrame(interruptedCall(), 80, plain)).toEqual([
      '',
      ' interrupt                                                               0:02.5',
      ' caller  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▅▅▅  speaks  ',
      ' agent   ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▇▇▇▇▇▇▇▇▇▇▇▇×  silent  ',
      ' buffer 0.0 s · marks 1 of 2 back · Ctrl-C hangs up  clear: 2.6 s dropped ',
    ]);
  });

  it('marks the clear in red where it happened, and flashes it for a while', () => {
    const [, , , agent, bottom] = renderFrame(interruptedCall(), 80, marked);
    expect(agent).toContain('▇<red>×</red>');
    expect(bottom).toContain('<inverse> clear: 2.6 s dropped </inverse>');
    const later = onTick(interruptedCall(), 5000, SILENCE, 0);
    expect(renderFrame(later, 80, marked)[4]).toBe(' buffer 0.0 s · marks 1 of 2 back · Ctrl-C hangs up');
  });

  it('has no time, no levels and no marks while connecting', () => {
    const state = onTick(firstState('caller'), 500, { callerDbov: -10, agentDbov: -10 }, 0);
    const [, title, caller, agent, bottom] = renderFrame(state, 80, plain);
    expect(title?.trim()).toBe('caller');
    expect(caller).toBe(` caller  ${'▁'.repeat(60)}  silent  `);
    expect(agent).toBe(` agent   ${'▁'.repeat(60)}  silent  `);
    expect(bottom).toBe(' connecting');
  });

  it.each([40, 41, 60, 80, 100, 200])('fits %d columns, whatever happens, with the same number of lines', (columns) => {
    const states = [
      firstState('x'),
      firstState('a title that is longer than most terminals '.repeat(5)),
      interruptedCall(),
    ];
    for (const state of states) {
      const lines = renderFrame(state, columns, plain);
      expect(lines).toHaveLength(5);
      for (const line of lines) expect([...line].length).toBeLessThan(columns);
    }
  });

  it('moves on by one column every 200 ms and keeps the loudest level of each', () => {
    let state = onEvent(firstState('x'), { type: 'start', atMs: 0, streamSid: 'MZ', callSid: 'CA' });
    state = onTick(state, 0, { ...SILENCE, callerDbov: -20 }, 0);
    state = onTick(state, 100, { ...SILENCE, callerDbov: -60 }, 0);
    expect(state.lanes).toEqual([{ fromMs: 0, callerDbov: -20, agentDbov: Number.NEGATIVE_INFINITY, cleared: false }]);
    state = onTick(state, 210, SILENCE, 0);
    expect(state.lanes.map(({ fromMs }) => fromMs)).toEqual([0, 200]);
  });

  it('says that it hangs up once asked to', () => {
    const state = onEvent(interruptedCall(), { type: 'stop', atMs: 4000 });
    expect(renderFrame(state, 80, plain)[4]).toContain('hanging up');
  });
});
