// Hundreds of simulated calls from one process on one core, against a server in another: how late their frames are, and
// what a call costs. `npm run bench:phones -- --calls 500 --seconds 20 --server sink`
//
// The phones run in one process, pinned to one core where `taskset` exists; the server runs in a child on another.
// --flags=--single-threaded-gc     what Node is started with for the phones
// --realtime                       puts the phones before everything else on their core (`chrt`, as root), so that a
//                                  machine that has other work to do does not measure that
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dial } from '../dist/simulator/phone/call.js';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '20' },
    server: { type: 'string', default: 'sink' },
    flags: { type: 'string', default: '' },
    realtime: { type: 'boolean', default: false },
    serve: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

if (values.serve) await serve();
else if (values.flags !== '') again(values.flags.split(' '));
else await bench();

/** The same once more, in a Node with these flags. */
function again(flags) {
  const args = process.argv.slice(2).filter((arg, i, all) => !arg.startsWith('--flags') && all[i - 1] !== '--flags');
  const { status } = spawnSync(process.execPath, [...flags, fileURLToPath(import.meta.url), ...args], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}

/** The far end: `sink` reads, `echo` sends every frame back. */
async function serve() {
  const { WebSocketServer } = await import('ws');
  const echo = values.server === 'echo';
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  server.on('connection', (socket) => {
    let sid = '';
    socket.on('error', () => {});
    socket.on('message', (data) => {
      if (!echo) return;
      const message = JSON.parse(String(data));
      if (message.event === 'start') sid = message.streamSid;
      if (message.event === 'media')
        socket.send(`{"event":"media","streamSid":"${sid}","media":{"payload":"${message.media.payload}"}}`);
    });
  });
  await once(server, 'listening');
  process.on('disconnect', () => process.exit());
  process.send(server.address().port);
}

async function bench() {
  const calls = Number(values.calls);
  const seconds = Number(values.seconds);
  const pinned = pin(process.pid, 0);
  const server = spawn(process.execPath, [fileURLToPath(import.meta.url), '--serve', '--server', values.server], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  pin(server.pid, cpus().length - 1);
  if (values.realtime) execFileSync('chrt', ['-f', '-p', '10', String(process.pid)]);
  const [port] = await once(server, 'message');
  const url = `ws://127.0.0.1:${port}/`;

  const audio = Uint8Array.from({ length: 8000 }, (_, i) => 0x80 | ((i * 37) & 0x7f));
  const say = { type: 'say', clip: { name: 'noise', audio, speech: [] } };
  const caller = { name: 'bench', path: 'bench', steps: [...Array(seconds).fill(say), { type: 'hangup' }] };
  const calling = [];
  // Calls come in over two seconds, as they would; what is measured begins when all of them are up.
  for (let i = 0; i < calls; i++) {
    calling.push(dial({ url, caller, seed: i + 1, lingerMs: 0 }));
    await new Promise((resolve) => setTimeout(resolve, 2000 / calls));
  }
  const before = process.resourceUsage();
  const cpuBefore = process.cpuUsage();
  const fromMs = performance.now();
  await Promise.race(calling.map(({ done }) => done));
  const cpu = process.cpuUsage(cpuBefore);
  const switches = process.resourceUsage().involuntaryContextSwitches - before.involuntaryContextSwitches;
  const wallMs = performance.now() - fromMs;
  const records = await Promise.all(calling.map(({ done }) => done));
  server.kill();

  // Only frames that were due while all calls were up: dialling and hanging up are not what is measured.
  const upMs = Math.max(...records.map(({ startedAtMs }) => startedAtMs)) + 500;
  const downMs = Math.min(...records.map(({ endedAtMs }) => endedAtMs));
  const late = Float64Array.from(
    records.flatMap(({ startedAtMs, pacing }) =>
      [...pacing.lateMs].filter((_, frame) => {
        const dueMs = startedAtMs + 20 * (frame + 1);
        return dueMs >= upMs && dueMs < downMs;
      }),
    ),
  ).sort();
  if (late.length === 0) throw new Error('the calls were never all up at the same time: give them more --seconds');
  const at = (share) => late[Math.min(late.length - 1, Math.floor(share * late.length))].toFixed(2);
  const busy = (cpu.user + cpu.system) / 1000 / wallMs;
  const row = {
    calls,
    server: values.server,
    frames: late.length,
    'p50 ms': at(0.5),
    'p99 ms': at(0.99),
    'max ms': at(1),
    'core %': (100 * busy).toFixed(0),
    'µs/frame': ((busy * 20_000) / calls).toFixed(1),
    switches,
    MB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  if (values.json) return console.log(JSON.stringify(row));
  const { execArgv } = process;
  if (execArgv.length > 0) console.log(`Node's flags: ${execArgv.join(' ')}`);
  console.log(
    `${cpus()[0].model}, Node ${process.version}, ${pinned ? 'one core each for phones and server' : 'not pinned'}`,
  );
  console.table([row]);
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
