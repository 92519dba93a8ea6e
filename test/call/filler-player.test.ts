import { beforeEach, describe, expect, it } from 'vitest';
import { FillerPlayer } from '../../src/call/filler-player.js';
import { VirtualClock } from '../helpers/virtual-clock.js';

let clock: VirtualClock;
let silent: boolean;
let running: boolean;
/** What was played, with its time: `0 tone`, `300 One moment.` */
let played: string[];
let player: FillerPlayer;

beforeEach(() => {
  clock = new VirtualClock();
  [silent, running] = [true, true];
  played = [];
  player = new FillerPlayer({
    clock,
    sayLine: (line) => {
      played.push(`${clock.now()} asked: ${line}`);
      return () => played.push(`${clock.now()} taken back: ${line}`);
    },
    play: (payload, text) =>
      played.push(`${clock.now()} ${text || `tone of ${Buffer.from(payload, 'base64').length}`}`),
    isSilent: () => silent,
    isRunning: () => running,
  });
});

const recorded = { afterMs: 0, play: { payload: 'AAAA', text: 'One moment.' } };

describe('FillerPlayer', () => {
  it('repeats the tone each second while a tool runs', () => {
    player.start({ afterMs: 0, play: 'tone' });
    clock.advance(2_500);
    running = false;
    clock.advance(5_000);
    expect(played).toEqual(['0 tone of 8000', '1000 tone of 8000', '2000 tone of 8000']);
    expect(clock.pending).toBe(0);
  });

  it('keeps the tone back while somebody speaks, and no longer', () => {
    silent = false;
    player.start({ afterMs: 0, play: 'tone' });
    clock.advance(1_250);
    silent = true;
    clock.advance(50);
    expect(played).toEqual(['1300 tone of 8000']);
  });

  it('plays a recording once, when nobody speaks', () => {
    silent = false;
    player.start(recorded);
    clock.advance(300);
    silent = true;
    clock.advance(5_000);
    expect(played).toEqual(['400 One moment.']);
  });

  it('plays nothing for a tool that has finished', () => {
    running = false;
    player.start(recorded);
    player.start({ afterMs: 0, play: 'tone' });
    expect([played, clock.pending]).toEqual([[], 0]);
  });

  it('has the model say a line, and takes it back at the end', () => {
    player.start({ afterMs: 0, play: { say: 'One moment.' } });
    clock.advance(200);
    player.stop();
    expect(played).toEqual(['0 asked: One moment.', '200 taken back: One moment.']);
  });

  it('stops', () => {
    player.start({ afterMs: 0, play: 'tone' });
    player.stop();
    clock.advance(5_000);
    expect([played, clock.pending]).toEqual([['0 tone of 8000'], 0]);
  });
});
