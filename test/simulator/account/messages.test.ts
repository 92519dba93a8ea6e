import twilio from 'twilio';
import { describe, expect, it } from 'vitest';
import { account, OURS, THEIRS, TOKEN } from './setup.js';

// https://www.twilio.com/docs/messaging/api/message-resource

describe('messages', () => {
  it('are queued, sent, delivered, told of, and can be read', async () => {
    const { client, double, server, pass } = await account();
    const message = await client.messages.create({
      to: '(555) 765-0200',
      from: OURS,
      body: 'Your table is booked.',
      statusCallback: `${server.url}/sms`,
    });
    expect(message).toMatchObject({
      to: THEIRS,
      from: OURS,
      status: 'queued',
      direction: 'outbound-api',
      numSegments: '1',
      numMedia: '0',
      errorCode: null,
      dateSent: null,
    });
    expect(message.sid).toMatch(/^SM[0-9a-f]{32}$/);
    await pass(300);
    expect((await client.messages(message.sid).fetch()).status).toBe('sent');
    await pass(1000);
    expect((await client.messages(message.sid).fetch()).status).toBe('delivered');
    expect(server.seen.map(({ form }) => [form.MessageSid, form.MessageStatus, form.SmsStatus])).toEqual([
      [message.sid, 'sent', 'sent'],
      [message.sid, 'delivered', 'delivered'],
    ]);
    const { signature, url, form } = server.seen[0]!;
    expect(twilio.validateRequest(TOKEN, signature, url, form)).toBe(true);
    expect(double.messages.map(({ body }) => body)).toEqual(['Your table is booked.']);
  });

  it('are listed by their ends, the newest first', async () => {
    const { client } = await account();
    for (const body of ['one', 'two']) await client.messages.create({ to: THEIRS, from: OURS, body });
    expect((await client.messages.list({ to: THEIRS })).map(({ body }) => body)).toEqual(['two', 'one']);
    expect(await client.messages.list({ from: THEIRS })).toEqual([]);
  });

  it('may carry only a picture, come from a service or a name, and need several segments', async () => {
    const { client } = await account();
    const picture = await client.messages.create({ to: THEIRS, from: OURS, mediaUrl: ['https://example.com/a.png'] });
    expect(picture).toMatchObject({ numMedia: '1', body: '' });
    const service = { to: THEIRS, messagingServiceSid: 'MG0123456789abcdef0123456789abcdef' };
    expect(await client.messages.create({ ...service, body: 'hello' })).toMatchObject({
      messagingServiceSid: service.messagingServiceSid,
    });
    expect((await client.messages.create({ to: THEIRS, from: 'Garage', body: 'x'.repeat(161) })).numSegments).toBe('2');
    expect((await client.messages.create({ to: THEIRS, from: 'Garage', body: 'ж'.repeat(71) })).numSegments).toBe('2');
    expect((await client.messages.create({ to: THEIRS, from: 'Garage', body: 'ж'.repeat(70) })).numSegments).toBe('1');
  });
});
