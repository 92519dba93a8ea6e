import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LINT_RULES, type LintRule } from '../../src/simulator/phone/lint.js';
import { findingsOf, WRONG_SERVERS, wrongServer, wrongServerNames } from '../helpers/wrong-servers.js';

/** Rules that no small server can break within a few seconds; their tests are at the paths named. */
const ELSEWHERE: Partial<Record<LintRule, string>> = {
  'socket/not-reading': 'test/simulator/phone/talk.test.ts',
};

describe('the wrong servers', () => {
  it('are thirty and more, and break every rule', async () => {
    const rules = await Promise.all(wrongServerNames.map(async (name) => (await wrongServer(name)).rule));
    expect(rules.length).toBeGreaterThan(30);
    const left = Object.keys(LINT_RULES).filter((rule) => !rules.includes(rule));
    expect(left.sort()).toEqual(Object.keys(ELSEWHERE).sort());
  });

  it.concurrent.each(wrongServerNames)('%s is caught by its rule and no other; put right, by none', async (name) => {
    const program = await wrongServer(name);
    for (const which of ['wrong', 'right'] as const) {
      const server = await program.start(which);
      const findings = await findingsOf(server.url, program).finally(() => server.close());
      const rules = [...new Set(findings.map(({ rule }) => rule))];
      expect([which, rules]).toEqual([which, which === 'wrong' ? [program.rule] : []]);
    }
  });

  it('run by node alone, and say where they listen', async () => {
    const child = spawn(process.execPath, [join(WRONG_SERVERS, 'message-binary.mjs')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
      const findings = await findingsOf(String(line).trim(), await wrongServer('message-binary'));
      expect(findings.map(({ rule }) => rule)).toEqual(['message/binary']);
    } finally {
      child.kill();
    }
  });
});
