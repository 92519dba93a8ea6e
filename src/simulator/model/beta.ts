/**
 * Names of the beta API, dead since May 2026, and what GA calls them: for the person whose client still uses them.
 * Paths as `param` of an error shows them, and event types.
 */
const GA_NAMES: Readonly<Record<string, string>> = {
  'session.modalities': 'session.output_modalities',
  'session.voice': 'session.audio.output.voice',
  'session.speed': 'session.audio.output.speed',
  'session.input_audio_format': 'session.audio.input.format',
  'session.output_audio_format': 'session.audio.output.format',
  'session.input_audio_transcription': 'session.audio.input.transcription',
  'session.input_audio_noise_reduction': 'session.audio.input.noise_reduction',
  'session.turn_detection': 'session.audio.input.turn_detection',
  'session.max_response_output_tokens': 'session.max_output_tokens',
  'response.modalities': 'response.output_modalities',
  'response.voice': 'response.audio.output.voice',
  'response.output_audio_format': 'response.audio.output.format',
  'response.max_response_output_tokens': 'response.max_output_tokens',
  'transcription_session.update': 'session.update',
};

/** The GA name of what an error message quotes, if it is a beta name. */
export function betaHint(message: string): string | undefined {
  for (const [, name] of message.matchAll(/'([^']+)'/g)) {
    const ga = GA_NAMES[name!];
    if (ga !== undefined) return `${name} is the beta's name; GA calls it ${ga}`;
  }
  return /^Missing required parameter: 'session\.type'/.test(message)
    ? 'GA wants "type": "realtime" in every session.update'
    : undefined;
}
