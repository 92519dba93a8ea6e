import { expect, it } from 'vitest';
import { nearest } from '../src/nearest.js';

const STEPS = ['wait', 'say', 'interrupt', 'backchannel', 'expect'];

it.each([
  ['sya', 'say'],
  ['Say', 'say'],
  ['wiat', 'wait'],
  ['interupt', 'interrupt'],
  ['back-channel', 'backchannel'],
  ['exspect', 'expect'],
  ['says', 'say'],
  ['shout', undefined],
  ['hum', undefined],
  ['x', undefined],
  ['', undefined],
])('"%s" was meant as %j', (written, meant) => {
  expect(nearest(written, STEPS)).toBe(meant);
});
