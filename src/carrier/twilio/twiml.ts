import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';

/** TwiML that bridges the call to the stream; `endedUrl` is asked when the stream is over, whoever ended it. */
export function connectTwiml(urls: { streamUrl: string; endedUrl: string; statusUrl: string }): string {
  const response = new VoiceResponse();
  response
    .connect({ action: urls.endedUrl, method: 'POST' })
    .stream({ url: urls.streamUrl, statusCallback: urls.statusUrl, statusCallbackMethod: 'POST' });
  return response.toString();
}

/** What follows the stream: nothing, after a word of apology when the agent was lost in the middle of the call. */
export function endedTwiml(agentLost: boolean): string {
  const response = new VoiceResponse();
  if (agentLost) response.say('I am sorry, we have a technical problem. Please call again in a few minutes.');
  response.hangup();
  return response.toString();
}

export function fullTwiml(): string {
  const response = new VoiceResponse();
  response.say('All our lines are busy. Please call again in a few minutes.');
  response.hangup();
  return response.toString();
}
