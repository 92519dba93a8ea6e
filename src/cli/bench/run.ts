import type { World } from '../world.js';
import { compareWithBaseline, readBaseline } from './compare.js';
import { findCall } from './find-call.js';
import { type BenchFlags, checkModel, checkUrl } from './flags.js';
import { loadOf } from './load.js';
import { checkOutputs, writeReport } from './output.js';
import { checkSandwich, sandwichOf } from './sandwich.js';

/** Makes the calls, prints what they measured, and says by the exit code what it is worth. */
export async function runBenchCommand(paths: readonly string[], flags: BenchFlags, world: World): Promise<void> {
  checkUrl(flags.url);
  checkModel(flags);
  checkSandwich(flags);
  checkOutputs(flags);
  const [{ bench }, { readBudgets }, { loadScenario }, { openTerminal }, { resolve }] = await Promise.all([
    import('../../measure/library.js'),
    import('../../measure/budget.js'),
    import('../../measure/scenario.js'),
    import('../terminal.js'),
    import('node:path'),
  ]);
  const terminal = openTerminal(world);
  const budgets = (await Promise.all(flags.budget.map((text) => readBudgets(text, world.cwd)))).flat();
  const scenarios = await Promise.all(paths.map((path) => findCall(path, world).then(loadScenario)));
  const baseline = await readBaseline(flags, world);
  const watch = (await import('./watch.js')).watchBench(terminal);
  const abort = new AbortController();
  const stopListening = abortOnSignal(abort, world, () => watch.close());
  const report = await bench({
    ...(scenarios.length > 0 && { scenarios }),
    budgets,
    sweep: flags.sweep,
    ...(flags.runs !== undefined && { runs: flags.runs }),
    calls: flags.calls,
    ...(await loadOf(flags)),
    seed: flags.seed,
    signal: abort.signal,
    onProgress: (progress) => watch.onProgress(progress),
    onCall: (call) => watch.onCall(call),
    ...(flags.url !== undefined && { url: flags.url }),
    ...(await sandwichOf(flags, world)),
    model: {
      ...(flags.dialect !== undefined && { provider: flags.dialect }),
      ...(flags.audio !== undefined && { audio: flags.audio }),
    },
    ...(flags.network && { network: flags.network }),
    ...(flags.out !== undefined && { outDir: resolve(world.cwd, flags.out) }),
  })
    .catch((error: unknown) => {
      if (!abort.signal.aborted) throw error;
    })
    .finally(() => {
      watch.close();
      stopListening();
    });
  if (!report) {
    terminal.say('stopped before the end: no verdict');
    return world.setExitCode(4);
  }
  await writeReport(report, flags, world);
  const compared = baseline && (await compareWithBaseline(baseline, report, flags, world));
  world.setExitCode(report.verdict.exitCode || (compared ?? 0));
}

/** The first Ctrl-C hangs up, the second ends the process. */
function abortOnSignal(abort: AbortController, world: World, leaveTerminal: () => void): () => void {
  const onSignal = (): void => {
    if (abort.signal.aborted) {
      leaveTerminal();
      world.exitNow(130);
    }
    abort.abort();
  };
  const stops = (['SIGINT', 'SIGTERM'] as const).map((name) => world.onSignal(name, onSignal));
  return () => {
    for (const stop of stops) stop();
  };
}
