import { describe, expect, it } from 'vitest';
import { levelOfMulaw } from '../../../src/audio/level.js';
import { programOf } from '../../../src/simulator/phone/program.js';
import type { Step } from '../../../src/simulator/phone/script.js';

const pause = (ms: number): Step => ({ type: 'pause', ms });
const asked = { type: 'speaks' } as const;

describe('a program', () => {
  it('leaves steps without branches as they are', () => {
    const steps: Step[] = [pause(1), { type: 'digits', digits: '12' }, { type: 'hangup' }];
    expect(programOf(steps, 100)).toEqual(steps);
  });

  it('turns branches into jumps, also inside each other', () => {
    const inner: Step = { type: 'if', that: asked, yes: [pause(2)], no: [] };
    const outer: Step = { type: 'if', that: asked, yes: [pause(1), inner], no: [pause(3)] };
    expect(programOf([outer, pause(4)], 100)).toEqual([
      { type: 'branch', that: asked, otherwise: 5 },
      pause(1),
      { type: 'branch', that: asked, otherwise: 4 },
      pause(2),
      { type: 'jump', to: 6 },
      pause(3),
      pause(4),
    ]);
  });

  it('knows which expectations a call cannot do without', () => {
    const expectation: Step = { type: 'expect', that: asked, line: 3 };
    const program = programOf([expectation, { type: 'if', that: asked, yes: [expectation], no: [] }], 100);
    expect(program.flatMap((each) => (each.type === 'expect' ? [each.certain] : []))).toEqual([true, false]);
  });

  it('presses keys one after the other, with their tones when they are to be heard', () => {
    const heard = programOf([{ type: 'digits', digits: '1#', tone: true, gapMs: 60 }], 90);
    expect(heard.map(({ type }) => type)).toEqual(['digits', 'say', 'pause', 'digits', 'say']);
    const tone = heard[1]?.type === 'say' ? heard[1].clip : undefined;
    expect(tone?.audio.length).toBe(720);
    expect(levelOfMulaw(tone!.audio)).toBeCloseTo(-10, 0);
    expect(tone?.speech).toEqual([]);
    expect(programOf([{ type: 'digits', digits: '12', gapMs: 60 }], 90)).toEqual([
      { type: 'digits', digits: '1' },
      pause(90),
      pause(60),
      { type: 'digits', digits: '2' },
      pause(90),
    ]);
  });
});
