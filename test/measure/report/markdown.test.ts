import { describe, expect, it } from 'vitest';
import { formatMarkdown } from '../../../src/measure/report/markdown.js';
import { callOf, reportOf } from '../../helpers/reports.js';

describe('the report in Markdown', () => {
  it('begins with the verdict and its reasons, then budgets and metrics', () => {
    const report = reportOf({
      fill: (measures) => {
        measures.add('turn.playout_ms', 700, 900);
        measures.add('turn.ingress_ms', 690, 880);
        measures.count('bargein.missed', 1, 2);
      },
      budgets: ['turn.playout_ms p50 <= 800', 'bargein.missed == 0', 'warn gap_ms max < 60'],
    });
    const text = formatMarkdown({ ...report, advice: ['look at | this'], host: { ...report.host, cpu: 'A_B' } });
    expect(text.replace(/<sub>.*<\/sub>/, '<sub>…</sub>')).toBe(`## ❌ voicebridge bench: over budget

\`ws://127.0.0.1:8080/media-stream\`, greeting: 3 calls, 3 measured.

- bargein.missed == 0, measured 1

|  | budget | measured |  |
| --- | --- | ---: | --- |
| ✅ | \`turn.playout_ms p50 <= 800\` | 700.0 |  |
| ❌ | \`bargein.missed == 0\` | 1.00 |  |
| ❔ | \`gap_ms max < 60\` | – | gap&#95;ms was not measured |

| metric (ms) | n | p50 | p90 | p95 | p99 | max |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| \`turn.playout_ms\` | 2 | 700.0 | – | – | – | 900.0 |
| \`bargein.missed\` | 1 of 2 |  |  |  |  |  |

<details><summary>All other metrics</summary>

| metric (ms) | n | p50 | p90 | p95 | p99 | max |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| \`turn.ingress_ms\` | 2 | 690.0 | – | – | – | 880.0 |

</details>

**To know**

- look at &#124; this

<sub>…</sub>
`);
  });

  it('says when nothing can be said, and why', () => {
    const discarded = [{ reason: 'event-loop', count: 1 }];
    const text = formatMarkdown(reportOf({ result: { reliable: false, discarded, calls: [callOf()] } }));
    expect(text).toContain('## ⚠️ voicebridge bench: not reliable: neither passed nor failed');
    expect(text).toContain('- 1 of 1 calls were spoilt by the measuring machine &#40;event&#45;loop&#41;');
  });

  it('tells which sounds stopped the agent, and what the model refused', () => {
    const sound = { clip: 'right', dbov: -20, chances: 3 };
    const discrimination = [
      { ...sound, kind: 'speech', stopped: 3 },
      { ...sound, kind: 'cough', stopped: 1 },
    ] as const;
    const modelFindings = [{ code: 'x_y', level: 'warning', count: 1, first: 'late' }] as const;
    const text = formatMarkdown({ ...reportOf(), discrimination, modelFindings });
    expect(text).toContain('| ✅ | speech | right | -20 | 3 of 3 |\n| ⚠️ | cough | right | -20 | 1 of 3 |');
    expect(text).toContain('| warning | `x_y` | model | 1 | late |');
  });

  it('shows what a server sent as text and lets it mention nobody', () => {
    const message = '<img src=x> | **@octocat** [x](https://evil.example) `code`\n# head';
    const lint = [{ rule: 'json', level: 'error', twilio: '', message, atMs: 1 } as const];
    const text = formatMarkdown(reportOf({ result: { lint } }));
    for (const live of ['<img', '@octocat', '[x]', 'https://', '**@', '\n# head']) expect(text).not.toContain(live);
    expect(text).toContain('<details open><summary>What the carrier and the model would say');
    const row = text.split('\n').find((line) => line.startsWith('| error'))!;
    expect(row.split(' | ')).toHaveLength(5);
  });
});
