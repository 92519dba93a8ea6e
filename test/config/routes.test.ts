import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/read.js';
import { Routes } from '../../src/config/routes.js';

const AGENTS = 'agents:\n  a: {instructions: A.}\n  b: {instructions: B.}\n  c: {instructions: C.}\n';
const routesOf = (text: string): Routes => new Routes(parseConfig(`${AGENTS}${text}`, 'v.yaml').config);

const routes = routesOf(`routes:
  - {to: ["+15550100001", "+15550100002"], agent: a}
  - {path: /voice/b, agent: b}
  - {parameter: gold, to: "+15550100003", agent: b}
  - agent: a`);

describe('the routes', () => {
  it.each([
    ['a number of a list', { to: '+15550100002' }, 'a', false],
    ['a path', { path: '/voice/b', to: '+15550100009' }, 'b', false],
    ['the first that fits', { path: '/voice/b', to: '+15550100001' }, 'a', false],
    ['nothing in particular', { to: '+15550100009' }, 'a', false],
    ['nothing at all', {}, 'a', false],
    ['a parameter, with the rest of its route', { parameter: 'gold', to: '+15550100003' }, 'b', false],
    ['a parameter without the rest', { parameter: 'gold', to: '+15550100001' }, 'a', true],
    ['an agent that a route leads to', { parameter: 'b', to: '+15550100001' }, 'b', false],
    ['an agent that no route leads to', { parameter: 'c' }, 'a', true],
    ['what every object has', { parameter: 'constructor' }, 'a', true],
  ])('choose by %s', (_, asked, agent, refused) => {
    expect(routes.choose(asked)).toEqual({ agent, refused });
  });

  it('have paths', () => {
    expect([routes.has('/voice/b'), routes.has('/voice/c'), routes.has('/voice')]).toEqual([true, false, false]);
  });

  it('lead to the only agent when there are none', () => {
    const only = new Routes(parseConfig('agents:\n  a: {instructions: A.}', 'v.yaml').config);
    expect(only.choose({ to: '+15550100001', path: '/voice' })).toEqual({ agent: 'a', refused: false });
  });

  it('let a parameter choose every agent when a lookup may name any', () => {
    const open = routesOf('routes:\n  - agent: a\nlookup: {url: "https://x.example"}');
    expect(open.choose({ parameter: 'c' })).toEqual({ agent: 'c', refused: false });
  });
});
