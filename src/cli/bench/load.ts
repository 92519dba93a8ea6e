import { VoicebridgeError } from '../../errors.js';
import type { BenchRequest } from '../../measure/library.js';
import type { World } from '../world.js';
import { findCall } from './find-call.js';
import { type BenchFlags, checkModel, checkUrl } from './flags.js';
import { writeResult } from './output.js';
import { openProgress } from './progress.js';
import { checkSandwich, sandwichOf } from './sandwich.js';

/** How the calls at the same time are made, of what was typed. */
export async function loadOf({ calls, ramp, threads, pid }: BenchFlags): Promise<Partial<BenchRequest>> {
  const [{ threadsFor }, { availableParallelism }] = await Promise.all([
    import('../../measure/load/threads.js'),
    import('node:os'),
  ]);
  // Whoever asks for a ramp wants a load, however small.
  const made = threads ?? Math.max(ramp === undefined ? 0 : 1, threadsFor(calls, availableParallelism()));
  return {
    ...(made > 0 && { threads: made }),
    ...(ramp !== undefined && { rampMs: ramp }),
    ...(pid !== undefined && { pid }),
  };
}

/** When `--calls` does not say how many are enough. */
const MOST_CALLS = 500;

/** `bench --find-limit`: 0 with a limit, 1 when the first calls already break it, 4 when this machine cannot say. */
export async function runFindLimit(paths: readonly string[], flags: BenchFlags, world: World): Promise<void> {
  checkUrl(flags.url);
  checkModel(flags);
  checkSandwich(flags);
  for (const [first, given] of [
    ['--sweep', flags.sweep],
    ['--baseline', flags.baseline !== undefined],
    [`a second call (${paths[1]})`, paths.length > 1],
  ] as const) {
    if (given) throw new VoicebridgeError('options-contradict', { first, second: '--find-limit', command: 'bench' });
  }
  const [{ findCallLimit }, { formatLimit, outcomeWords }, { loadScenario }, { readBudgets }, { openTerminal }] =
    await Promise.all([
      import('../../measure/load/limit.js'),
      import('../../measure/load/limit-text.js'),
      import('../../measure/scenario.js'),
      import('../../measure/budget.js'),
      import('../terminal.js'),
    ]);
  const budgets = (await Promise.all(flags.budget.map((text) => readBudgets(text, world.cwd)))).flat();
  const scenario = await loadScenario(await findCall(paths[0] ?? 'samples/greeting', world));
  const progress = await openProgress(openTerminal(world));
  const abort = new AbortController();
  const stops = (['SIGINT', 'SIGTERM'] as const).map((name) => world.onSignal(name, () => abort.abort()));
  const limit = await findCallLimit({
    ...{
      scenarios: [scenario],
      budgets,
      most: flags.calls > 1 ? flags.calls : MOST_CALLS,
      seed: flags.seed,
      signal: abort.signal,
    },
    ...(flags.url !== undefined && { url: flags.url }),
    ...(await sandwichOf(flags, world)),
    ...(flags.network && { network: flags.network }),
    ...(flags.ramp !== undefined && { rampMs: flags.ramp }),
    ...(flags.threads !== undefined && { threads: flags.threads }),
    ...(flags.pid !== undefined && { pid: flags.pid }),
    onStep: (step) => progress.show(`${step.calls} calls: ${outcomeWords(step)}`),
  })
    .catch((error: unknown) => {
      if (!abort.signal.aborted) throw error;
    })
    .finally(() => {
      progress.close();
      for (const stop of stops) stop();
    });
  if (!limit) return world.setExitCode(4);
  const json = `${JSON.stringify({ schema: 'voicebridge-limit/1', ...limit }, null, 2)}\n`;
  if (typeof flags.json === 'string') await writeResult('--json', flags.json, json, world);
  world.stdout.write(flags.json === true ? json : formatLimit(limit));
  world.setExitCode(limit.carried > 0 ? 0 : limit.next?.outcome === 'tired' ? 4 : 1);
}
