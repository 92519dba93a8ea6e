import { describe, expect, it } from 'vitest';
import { firstState, onEvent, onTick, type ScreenState } from '../../../src/cli/screen/state.js';

const QUIET = { callerDbov: -127, agentDbov: -127 };
const started = (): ScreenState => onEvent(firstState('x'), { type: 'start', atMs: 0, streamSid: 'MZ', callSid: 'CA' });

describe('the state of the screen', () => {
  it('keeps the loudest level of each column, and the newest depth of the buffer', () => {
    let state = onTick(started(), 0, { ...QUIET, callerDbov: -20 }, 900);
    state = onTick(state, 100, { ...QUIET, callerDbov: -60 }, 800);
    expect(state.lanes).toEqual([
      { fromMs: 0, callerDbov: -20, agentDbov: -127, bufferedMs: 800, talkedOver: false, cleared: false },
    ]);
  });

  it('moves on by one column every 200 ms, also when pictures come late', () => {
    let state = onTick(started(), 0, QUIET, 0);
    for (const nowMs of [210, 260, 1150]) state = onTick(state, nowMs, QUIET, 0);
    expect(state.lanes.map(({ fromMs }) => fromMs)).toEqual([0, 200, 400, 600, 800, 1000]);
  });

  it('keeps 40 seconds, however long the call, and however long it was not looked at', () => {
    const state = onTick(onTick(started(), 0, QUIET, 0), 3_600_000, QUIET, 0);
    expect(state.lanes).toHaveLength(200);
    expect(state.lanes.at(-1)!.fromMs).toBe(3_600_000);
  });

  it('puts a clear into the column of its own time, not of the last picture', () => {
    let state = onTick(started(), 190, QUIET, 0);
    state = onEvent(state, { type: 'clear', atMs: 230, droppedBytes: 8 });
    state = onTick(state, 290, QUIET, 0);
    expect(state.lanes.map(({ cleared }) => cleared)).toEqual([false, true]);
  });

  it('takes a clear of nothing for no stop', () => {
    let state = onEvent(started(), { type: 'agent-starts', atMs: 100 });
    state = onEvent(state, { type: 'clear', atMs: 200, droppedBytes: 0 });
    expect(state.agentSpeaks).toBe(true);
    expect(onEvent(state, { type: 'clear', atMs: 300, droppedBytes: 1 }).agentSpeaks).toBe(false);
  });

  it('waits from the start, and from the end of what the caller says, until the agent speaks', () => {
    let state = started();
    expect(state.waitsSinceMs).toBe(0);
    state = onEvent(state, { type: 'agent-starts', atMs: 100 });
    expect(state).not.toHaveProperty('waitsSinceMs');
    state = onEvent(state, { type: 'caller-speech-start', atMs: 500, step: 0, interrupts: true });
    expect(state.interruptedAtMs).toBe(500);
    state = onEvent(state, { type: 'caller-speech-end', atMs: 900, step: 0 });
    state = onEvent(state, { type: 'agent-finishes', atMs: 1000 });
    expect(state).not.toHaveProperty('interruptedAtMs');
    expect(state.waitsSinceMs).toBe(900);
  });
});
