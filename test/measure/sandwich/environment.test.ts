import { describe, expect, it } from 'vitest';
import { environmentOf, filledIn, parseVariable } from '../../../src/measure/sandwich/environment.js';

const surroundings = { modelUrl: 'ws://127.0.0.1:4711/v1/realtime', port: 9000 };

describe('filledIn', () => {
  it.each([
    [
      'node relay.js --port {port} --model {model}',
      'node relay.js --port 9000 --model ws://127.0.0.1:4711/v1/realtime',
    ],
    ['{modelHttp}/{modelHttp}', 'http://127.0.0.1:4711/v1/http://127.0.0.1:4711/v1'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's own
    ['echo ${port} {other}', 'echo ${port} {other}'],
  ])('fills %j', (text, filled) => {
    expect(filledIn(text, surroundings)).toBe(filled);
  });
});

describe('environmentOf', () => {
  it('says where the model is and where to listen, and takes a secret away', () => {
    const base = { PATH: '/bin', TWILIO_AUTH_TOKEN: 'secret', OPENAI_API_KEY: 'sk-real', PORT: '1' };
    expect(environmentOf(base, [], surroundings)).toEqual({
      PATH: '/bin',
      OPENAI_REALTIME_URL: 'ws://127.0.0.1:4711/v1/realtime',
      OPENAI_BASE_URL: 'http://127.0.0.1:4711/v1',
      OPENAI_API_KEY: 'sk-voicebridge-bench',
      PORT: '9000',
    });
  });

  it('lets --env have the last word', () => {
    const own = [
      ['PORT', '7'],
      ['TWILIO_AUTH_TOKEN', 'mine'],
      ['REALTIME', 'url={model}'],
    ] as const;
    expect(environmentOf({}, own, surroundings)).toMatchObject({
      PORT: '7',
      TWILIO_AUTH_TOKEN: 'mine',
      REALTIME: 'url=ws://127.0.0.1:4711/v1/realtime',
    });
  });
});

describe('parseVariable', () => {
  it('reads NAME=value, with anything in the value', () => {
    expect(parseVariable('A_1=x=y z')).toEqual(['A_1', 'x=y z']);
    expect(parseVariable('EMPTY=')).toEqual(['EMPTY', '']);
  });

  it.each(['NAME', '=value', '1A=b', 'A B=c', ''])('does not read %j', (text) => {
    expect(parseVariable(text)).toBeUndefined();
  });
});
