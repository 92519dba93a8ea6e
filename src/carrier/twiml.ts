import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';

/** TwiML that bridges the call to the stream; `endedUrl` is asked when the stream is over, whoever ended it. */
export function connectTwiml(urls: { streamUrl: string; endedUrl: string; statusUrl: string }): string {
  const response = new VoiceResponse();
  response
    .connect({ action: urls.endedUrl, method: 'POST' })
    .stream({ url: urls.streamUrl, statusCallback: urls.statusUrl, statusCallbackMethod: 'POST' });
  return response.toString();
}

/** Nothing after the stream: without this a call whose model was lost would go on in silence. */
export function endedTwiml(): string {
  const response = new VoiceResponse();
  response.hangup();
  return response.toString();
}

export function fullTwiml(): string {
  const response = new VoiceResponse();
  response.say('All our lines are busy. Please call again in a few minutes.');
  response.hangup();
  return response.toString();
}
