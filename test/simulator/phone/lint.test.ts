import { describe, expect, it } from 'vitest';
import { LINT_RULES, lintFinding, pageOf } from '../../../src/simulator/phone/lint.js';

describe('lint rules', () => {
  it.each(Object.entries(LINT_RULES))('%s says what was done and what Twilio does about it', (_, entry) => {
    expect(entry.meaning).toMatch(/^(?:[a-zµ]|A-law).*[^.]$/);
    expect(entry.instead).toMatch(/^[a-zµ{].*[^.]$/);
    expect(pageOf(entry)).toMatch(/^https:\/\/www\.twilio\.com\/docs\//);
    expect(entry.twilio).toMatch(/[^.]$/);
    if (entry.code !== undefined) expect(entry.code).toBeGreaterThan(31_899);
  });

  it('carry the codes Twilio has for them', () => {
    const codes = Object.entries(LINT_RULES).map(([rule, { code }]) => [rule, code]);
    expect(Object.fromEntries(codes)).toMatchObject({
      'message/binary': 31950,
      'message/not-json': 31951,
      'stream-sid/wrong': 31951,
      'media/payload-undecodable': 31951,
      'playout/overflow': 31931,
      'frame/protocol': 31924,
      'socket/not-reading': 31930,
    });
    expect(LINT_RULES['media/wav-header'].code).toBeUndefined();
    expect(pageOf(LINT_RULES['frame/protocol'])).toBe('https://www.twilio.com/docs/api/errors/31924');
    expect(pageOf(LINT_RULES['clear/missing'])).toContain('#send-a-clear-message');
  });
});

describe('a finding', () => {
  it('never shows a payload, and not more than a line of the message', () => {
    const payload = 'AbCd'.repeat(200);
    const finding = lintFinding('stream-sid/wrong', 5, undefined, `{"event":"media","media":{"payload":"${payload}"}}`);
    expect(finding).toEqual({
      rule: 'stream-sid/wrong',
      code: 31951,
      level: 'warning',
      message: 'a streamSid that is not the one of this stream',
      twilio: 'logs warning 31951 (Invalid Message) once per stream and ignores the message',
      instead: 'keep the streamSid for each connection, not in a variable that all calls share',
      page: 'https://www.twilio.com/docs/api/errors/31951',
      excerpt: '{"event":"media","media":{"payload":"…"}}',
      atMs: 5,
    });
    expect(lintFinding('message/not-json', 0, undefined, payload).excerpt).not.toContain('AbCdAbCd');
    expect(lintFinding('message/not-json', 0, undefined, 'x '.repeat(500)).excerpt!.length).toBeLessThan(170);
  });
});
