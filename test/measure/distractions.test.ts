import { describe, expect, it } from 'vitest';
import { findDistractions } from '../../src/measure/distractions.js';
import type { CallerSound } from '../../src/simulator/phone/events.js';

const cough = (startSentMs: number): CallerSound => ({
  kind: 'cough',
  step: 2,
  startMs: startSentMs - 15,
  startSentMs,
  endMs: startSentMs + 500,
  endSentMs: startSentMs + 515,
});
const said = (onsetMs: number, endMs: number) => ({ onsetMs, endMs, spans: [{ startMs: onsetMs, endMs }] });

describe('a cough over the agent', () => {
  it('was none to stop for: the agent went on', () => {
    expect(findDistractions([cough(3000)], [said(1000, 6000)], [])).toEqual([
      { kind: 'cough', step: 2, startMs: 3000, intoMs: 2000, outcome: 'went-on' },
    ]);
  });

  it('stopped it, by a clear', () => {
    const clears = [{ atMs: 3100, droppedBytes: 800 }];
    expect(findDistractions([cough(3000)], [said(1000, 3100), said(4200, 5000)], clears)).toEqual([
      { kind: 'cough', step: 2, startMs: 3000, intoMs: 2000, outcome: 'stopped', stopMs: 100 },
    ]);
  });

  it('may have come shortly before its own end', () => {
    const emptyClear = [{ atMs: 3100, droppedBytes: 0 }];
    expect(findDistractions([cough(3000)], [said(1000, 3400)], emptyClear)).toMatchObject([
      { outcome: 'finished', stopMs: 400 },
    ]);
  });

  it('stopped it without a clear, as only the model can tell', () => {
    const over = [said(1000, 3100), said(4200, 5000)];
    expect(findDistractions([cough(3000)], over, [], () => false)).toMatchObject([
      { outcome: 'stopped', silently: true, stopMs: 100 },
    ]);
    expect(findDistractions([cough(3000)], over, [], () => true)).toMatchObject([{ outcome: 'finished' }]);
  });

  it('is not there when the agent is silent', () => {
    expect(findDistractions([cough(3000)], [said(1000, 2000), said(4000, 5000)], [])).toEqual([]);
  });
});
