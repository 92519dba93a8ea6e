import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { openSound, type Sound } from '../../../src/simulator/device/sound.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';

const PROGRAM = fileURLToPath(new URL('../../fixtures/sound-process.mjs', import.meta.url));

let sound: Sound | undefined;
afterEach(() => {
  sound?.close();
  sound = undefined;
});

/** Opens the sound process of the fixture, which behaves as told. */
async function open(behaviour: string, program = PROGRAM) {
  const captured: number[][] = [];
  const lost: string[] = [];
  const events = new EventTarget();
  sound = await openSound({
    clock: systemClock,
    program,
    folders: [behaviour],
    onCapture: (audio) => {
      captured.push([...audio]);
      events.dispatchEvent(new Event('captured'));
    },
    onLost: (reason) => {
      lost.push(reason);
      events.dispatchEvent(new Event('lost'));
    },
  });
  return { sound, captured, lost, next: (type: 'captured' | 'lost') => once(events, type) };
}

const refusal = (behaviour: string): Promise<unknown> =>
  open(behaviour).then(
    () => 'opened',
    (error) => ({ code: error.code, message: error.message }),
  );

describe('the sound process', () => {
  it('takes what is to be played and gives what is recorded, in order', async () => {
    const { sound, captured, next } = await open('works');
    expect(sound.backend).toBe('naudiodon');
    sound.play(Uint8Array.of(1, 2, 3));
    sound.flush();
    await next('captured');
    if (captured.length < 2) await next('captured');
    expect(captured).toEqual([[1, 2, 3], [0]]);
  });

  it('is of the second library when the first is not there', async () => {
    expect((await open('works:decibri')).sound.backend).toBe('decibri');
  });

  it.each([
    [
      'absent',
      'sound-library-missing',
      '--mic needs a library for microphone and speaker, and neither decibri nor naudiodon is installed',
    ],
    ['fails:naudiodon', 'sound-unavailable', 'microphone and speaker cannot be opened: naudiodon: no default device'],
    [
      'crashes:naudiodon',
      'sound-unavailable',
      'microphone and speaker cannot be opened: naudiodon: naudiodon ended (SIGSEGV)',
    ],
  ])('that is %s is refused with one sentence', async (behaviour, code, message) => {
    expect(await refusal(behaviour)).toEqual({ code, message });
  });

  it('that gives no sound in ten seconds is given up', async () => {
    const clock = new VirtualClock();
    const nothing = fileURLToPath(new URL('../../fixtures/silent-process.mjs', import.meta.url));
    const opening = openSound({
      clock,
      program: nothing,
      folders: [],
      onCapture() {},
      onLost() {},
      backends: ['decibri'],
    });
    clock.advance(10_000);
    await expect(opening).rejects.toThrow('decibri: microphone or speaker did not begin in 10 s');
  });

  it.each([
    ['dies', 'naudiodon ended (code 3)'],
    ['stops', 'the speaker takes no sound any more'],
  ])('that %s in the middle of a call is told of, once', async (behaviour, reason) => {
    const { sound, lost, next } = await open(behaviour);
    const told = next('lost');
    sound.flush();
    await told;
    sound.play(Uint8Array.of(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(lost).toEqual([reason]);
  });

  it('that we close is not lost', async () => {
    const { sound, lost } = await open('works');
    sound.close();
    sound.close();
    sound.play(Uint8Array.of(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(lost).toEqual([]);
  });

  it('of our own says that a library is not installed', async () => {
    await expect(
      openSound({ clock: systemClock, folders: ['/nowhere'], onCapture() {}, onLost() {} }),
    ).rejects.toMatchObject({ code: 'sound-library-missing', exit: 2 });
  });
});
