import { describe, expect, it } from 'vitest';
import { type ItemHeard, Playback } from '../../src/call/playback.js';

const a = { responseId: 'r1', itemId: 'a', contentIndex: 0 };
const b = { responseId: 'r1', itemId: 'b', contentIndex: 0 };

function ledger(codecDelayMs = 0) {
  const played: ItemHeard[] = [];
  const onPlayed = (item: ItemHeard): void => void played.push(item);
  const options = { bytesPerMs: 8, markEveryMs: 100, heardSlackMs: 3, name: 'vb', codecDelayMs, onPlayed };
  return { playback: new Playback(options), played };
}

const brief = (items: readonly ItemHeard[]): string[] =>
  items.map(({ itemId, heardMs, audioMs, done }) => `${itemId} ${heardMs}/${audioMs}${done ? '' : ' …'}`);

describe('what is known of each item', () => {
  it('while it plays: so much of it by now', () => {
    const { playback } = ledger();
    playback.audio(a, 4000, 1000);
    playback.itemDone('a', 1000);
    playback.audio(b, 4000, 1000);
    expect(brief(playback.heard(1200))).toEqual(['a 200/500', 'b 0/500 …']);
    expect(brief(playback.heard(1700))).toEqual(['a 500/500', 'b 200/500 …']);
    expect(playback.heard(1700).map(({ startedAtMs }) => startedAtMs)).toEqual([1000, 1500]);
  });

  it('when its last mark has come back: all of it, once, and it is no longer in doubt', () => {
    const { playback, played } = ledger();
    const mark = playback.audio(a, 4000, 0)!;
    playback.markEchoed(mark, 500);
    expect(played).toEqual([]);
    playback.itemDone('a', 510);
    playback.itemDone('a', 520);
    expect(brief(played)).toEqual(['a 500/500']);
    expect(playback.heard(600)).toEqual([]);
  });

  it('after an interruption: what was heard of it, or all when only the slack is missing', () => {
    const { playback } = ledger();
    playback.audio(a, 800, 0);
    playback.itemDone('a', 0);
    playback.audio(b, 4000, 0);
    expect(brief(playback.settle(playback.clear(98).mark)!.items)).toEqual(['a 100/100', 'b 0/500 …']);
  });

  it('with the delay of transcoding taken off the model’s audio, and not off our own', () => {
    const { playback } = ledger(5);
    playback.audio(a, 800, 0);
    playback.audio({ ...b, local: { interruptible: true, filler: false } }, 800, 0);
    expect(brief(playback.settle(playback.clear(150).mark)!.items)).toEqual(['a 95/100 …', 'b 50/100 …']);
  });

  it('after a clear that was taken back: its place in the item goes on where it was', () => {
    const { playback, played } = ledger();
    playback.audio(a, 8000, 0);
    playback.itemDone('a', 0);
    const settlement = playback.settle(playback.clear(400).mark)!;
    playback.resume(settlement, settlement.heardOffset);
    expect(played).toEqual([]);
    playback.audio(a, 4800, 1000);
    playback.itemDone('a', 1000);
    expect(brief(playback.heard(1100))).toEqual(['a 500/1000']);
    const { mark } = playback.clear(1200);
    expect(playback.settle(mark)!.truncations).toEqual([{ itemId: 'a', contentIndex: 0, audioEndMs: 600 }]);
  });
});
