// How often the comparison of two reports is right: real benches of our relay, one after the other, every second one with a
// model that thinks longer. `npm run build && node scripts/bench-compare.mjs --pairs 20 --runs 8 --calls 3 --slower 30`
//
// Each bench is compared with the one before it of the same build, and with the slower one that was measured next to it. It
// prints what each comparison said, and how many said what they should.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareReports } from '../dist/measure/comparison/compare-reports.js';
import { bench } from '../dist/measure/library.js';
import { startRelayProcess } from '../dist/measure/relay-process.js';
import { formatJson } from '../dist/measure/report-json.js';
import { loadScenario } from '../dist/measure/scenario.js';
import { serveModel } from '../dist/simulator/model/server.js';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '20' },
    runs: { type: 'string', default: '8' },
    calls: { type: 'string', default: '3' },
    slower: { type: 'string', default: '30' },
    out: { type: 'string' },
  },
});
const THINK_MS = 400;
const { caller } = await loadScenario('samples/interrupt');
const { clip } = caller.steps.find(({ type }) => type === 'interrupt');
const untilStarted = { type: 'wait', until: 'agent-starts', timeoutMs: 15_000 };
// As short as a call with an answer can be: the caller speaks over the greeting at once.
const over = { type: 'interrupt', clip, when: { afterMs: 300 }, timeoutMs: 15_000 };
const steps = [over, untilStarted, { type: 'pause', ms: 200 }, { type: 'hangup' }];
const scenario = { name: 'question', caller: { name: 'question', path: 'question', steps } };

async function measure(name, thinkMs) {
  const model = await serveModel({ port: 0, thinkMs });
  const relay = await startRelayProcess(model.url, { provider: 'openai', audio: 'pcmu' });
  try {
    const report = await bench({
      ...{
        url: relay.streamUrl,
        scenarios: [scenario],
        runs: Number(values.runs),
        calls: Number(values.calls),
        rampMs: 500,
      },
    });
    if (values.out !== undefined) {
      await mkdir(values.out, { recursive: true });
      await writeFile(join(values.out, `${name}.json`), formatJson(report));
    }
    return { name, report };
  } finally {
    await relay.close();
    await model.close();
  }
}

const tally = { same: [], worse: [] };
function judge(right, before, after) {
  const { outcome, metrics } = compareReports(before, after);
  tally[right].push(outcome);
  const turn = metrics.find(({ metric, of }) => metric === 'turn.playout_ms' && of === 'call');
  const lies = turn?.interval ? ` (${turn.interval.low.toFixed(1)} … ${turn.interval.high.toFixed(1)})` : '';
  const others = metrics.filter((each) => each.outcome === 'worse' || each.outcome === 'better');
  const which = others.map((each) => `${each.metric} ${each.difference.toFixed(1)}`).join(', ');
  console.log(`${before.name}, ${after.name}: ${outcome}, turn ${turn?.difference.toFixed(1)} ms${lies} ${which}`);
}

let before = await measure('same-0', THINK_MS);
for (let pair = 1; pair <= Number(values.pairs); pair++) {
  judge('worse', before, await measure(`slower-${pair}`, THINK_MS + Number(values.slower)));
  const again = await measure(`same-${pair}`, THINK_MS);
  judge('same', before, again);
  before = again;
}
const count = (right) => `${tally[right].filter((outcome) => outcome === right).length} of ${tally[right].length}`;
console.log(`the same build: no difference in ${count('same')}`);
console.log(`${values.slower} ms slower: worse in ${count('worse')}`);
