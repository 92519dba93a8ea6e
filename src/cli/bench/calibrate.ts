import { VoicebridgeError } from '../../errors.js';
import { DEFAULTS } from '../../options.js';
import type { World } from '../world.js';
import type { BenchFlags } from './flags.js';
import { writeResult } from './output.js';
import { openProgress } from './progress.js';

/** `bench --calibrate`: 0 when the numbers can be trusted on this machine, 4 when not. */
export async function runCalibration(paths: readonly string[], flags: BenchFlags, world: World): Promise<void> {
  for (const [first, given] of [
    ['--url', flags.url !== undefined],
    ['--sweep', flags.sweep],
    [`a call (${paths[0]})`, paths.length > 0],
  ] as const) {
    if (given) throw new VoicebridgeError('options-contradict', { first, second: '--calibrate', command: 'bench' });
  }
  const [
    { calibrate },
    { formatCalibration },
    { calibrationFile, keepCalibration },
    { readVersion },
    { openTerminal },
  ] = await Promise.all([
    import('../../measure/calibrate.js'),
    import('../../measure/calibration/format.js'),
    import('../../measure/calibration/last.js'),
    import('../../version.js'),
    import('../terminal.js'),
  ]);
  const terminal = openTerminal(world);
  const progress = await openProgress(terminal);
  const calibration = await calibrate({
    runs: flags.runs ?? DEFAULTS.bench.runs,
    calls: flags.calls,
    seed: flags.seed,
    version: readVersion(),
    onProgress: (text) => progress.show(text),
  }).finally(() => progress.close());
  const json = `${JSON.stringify(calibration, null, 2)}\n`;
  world.stdout.write(flags.json === true ? json : formatCalibration(calibration));
  if (typeof flags.json === 'string') await writeResult('--json', flags.json, json, world);
  const file = calibrationFile(world.env);
  await keepCalibration(calibration, file).catch((error: NodeJS.ErrnoException) =>
    terminal.say(`the calibration could not be kept in ${file.path}: ${error.code}`),
  );
  world.setExitCode(calibration.ok ? 0 : 4);
}
