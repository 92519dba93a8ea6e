import { describe, expect, it } from 'vitest';
import { dial } from '../../../../src/simulator/phone/call.js';
import { silentCaller } from '../../../helpers/phone.js';
import { findingsOf, wrongServer, wrongServerNames } from '../../../helpers/wrong-servers.js';

const names = wrongServerNames.filter((name) => name.startsWith('handshake-'));

describe('a server that refuses the stream', () => {
  it.each(names)('like %s is asked what it wanted', async (name) => {
    const program = await wrongServer(name);
    const server = await program.start('wrong');
    const findings = await findingsOf(server.url, program).finally(() => server.close());
    expect(findings.map(({ rule, code }) => [rule, code])).toEqual([[program.rule, 31920]]);
  });

  it('is named in the error with what it demands, and what to do instead', async () => {
    const server = await (await wrongServer('handshake-origin')).start('wrong');
    const call = dial({ url: server.url, caller: silentCaller(0) });
    await expect(call.done.finally(() => server.close())).rejects.toMatchObject({
      code: 'handshake-demands',
      exit: 3,
      message: expect.stringContaining('only for a client with an Origin header'),
      hint: 'accept upgrades without Origin and check X-Twilio-Signature instead',
    });
  });

  it('is not asked when it is not there at all', async () => {
    const server = await (await wrongServer('handshake-origin')).start('right');
    await server.close();
    const call = dial({ url: server.url, caller: silentCaller(0) });
    const seen: string[] = [];
    call.on(({ type }) => seen.push(type));
    await expect(call.done).rejects.toMatchObject({ code: 'connect-refused' });
    expect(seen).toEqual(['connecting']);
  });
});
