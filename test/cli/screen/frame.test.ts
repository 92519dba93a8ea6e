import { describe, expect, it } from 'vitest';
import { renderFrame } from '../../../src/cli/screen/frame.js';
import type { Paint } from '../../../src/cli/screen/lanes.js';
import { Narrator } from '../../../src/cli/screen/narrator.js';
import { firstState, onEvent, onLine, onTick, type ScreenState } from '../../../src/cli/screen/state.js';
import type { PhoneEvent } from '../../../src/simulator/phone/events.js';
import { lintFinding } from '../../../src/simulator/phone/lint.js';

const same = (text: string): string => text;
const plain: Paint = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same, inverse: same };
const tag = (name: string) => (text: string) => `<${name}>${text}</${name}>`;
const marked: Paint = { ...plain, red: tag('red'), yellow: tag('yellow'), inverse: tag('inverse') };
const SILENT = -127;
const LOUD = -18;
const START_MS = 1000;

/** A call played into the state as the view does it: a picture every 100 ms, events between them. */
class Film {
  state: ScreenState = firstState('caller');
  readonly #narrator = new Narrator();
  #nowMs = START_MS;

  event(event: PhoneEvent): this {
    this.state = onEvent(this.state, event);
    for (const line of this.#narrator.tell(event)) this.state = onLine(this.state, line);
    return this;
  }

  /** Until `untilMs` after the start. */
  runs(untilMs: number, levels: { caller?: number; agent?: number } = {}, bufferedMs = 0): this {
    for (; this.#nowMs < START_MS + untilMs; this.#nowMs += 100) {
      const dbov = { callerDbov: levels.caller ?? SILENT, agentDbov: levels.agent ?? SILENT };
      this.state = onTick(this.state, this.#nowMs, dbov, bufferedMs);
    }
    return this;
  }

  starts(): this {
    return this.event({ type: 'start', atMs: START_MS, streamSid: 'MZ', callSid: 'CA' });
  }

  agentStarts(atMs: number): this {
    return this.event({ type: 'agent-starts', atMs: START_MS + atMs });
  }

  agentFinishes(atMs: number): this {
    return this.event({ type: 'agent-finishes', atMs: START_MS + atMs });
  }

  callerStarts(atMs: number): this {
    return this.event({ type: 'caller-speech-start', atMs: START_MS + atMs, step: 0, interrupts: false });
  }

  callerEnds(atMs: number): this {
    return this.event({ type: 'caller-speech-end', atMs: START_MS + atMs, step: 0 });
  }
}

/** Greeted after 600 ms; asks; is answered after 800 ms and cuts in. */
function upToTheInterruption(): Film {
  return new Film()
    .starts()
    .runs(600)
    .agentStarts(600)
    .runs(2000, { agent: LOUD }, 900)
    .agentFinishes(2000)
    .runs(2600)
    .callerStarts(2600)
    .runs(4000, { caller: LOUD })
    .callerEnds(4000)
    .runs(4800)
    .agentStarts(4800)
    .runs(7000, { agent: LOUD }, 3600)
    .callerStarts(7000)
    .runs(7600, { caller: LOUD, agent: LOUD }, 3000);
}

const interrupted = (): Film =>
  upToTheInterruption()
    .event({ type: 'clear', atMs: START_MS + 7600, droppedBytes: 24_000 })
    .runs(8000, { caller: LOUD });

const wide = { columns: 80, rows: 24 };

describe('the live picture', () => {
  it('shows both voices, the waiting between them, the buffer, the clear and the time', () => {
    expect(renderFrame(interrupted().state, wide, plain)).toEqual([
      '',
      ' voicebridge · caller                                   Ctrl-C hangs up  0:07.9',
      ' caller                       ▁▁▁▁▁▁▁▁▁▁▁▁▁▇▇▇▇▇▇▇▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▇▇▇▇▇  speaks ',
      '                              greeting 600 ms     answer 800 ms 600 ms         ',
      ' agent                        ▁▁▁▇▇▇▇▇▇▇▁▁▁▁▁▁▁▁▁▁▁▁▁▁▇▇▇▇▇▇▇▇▇▇▇▇▇▇×▁  silent ',
      ' buffer                       ▁▁▁▃▃▃▃▃▃▃▁▁▁▁▁▁▁▁▁▁▁▁▁▁▆▆▆▆▆▆▆▆▆▆▆▆▆▆▁▁  0.0 s  ',
      '                              ╵0:00                    ╵0:05            ',
      ' greeting 600 ms · answers 800 ms · stops 600 ms · no findings',
    ]);
  });

  it('counts while the caller waits for an answer', () => {
    const film = new Film().starts().runs(500).callerStarts(500).runs(1500, { caller: LOUD }).callerEnds(1500);
    const [, , , latency] = renderFrame(film.runs(2400).state, wide, plain);
    expect(latency).toBe(`${' '.repeat(65)}·····  0.8 s  `);
    const answered = renderFrame(film.agentStarts(2380).runs(2500, { agent: LOUD }).state, wide, plain)[3];
    expect(answered).toBe(`${' '.repeat(57)}answer 880 ms         `);
  });

  it('flashes an interruption: red dots and a red agent until it stops, then how long it took', () => {
    const during = renderFrame(upToTheInterruption().state, wide, marked);
    expect(during[3]).toContain('<red>···</red>');
    expect(during[3]).toContain('<inverse><red>cuts in</red></inverse>');
    expect(during[4]).toContain('▇▇<red>▇▇▇</red>');
    const after = interrupted();
    expect(renderFrame(after.state, wide, marked)[3]).toContain('<inverse><red>600 ms</red></inverse>');
    expect(renderFrame(after.state, wide, marked)[4]).toContain('<red>▇▇▇×</red>');
    // A second and a half later it is calm again, and there is room for the word.
    const later = renderFrame(after.runs(9600).state, wide, marked)[3];
    expect(later).toContain('answer 800 ms  <red>stop 600 ms</red>  ');
    expect(later).not.toContain('inverse');
  });

  it('marks findings where they were made, and counts them', () => {
    const film = new Film().starts().runs(1000);
    const at = (atMs: number) => START_MS + atMs;
    film.event({ type: 'lint', atMs: at(1000), finding: lintFinding('message/not-json', at(1000)) });
    film.runs(2000).event({ type: 'lint', atMs: at(2000), finding: lintFinding('media/wav-header', at(2000)) });
    film.event({ type: 'lint', atMs: at(2010), finding: lintFinding('message/not-json', at(2010)) });
    const picture = renderFrame(film.runs(2400).state, wide, marked);
    expect(picture[6]).toBe(`${' '.repeat(63)}<yellow>!</yellow>    <red>!</red>   `);
    expect(picture[7]).toBe(' <red>1 error, 2 warnings</red>');
  });

  it('has no time and empty lanes while connecting', () => {
    const state = onTick(firstState('caller'), 500, { callerDbov: -10, agentDbov: -10 }, 0);
    const [, title, caller, , agent, , , foot] = renderFrame(state, wide, plain);
    expect(title).toBe(' voicebridge · caller                                   Ctrl-C hangs up        ');
    expect(caller).toBe(` caller  ${' '.repeat(61)}  silent `);
    expect(agent).toBe(` agent   ${' '.repeat(61)}  silent `);
    expect(foot).toBe(' connecting');
  });

  it('says that it hangs up, and then stands still', () => {
    const film = interrupted().event({ type: 'stop', atMs: START_MS + 8000 });
    expect(renderFrame(film.state, wide, plain)[1]).toContain('hanging up');
    expect(film.runs(9000).state.lanes).toEqual(interrupted().state.lanes);
  });

  it('keeps the last three numbers of a long call', () => {
    const film = new Film().starts();
    for (let turn = 0; turn < 5; turn++) {
      const fromMs = turn * 1000;
      film.callerStarts(fromMs).callerEnds(fromMs + 100);
      film.agentStarts(fromMs + 300 + turn * 10).agentFinishes(fromMs + 900);
    }
    expect(renderFrame(film.state, wide, plain)[7]).toBe(' answers … 220, 230, 240 ms · no findings');
  });
});

describe('the size of the picture', () => {
  it('has twenty seconds and more on a wide terminal', () => {
    expect(renderFrame(interrupted().state, { columns: 120, rows: 30 }, plain)[3]).toBe(
      `${' '.repeat(70)}greeting 600 ms     answer 800 ms 600 ms         `,
    );
  });

  it('leaves the words out on a narrow one', () => {
    expect(renderFrame(interrupted().state, { columns: 40, rows: 24 }, plain)).toEqual([
      '',
      ' voicebridge · caller            0:07.9',
      ' caller  ▁▁▁▇▇▇▇▇▇▇▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▇▇▇▇▇',
      '                   800 ms        600 ms',
      ' agent   ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▇▇▇▇▇▇▇▇▇▇▇▇▇▇×▁',
      ' buffer  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▆▆▆▆▆▆▆▆▆▆▆▆▆▆▁▁',
      '                        ╵0:05          ',
      ' greeting 600 ms · answers 800 ms · st…',
    ]);
  });

  it('shrinks to four lines on a low terminal, and to one on a tiny one', () => {
    const { state } = interrupted();
    expect(renderFrame(state, { columns: 40, rows: 10 }, plain)).toEqual([
      ' voicebridge · caller            0:07.9',
      ' caller  ▁▁▁▇▇▇▇▇▇▇▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▇▇▇▇▇',
      ' agent   ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▇▇▇▇▇▇▇▇▇▇▇▇▇▇×▁',
      ' greeting 600 ms · answers 800 ms · st…',
    ]);
    expect(renderFrame(state, { columns: 80, rows: 5 }, plain)).toEqual(['0:07.9 caller']);
    expect(renderFrame(state, { columns: 12, rows: 24 }, plain)).toEqual(['0:07.9 cal…']);
  });

  it('never changes its number of lines and never breaks one, whatever happens on whatever terminal', () => {
    const long = 'a title that is longer than most terminals '.repeat(5);
    const hours = onTick(interrupted().state, 3_700_000, { callerDbov: LOUD, agentDbov: LOUD }, 500_000);
    const states = [
      firstState('x'),
      firstState(long),
      new Film().starts().state,
      upToTheInterruption().state,
      { ...interrupted().state, title: long, errors: 12_345, warnings: 12_345 },
      hours,
    ];
    for (const columns of [1, 2, 10, 24, 25, 26, 30, 40, 48, 49, 50, 60, 80, 100, 120, 141, 300]) {
      for (const rows of [1, 6, 7, 13, 14, 50]) {
        const pictures = states.map((state) => renderFrame(state, { columns, rows }, plain));
        const heights = new Set(pictures.map((lines) => lines.length));
        expect([...heights]).toHaveLength(1);
        expect(pictures[0]!.length).toBeLessThanOrEqual(rows);
        for (const line of pictures.flat()) expect([...line].length).toBeLessThan(Math.max(2, columns));
      }
    }
  });
});
