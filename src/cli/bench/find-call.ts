import { VoicebridgeError } from '../../errors.js';
import type { World } from '../world.js';

/** A path from here, or a packaged sample of that name. @throws VoicebridgeError `file-missing` */
export async function findCall(path: string, world: World): Promise<string> {
  const [{ existsSync }, { resolve }, { packagedSample }] = await Promise.all([
    import('node:fs'),
    import('node:path'),
    import('../../samples.js'),
  ]);
  const here = resolve(world.cwd, path);
  if (existsSync(here)) return here;
  const packaged = packagedSample(path);
  if (packaged !== undefined) return packaged;
  const hint = 'give a folder with a call.yaml or a WAV; to try: voicebridge bench samples/interrupt';
  throw new VoicebridgeError('file-missing', { path, hint });
}
