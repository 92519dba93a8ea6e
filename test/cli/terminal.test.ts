import { describe, expect, it } from 'vitest';
import { colourLevel, openTerminal, painterFor, visibleWidth } from '../../src/cli/terminal.js';
import { testWorld } from '../helpers/world.js';

const TERMINAL = { columns: 80, rows: 24 };
const ESCAPE = '\x1b';
const SEQUENCE = new RegExp(`(${ESCAPE}\\[\\??\\d*[a-zA-Z]|\\r|\\n)`);
const CURSOR_UP = new RegExp(`^${ESCAPE}\\[(\\d+)A$`);

describe('colours', () => {
  const terminal = testWorld({ terminal: TERMINAL }).stderr;
  const pipe = testWorld().stderr;

  it.each([
    ['a terminal', terminal, {}, 1],
    ['a pipe', pipe, {}, 0],
    ['a terminal with NO_COLOR', terminal, { NO_COLOR: '1' }, 0],
    ['a terminal with an empty NO_COLOR, which does not count', terminal, { NO_COLOR: '' }, 1],
    ['a dumb terminal', terminal, { TERM: 'dumb' }, 0],
    ['a pipe with FORCE_COLOR', pipe, { FORCE_COLOR: '1' }, 1],
    ['a terminal with FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, 0],
    ['both, where NO_COLOR wins', pipe, { FORCE_COLOR: '1', NO_COLOR: '1' }, 0],
  ])('on %s', (_, stream, env, level) => {
    expect(colourLevel(stream, env)).toBe(level);
    expect(painterFor(stream, env).red('x')).toBe(level ? `${ESCAPE}[31mx${ESCAPE}[39m` : 'x');
  });
});

describe('a terminal', () => {
  it('is live only when stderr can move its cursor and no CI reads along', () => {
    expect(openTerminal(testWorld({ terminal: TERMINAL })).live).toBe(true);
    expect(openTerminal(testWorld()).live).toBe(false);
    expect(openTerminal(testWorld({ terminal: TERMINAL, env: { TERM: 'dumb' } })).live).toBe(false);
    expect(openTerminal(testWorld({ terminal: TERMINAL, env: { CI: 'true' } })).live).toBe(false);
  });

  it('prints nothing for a spinner when it is not live', async () => {
    const world = testWorld();
    (await openTerminal(world).waiting('starting')).stop();
    expect(world.err()).toBe('');
  });
});

describe('the screen', () => {
  it('draws over the last block and leaves nothing but the lines above it', () => {
    const world = testWorld({ terminal: TERMINAL });
    const screen = openTerminal(world).screen();
    screen.draw(['one', 'two']);
    screen.draw(['ONE', 'TWO'], ['something happened']);
    screen.close();
    screen.close();
    expect(shown(world.err())).toEqual(['something happened']);
    expect(world.err().startsWith(`${ESCAPE}[?25l`)).toBe(true);
    expect(world.err().endsWith(`${ESCAPE}[?25h`)).toBe(true);
  });

  it('writes nothing while nothing changes, and shows each picture at once', () => {
    const world = testWorld({ terminal: TERMINAL });
    const screen = openTerminal(world).screen();
    screen.draw(['same']);
    const first = world.err();
    expect(first).toBe(`${ESCAPE}[?25l${ESCAPE}[?2026h\rsame${ESCAPE}[K\n${ESCAPE}[J${ESCAPE}[?2026l`);
    screen.draw(['same']);
    expect(world.err()).toBe(first);
    Object.assign(world.stderr, { columns: 40 });
    screen.draw(['same']);
    screen.draw(['same'], ['something happened']);
    expect(world.err().split('same')).toHaveLength(4);
  });

  it('finds its block again after the terminal has become narrower', () => {
    const world = testWorld({ terminal: TERMINAL });
    const screen = openTerminal(world).screen();
    screen.draw(['x'.repeat(70), 'y']);
    Object.assign(world.stderr, { columns: 40 });
    screen.draw(['z']);
    // 70 columns take two rows of 40.
    expect(world.err()).toContain(`\r${ESCAPE}[3A`);
  });

  it('writes nothing when it is closed without having drawn', () => {
    const world = testWorld({ terminal: TERMINAL });
    openTerminal(world).screen().close();
    expect(world.err()).toBe('');
  });
});

describe('visibleWidth', () => {
  it('does not count colours', () => {
    expect(visibleWidth(`${ESCAPE}[31m▁▂▃${ESCAPE}[39m ok`)).toBe(6);
  });
});

/** What is left on a terminal: enough of one to follow cursor up, erase to the end of line and erase down. */
function shown(written: string): string[] {
  const rows: string[] = [''];
  let row = 0;
  for (const part of written.split(SEQUENCE)) {
    const up = CURSOR_UP.exec(part);
    if (up) row -= Number(up[1]);
    else if (part === '\n') rows[++row] ??= '';
    else if (part === `${ESCAPE}[J`) {
      rows.length = row + 1;
      rows[row] = '';
    } else if (part !== '' && part !== '\r' && !part.startsWith(ESCAPE)) rows[row] = part;
  }
  return rows.filter((line) => line !== '');
}
