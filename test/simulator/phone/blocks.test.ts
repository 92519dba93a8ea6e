import { expect, it } from 'vitest';
import { BLOCK_BYTES, giveBack, takeBlock } from '../../../src/simulator/phone/blocks.js';

it('a block that was given back is taken again, and no block twice at the same time', () => {
  const block = takeBlock();
  expect(block).toHaveLength(BLOCK_BYTES);
  giveBack([block]);
  const again = takeBlock();
  expect(again).toBe(block);
  expect(takeBlock()).not.toBe(block);
});
