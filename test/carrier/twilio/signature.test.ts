import { expect, it } from 'vitest';
import { twilioSignature } from '../../../src/carrier/twilio/signature.js';

// Vectors executed against the validator of Twilio's own Node package.
it.each([
  ['wss://example.com/media', '7PR3qMkpDyEJtMrVOY/LDyNq8J8='],
  ['wss://example.com/', 'hoaxtdkWNBxVYCmDLq7UdjDdXIg='],
])('signs the upgrade to %s', (url, signature) => {
  expect(twilioSignature('12345', url)).toBe(signature);
});

it('signs the fields of a form in the order of their names', () => {
  // The example of twilio.com/docs/usage/webhooks/webhooks-security.
  const form = {
    To: '+18005551212',
    Digits: '1234',
    Caller: '+12349013030',
    From: '+12349013030',
    CallSid: 'CA1234567890ABCDE',
  };
  expect(twilioSignature('12345', 'https://mycompany.com/myapp.php?foo=1&bar=2', form)).toBe(
    '0/KCTR6DLpKmkAf8muzZqo1nDgQ=',
  );
});
