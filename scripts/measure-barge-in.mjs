// The sweep of interruptions over every dialect, in µ-law and resampled, on an even line and with delay: the table in the
// README. Takes about three minutes for each row of each line: node scripts/measure-barge-in.mjs [--calls 4] [--lanes 2]
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '4' },
    lanes: { type: 'string', default: '2' },
    networks: { type: 'string', default: '0,0,0 20,20,20 80,80,20' },
  },
});
const program = fileURLToPath(new URL('../bin/voicebridge.js', import.meta.url));

const cells = values.networks
  .split(' ')
  .flatMap((network) =>
    ['openai', 'azure', 'xai'].flatMap((dialect) => ['pcmu', 'pcm'].map((audio) => ({ network, dialect, audio }))),
  );

function measure({ network, dialect, audio }) {
  const args = ['--runs', '1', '--calls', values.calls, '--dialect', dialect, '--audio', audio, '--network', network];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [program, 'bench', '--sweep', '--json', ...args],
      { maxBuffer: 1 << 28 },
      (error, out, err) => (out === '' ? reject(error ?? new Error(err)) : resolve(JSON.parse(out))),
    );
  });
}

function row({ network, dialect, audio }, { attempted, discarded, metrics }) {
  const [to, back, jitter] = network.split(',');
  const line = to === '0' && back === '0' ? 'even' : `${to} + ${back} ms ±${jitter} ms`;
  const spoilt = discarded.reduce((sum, { count }) => sum + count, 0);
  const error = metrics['truncation.abs_error_ms'];
  const number = (value) => (value === undefined || value === null ? '–' : value.toFixed(1));
  const counts = ['bargein.missed', 'truncation.missing', 'truncation.needless', 'truncation.refused'].map(
    (name) => metrics[name]?.count ?? '–',
  );
  const leak = metrics['bargein.leak_ms'];
  return `| ${dialect} | ${audio === 'pcm' ? 'PCM 24 kHz' : 'µ-law'} | ${line} | ${attempted - spoilt} | ${error?.n ?? 0} | ${number(error?.p50)} | ${number(error?.p95)} | ${number(error?.max)} | ${counts.join(' | ')} | ${number(leak?.max)} |`;
}

const waiting = [...cells];
async function lane() {
  for (let cell = waiting.shift(); cell; cell = waiting.shift()) {
    const text = await measure(cell).then(
      (report) => row(cell, report),
      (error) => `| ${cell.dialect} | ${cell.audio} | ${cell.network} | failed: ${error.message.split('\n')[0]} |`,
    );
    process.stdout.write(`${text}\n`);
  }
}

process.stdout.write(
  '| dialect | audio | line | calls | truncations | p50 | p95 | max (ms) | missed | missing | needless | refused | leaked (ms) |\n' +
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n',
);
await Promise.all(Array.from({ length: Number(values.lanes) }, lane));
