// What a relay costs and what it adds, ours beside one written by hand and one that only splices payloads. Each runs as a
// process of its own on a core of its own, in turn; the phones and the model's end share the other core.
//   npm run bench:relay                                   one call, then 100, then 300 (an idle machine, four minutes)
//   npm run bench:relay -- --calls 300 --seconds 30       only that many
//   npm run bench:relay -- --calls 1 --rounds 5           one call, one message at a time
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openCalls, run } from './relay-load/load.mjs';
import { listenForSessions } from './relay-load/model.mjs';
import { measureSingle } from './relay-load/single.mjs';

const { values: flags } = parseArgs({
  options: {
    calls: { type: 'string', default: '1,100,300' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '2' },
    relay: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const RELAYS = {
  voicebridge: (model) => [
    file('../bin/voicebridge.js'),
    'serve',
    '--port',
    '0',
    '--json',
    '--no-greet',
    '--model',
    model,
  ],
  'written by hand': (model) => [file('../test/fixtures/handwritten-relay.mjs'), model],
  'splice only': (model) => [file('../test/fixtures/splice-relay.mjs'), model],
};
const names = Object.keys(RELAYS).filter((name) => flags.relay === undefined || name.startsWith(flags.relay));
/** Clock ticks a second in /proc. */
const TICKS = 100;
const LAST_CORE = cpus().length - 1;
const pinned = pin(process.pid, 0);

if (!flags.json) {
  console.log(
    `${cpus()[0].model}, Node ${process.version}, ${pinned ? 'the relay on a core of its own' : 'not pinned'}`,
  );
}
for (const calls of flags.calls.split(',').map(Number)) {
  const rows = calls === 1 ? await single() : await loaded(calls);
  if (flags.json) for (const row of rows) console.log(JSON.stringify(row));
  else console.table(rows);
}

async function single() {
  const results = Object.fromEntries(names.map((name) => [name, { in: [], out: [] }]));
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const name of names) await measureSingle(RELAYS[name], results[name]);
  }
  return names.map((relay) => ({
    calls: 1,
    relay,
    ...shares('in', results[relay].in),
    ...shares('out', results[relay].out),
  }));
}

async function loaded(calls) {
  const rows = Object.fromEntries(names.map((name) => [name, []]));
  // In turn, so that a slow minute of the machine strikes all of them.
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const name of names) rows[name].push(await loadOne(name, calls));
  }
  return names.flatMap((name) => rows[name]);
}

async function loadOne(name, count) {
  const waiting = [];
  const model = await listenForSessions((session) => waiting.shift()?.(session));
  const relay = spawn(process.execPath, RELAYS[name](model.url), {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, VOICEBRIDGE_MAX_CALLS: String(count) },
  });
  pin(relay.pid, LAST_CORE);
  try {
    const [line] = await once(relay.stdout, 'data');
    const { streamUrl } = JSON.parse(line);
    // One call beforehand: what is loaded once is not what a call takes.
    const nextSession = () => new Promise((resolve) => waiting.push(resolve));
    const [first] = await openCalls(1, streamUrl, nextSession);
    await sleep(500);
    first.phone.hangUp();
    const idleKb = residentKb(relay.pid);
    const calls = await openCalls(count, streamUrl, nextSession);
    let cpuMs = 0;
    let fromMs = 0;
    const measured = await run(calls, Number(flags.seconds), () => {
      cpuMs = cpuOf(relay.pid);
      fromMs = performance.now();
    });
    const seconds = (performance.now() - fromMs) / 1000;
    const cpuPerCall = (cpuOf(relay.pid) - cpuMs) / seconds / count;
    const memoryKb = (residentKb(relay.pid) - idleKb) / count;
    for (const call of calls) call.phone.hangUp();
    return {
      calls: count,
      relay: name,
      'CPU ms/call-s': round(cpuPerCall),
      'kB/call': Math.round(memoryKb),
      ...shares('in', measured.in),
      ...shares('out', measured.out),
      clears: measured.clears,
      truncations: measured.truncations,
      lost: measured.lost,
      'late ticks': measured.lateTicks,
    };
  } finally {
    relay.kill();
    model.close();
  }
}

function shares(way, values) {
  values.sort((a, b) => a - b);
  const at = (share) => round(values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN);
  return { [`${way} n`]: values.length, [`${way} p50`]: at(0.5), [`${way} p99`]: at(0.99), [`${way} max`]: at(1) };
}

function round(value) {
  return Math.round(value * 100) / 100;
}

/** Milliseconds of CPU, user and system, of all threads of a process. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}

function residentKb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}

/** Keeps a process on one core; false where that cannot be done. */
function pin(pid, core) {
  try {
    execFileSync('taskset', ['-a', '-p', '-c', String(core), String(pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
