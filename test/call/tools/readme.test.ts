import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ToolsConfig } from '../../../src/call/tools/config.js';
import { webhookSignature } from '../../../src/call/tools/http.js';
import { toolsShape } from '../../../src/config/tools-shape.js';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

/** The block of code behind a comment in the README. */
function block(name: string): string {
  const [, code] = readme.split(`<!-- tools:${name} -->\n`);
  return code!.split('```')[1]!.replace(/^\w+\n/, '');
}

describe('the section of the README about tools', () => {
  it('shows every kind in a form that is taken', () => {
    const { tools } = parse(block('yaml')) as { tools: unknown };
    const config: ToolsConfig = toolsShape.parse(tools);
    expect(new Set(config.map(({ type }) => type))).toEqual(
      new Set(['hang_up', 'wait', 'collect_digits', 'send_sms', 'transfer', 'http', 'module', 'mcp']),
    );
  });

  describe('shows how to check a signature', () => {
    const process = { env: { SHOP_SECRET: 'whsec' } };
    const nowMs = 1_760_000_000_000;

    /** Runs the lines of the README; undefined when they let the request through. */
    function refused(signature: string, rawBody: string): number | undefined {
      let status: number | undefined;
      const res = { writeHead: (given: number) => ({ end: () => (status = given) }) };
      const req = { headers: { 'x-voicebridge-signature': signature } };
      const names = ['req', 'res', 'rawBody', 'process', 'createHmac', 'timingSafeEqual', 'Date'];
      const check = new Function(...names, block('verify'));
      check(req, res, rawBody, process, createHmac, timingSafeEqual, { now: () => nowMs });
      return status;
    }

    it('which lets a request of ours through', () => {
      expect(refused(webhookSignature('whsec', nowMs - 2000, '{"name":"book"}'), '{"name":"book"}')).toBeUndefined();
    });

    it.each([
      ['of somebody else', webhookSignature('guessed', nowMs, '{}'), '{}'],
      ['that was changed on the way', webhookSignature('whsec', nowMs, '{}'), '{ }'],
      ['that was seen before', webhookSignature('whsec', nowMs - 301_000, '{}'), '{}'],
      ['with a shorter signature', 't=1760000000,v1=ab', '{}'],
    ])('which refuses one %s', (_what, signature, body) => {
      expect(refused(signature, body)).toBe(401);
    });
  });
});
