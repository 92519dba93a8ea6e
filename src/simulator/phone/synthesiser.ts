import { execFile } from 'node:child_process';
import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { readCallerAudio } from '../../audio/wav.js';

/** Programs that speak a sentence, the most widespread first. The text goes in through a file: no shell, no quoting. */
const SYNTHESISERS: readonly { readonly program: string; readonly args: (text: string, wav: string) => string[] }[] = [
  { program: 'espeak-ng', args: (text, wav) => ['-b', '1', '-s', '160', '-f', text, '-w', wav] },
  { program: 'flite', args: (text, wav) => ['-f', text, '-o', wav] },
  { program: 'say', args: (text, wav) => ['-f', text, '-o', wav, '--file-format=WAVE', '--data-format=LEI16@22050'] },
];

/** A sentence takes some ten milliseconds; a program that waits for something else is not ours. */
const TIMEOUT_MS = 20_000;

export const WHAT_TO_INSTALL =
  'install one (apt install espeak-ng, brew install espeak-ng), or record the sentence: say: hello.wav';

/** Speaks a sentence: linear samples at 8 kHz. Undefined when no synthesiser is installed; rejects when it fails. */
export async function synthesise(sentence: string, path = process.env.PATH ?? ''): Promise<Int16Array | undefined> {
  const found = await installed(path);
  if (!found) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'voicebridge-speech-'));
  try {
    const text = join(folder, 'sentence.txt');
    const wav = join(folder, 'sentence.wav');
    await writeFile(text, `${sentence}\n`);
    await promisify(execFile)(found.program, found.args(text, wav), { timeout: TIMEOUT_MS });
    return await readCallerAudio(wav);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The first synthesiser in the search path, with the whole path of its program. */
async function installed(path: string): Promise<(typeof SYNTHESISERS)[number] | undefined> {
  for (const synthesiser of SYNTHESISERS) {
    // Windows has a "say" of nobody's and endings: only what can be started as it is called counts.
    for (const folder of path.split(delimiter).filter((each) => each !== '')) {
      const program = join(folder, synthesiser.program);
      const there = await access(program, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (there) return { ...synthesiser, program };
    }
  }
  return undefined;
}
