import { VoicebridgeError } from '../../errors.js';
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
  const [{ calibrate, formatCalibration }, { openTerminal }] = await Promise.all([
    import('../../measure/calibrate.js'),
    import('../terminal.js'),
  ]);
  const progress = await openProgress(openTerminal(world));
  const calibration = await calibrate({
    runs: flags.runs,
    seed: flags.seed,
    onProgress: (text) => progress.show(text),
  }).finally(() => progress.close());
  world.stdout.write(
    flags.json === true ? `${JSON.stringify(calibration, null, 2)}\n` : formatCalibration(calibration),
  );
  if (typeof flags.json === 'string')
    await writeResult('--json', flags.json, `${JSON.stringify(calibration, null, 2)}\n`, world);
  world.setExitCode(calibration.ok ? 0 : 4);
}
