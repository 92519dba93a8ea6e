import { describe, expect, it } from 'vitest';
import { connectTwiml, endedTwiml, fullTwiml, transferTwiml } from '../../../src/carrier/twilio/twiml.js';

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>';

describe('TwiML', () => {
  it('connects the call to a stream and says where to go on', () => {
    const urls = { streamUrl: 'wss://h/media-stream', endedUrl: 'https://h/ended', statusUrl: 'https://h/status' };
    expect(connectTwiml(urls)).toBe(
      `${HEAD}<Response><Connect action="https://h/ended" method="POST"><Stream url="wss://h/media-stream" statusCallback="https://h/status" statusCallbackMethod="POST"/></Connect></Response>`,
    );
  });

  it('escapes what would end an attribute', () => {
    const twiml = connectTwiml({ streamUrl: 'wss://h/"><Hangup/>', endedUrl: 'https://h/e', statusUrl: 'https://h/s' });
    expect(twiml).toContain('url="wss://h/&quot;>&lt;Hangup/>"');
  });

  it('hangs up after the stream, with an apology only when the agent was lost', () => {
    expect(endedTwiml(false)).toBe(`${HEAD}<Response><Hangup/></Response>`);
    expect(endedTwiml(true)).toMatch(/<Say>.*<\/Say><Hangup\/>/);
  });

  it('is polite when all lines are busy', () => {
    expect(fullTwiml()).toMatch(/<Say>All our lines are busy.*<\/Say><Hangup\/>/);
  });

  it('puts the caller through to a number', () => {
    expect(transferTwiml({ number: '+15550003333' })).toBe(
      `${HEAD}<Response><Dial timeout="30"><Number>+15550003333</Number></Dial></Response>`,
    );
    expect(transferTwiml({ number: '+15550003333', callerId: '+15550002222', timeoutSeconds: 12 })).toBe(
      `${HEAD}<Response><Dial timeout="12" callerId="+15550002222"><Number>+15550003333</Number></Dial></Response>`,
    );
  });

  it('lets a number be nothing but text', () => {
    expect(transferTwiml({ number: '1</Number><Number>2', callerId: '"><Say>' })).toBe(
      `${HEAD}<Response><Dial timeout="30" callerId="&quot;>&lt;Say>"><Number>1&lt;/Number&gt;&lt;Number&gt;2</Number></Dial></Response>`,
    );
  });
});
