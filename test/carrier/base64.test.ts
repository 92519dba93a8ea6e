import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isBase64 } from '../../src/carrier/base64.js';

it.each(['', '/w==', '/+8=', '////', '/w', '/+8'])('accepts "%s"', (text) => {
  expect(isBase64(text)).toBe(true);
});

it.each(['/', '/w=', '/w===', '=/w=', '/w==/w==', '_-8=', '/ w=', '/w==\n', '"};{', '====', '/+8==='])(
  'refuses "%s"',
  (text) => {
    expect(isBase64(text)).toBe(false);
  },
);

it('accepts what any encoder makes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(isBase64(Buffer.from(bytes).toString('base64'))).toBe(true);
    }),
  );
});

it('reads ten megabytes without running out of stack', () => {
  expect(isBase64('A'.repeat(10_000_000))).toBe(true);
  expect(isBase64(`${'A'.repeat(9_999_999)}"`)).toBe(false);
});
