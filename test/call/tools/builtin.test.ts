import { describe, expect, it } from 'vitest';
import { readArguments } from '../../../src/call/tools/arguments.js';
import { collectDigits, hangUp, sendSms, transfer, wait } from '../../../src/call/tools/builtin.js';
import type { Tool } from '../../../src/call/tools/tool.js';
import type { CarrierRest } from '../../../src/carrier/carrier.js';
import { VoicebridgeError } from '../../../src/errors.js';
import { silentLog } from '../../../src/log.js';
import { CALL, type FakeControl, fakeControl } from '../../helpers/fake-control.js';

const signal = new AbortController().signal;

/** Runs a tool as a model would: with JSON, checked against what it was shown. */
async function call(tool: Tool, args: string, control: FakeControl = fakeControl()) {
  const read = await readArguments(tool.declaration.parameters, args);
  if ('error' in read) return read.error;
  return tool.run(read.args, { callId: 'c1', call: control.info, control, log: silentLog, signal });
}

const refused = new VoicebridgeError('carrier-refused', {
  ...{ carrier: 'Twilio', what: 'redirect the call', code: 21220, page: '' },
});

describe('hang_up', () => {
  it('hangs up after what is being said, and wants no answer to it', async () => {
    const control = fakeControl();
    expect(await call(hangUp, '', control)).toEqual({ output: '{"ok":true}', respond: false });
    expect(control.asked).toEqual([['hangUp']]);
  });

  it('asks the model to say goodbye first', () => {
    expect(hangUp.declaration.description).toContain('Say goodbye first');
  });
});

describe('wait', () => {
  it('does nothing, and wants no answer', async () => {
    const control = fakeControl();
    expect(await call(wait, '{}', control)).toEqual({ output: '{"ok":true}', respond: false });
    expect(control.asked).toEqual([]);
  });
});

describe('collect_digits', () => {
  it('asks for digits and tells the model which were pressed', async () => {
    const control = fakeControl({ collectDigits: async () => '1234' });
    expect(await call(collectDigits, '{"maxDigits":4,"terminator":"#","timeoutSeconds":2.5}', control)).toEqual({
      output: '{"digits":"1234"}',
    });
    expect(control.asked).toEqual([['collectDigits', { maxDigits: 4, terminator: '#', timeoutMs: 2500, signal }]]);
  });

  it('waits 5 s for each unless told, and says when none came', async () => {
    const control = fakeControl();
    expect(await call(collectDigits, '{"maxDigits":1}', control)).toEqual({
      output: '{"digits":"","note":"the caller pressed nothing in time"}',
    });
    expect(control.asked).toEqual([['collectDigits', { maxDigits: 1, timeoutMs: 5000, signal }]]);
  });

  it.each(['{}', '{"maxDigits":0}', '{"maxDigits":33}', '{"maxDigits":4,"terminator":"1"}', '{"maxDigits":1.5}'])(
    'refuses %s',
    async (args) => {
      expect(await call(collectDigits, args)).toMatch(/^the arguments do not fit/);
    },
  );
});

describe('transfer', () => {
  const tool = transfer({
    sales: { number: '+15550003333', description: 'for new customers' },
    night: { url: 'https://h/night' },
  });

  it('shows the model the names, and no number', () => {
    expect(tool.declaration.parameters).toEqual({
      type: 'object',
      properties: {
        target: { type: 'string', enum: ['sales', 'night'], description: 'sales: for new customers\nnight' },
      },
      required: ['target'],
      additionalProperties: false,
    });
  });

  it('hands the call over to a number or an address, and wants no answer', async () => {
    const control = fakeControl();
    expect(await call(tool, '{"target":"sales"}', control)).toEqual({ output: '{"ok":true}', respond: false });
    expect(await call(tool, '{"target":"night"}', control)).toEqual({ output: '{"ok":true}', respond: false });
    expect(control.asked).toEqual([
      ['transfer', { number: '+15550003333' }],
      ['transfer', { url: 'https://h/night' }],
    ]);
  });

  it.each(['{}', '{"target":"+15550009999"}', '{"target":"sales","number":"+15550009999"}'])(
    'refuses %s',
    async (args) => {
      expect(await call(tool, args)).toMatch(/^the arguments do not fit/);
    },
  );

  it('tells the model when the carrier refuses', async () => {
    const control = fakeControl({ transfer: () => Promise.reject(refused) });
    await expect(call(tool, '{"target":"sales"}', control)).rejects.toMatchObject({
      name: 'ToolError',
      message: 'Twilio refused to redirect the call: error 21220',
    });
  });

  it('keeps an error of another kind to itself', async () => {
    const control = fakeControl({ transfer: () => Promise.reject(new TypeError('x')) });
    await expect(call(tool, '{"target":"sales"}', control)).rejects.toThrow(TypeError);
  });
});

describe('send_sms', () => {
  function rest(sendMessage: CarrierRest['sendMessage'] = async () => {}) {
    const sent: unknown[] = [];
    return {
      sent,
      rest: {
        redirect: async () => {},
        hangUp: async () => {},
        sendMessage: (message: Parameters<CarrierRest['sendMessage']>[0]) => {
          sent.push(message);
          return sendMessage(message);
        },
      },
    };
  }

  it('sends to the caller from the number that was called', async () => {
    const carrier = rest();
    expect(await call(sendSms(carrier.rest), '{"body":"Thursday at nine"}')).toEqual({ output: '{"ok":true}' });
    expect(carrier.sent).toEqual([{ from: '+15550002222', to: '+15550001111', body: 'Thursday at nine' }]);
  });

  it('sends from a number of its own when it has one', async () => {
    const carrier = rest();
    await call(sendSms(carrier.rest, '+15550004444'), '{"body":"x"}');
    expect(carrier.sent).toEqual([{ from: '+15550004444', to: '+15550001111', body: 'x' }]);
  });

  it('lets the model choose the words and nothing else', async () => {
    const carrier = rest();
    expect(await call(sendSms(carrier.rest), '{"body":"x","to":"+15550009999"}')).toMatch(/^the arguments do not fit/);
    expect(await call(sendSms(carrier.rest), '{"body":""}')).toMatch(/^the arguments do not fit/);
    expect(carrier.sent).toEqual([]);
  });

  it('says when the numbers are not known', async () => {
    const { from: _, ...nobody } = CALL;
    const { to: __, ...nowhere } = CALL;
    const tool = sendSms(rest().rest);
    await expect(call(tool, '{"body":"x"}', fakeControl({ info: nobody }))).rejects.toThrow(
      'the number of the caller is not known',
    );
    await expect(call(tool, '{"body":"x"}', fakeControl({ info: nowhere }))).rejects.toThrow(
      'there is no number to send from',
    );
  });

  it('tells the model when the carrier refuses', async () => {
    const tool = sendSms(rest(() => Promise.reject(refused)).rest);
    await expect(call(tool, '{"body":"x"}')).rejects.toMatchObject({ name: 'ToolError' });
  });
});
