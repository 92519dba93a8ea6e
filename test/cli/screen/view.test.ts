import { describe, expect, it } from 'vitest';
import { openView } from '../../../src/cli/screen/view.js';
import { openTerminal } from '../../../src/cli/terminal.js';
import type { PhoneEvent } from '../../../src/simulator/phone/events.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';
import { testWorld } from '../../helpers/world.js';

const START: PhoneEvent = { type: 'start', atMs: 5000, streamSid: 'MZ1', callSid: 'CA1' };
const QUIET = { levels: () => ({ callerDbov: -127, agentDbov: -127 }), bufferedMs: () => 0 };

describe('the view of a call', () => {
  it('is one plain line per thing that happened when stderr is no terminal', () => {
    const world = testWorld();
    const view = openView(openTerminal(world), 'interrupt', QUIET, new VirtualClock(4000));
    view.onPhoneEvent(START);
    view.onPhoneEvent({ type: 'agent-starts', atMs: 5310 });
    view.onPhoneEvent({ type: 'media', atMs: 5320, bytes: 160, streamOffset: 0, bufferedMs: 20 });
    view.onPhoneEvent({ type: 'caller-speech-start', atMs: 68_000, step: 0, interrupts: false, text: 'x'.repeat(200) });
    view.close();
    expect(world.err().split('\n')).toEqual([
      '  0:00.0  call    connected, call CA1',
      '  0:00.3  agent   greets',
      `  1:03.0  caller  interrupts "${'x'.repeat(200)}"`,
      '',
    ]);
  });

  it('cuts lines to a terminal, draws under them and takes the drawing away', () => {
    const world = testWorld({ terminal: { columns: 60, rows: 24 }, env: { NO_COLOR: '1' } });
    const view = openView(openTerminal(world), 'interrupt', QUIET, new VirtualClock(4000));
    view.onPhoneEvent(START);
    view.onPhoneEvent({ type: 'caller-speech-start', atMs: 6000, step: 0, interrupts: false, text: 'x'.repeat(200) });
    expect(world.err()).toContain(`  0:01.0  caller  speaks "${'x'.repeat(32)}…\x1b[K\n`);
    expect(world.err()).toMatch(/ caller +speaks/);
    view.close();
    expect(world.err().endsWith('\r\x1b[8A\x1b[J\x1b[?25h')).toBe(true);
  });

  it('leaves the speaker out of its lines where there is little room', () => {
    const world = testWorld({ terminal: { columns: 24, rows: 24 }, env: { NO_COLOR: '1' } });
    const view = openView(openTerminal(world), 'interrupt', QUIET, new VirtualClock(4000));
    view.onPhoneEvent(START);
    view.note('mutes the microphone');
    expect(world.err()).toContain('\r0:00.0 connected, call…\x1b[K\n');
    view.close();
  });

  it('shows what the phone tells while it is asked for its levels', async () => {
    const world = testWorld({ terminal: { columns: 60, rows: 24 }, env: { NO_COLOR: '1' } });
    const clock = new VirtualClock(5000);
    let asked = 0;
    const call = {
      ...QUIET,
      bufferedMs: () => {
        if (asked++ === 0) view.onPhoneEvent({ type: 'agent-starts', atMs: 5000 });
        return 0;
      },
    };
    const view = openView(openTerminal(world), 'interrupt', call, clock);
    view.onPhoneEvent(START);
    while (asked < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    view.close();
    const pictures = world.err().split(' agent   ').slice(1);
    expect(pictures.at(-1)).toContain('  speaks');
  });
});
