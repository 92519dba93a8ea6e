import { L16_24K, PCMA_8K, PCMU_8K } from '../audio/format.js';
import { createTranscoder, type Transcoder } from '../audio/transcode.js';
import type { ModelTraceEvent } from '../simulator/model/events.js';

const FORMATS = { 'audio/pcm': L16_24K, 'audio/pcma': PCMA_8K } as const;

/**
 * The trace with its deltas as a phone receives them from a relay that resamples with our filter, so that they are found
 * in its stream byte for byte. One stream of audio for each session, as the relay has it. Anything else is left alone.
 */
export async function inPhoneFormat(trace: readonly ModelTraceEvent[]): Promise<ModelTraceEvent[]> {
  const transcoders = new Map<string, Transcoder>();
  const converted: ModelTraceEvent[] = [];
  for (const event of trace) converted.push(await convert(event, transcoders));
  for (const transcoder of transcoders.values()) transcoder.free();
  return converted;
}

/** A transcoder is made once, when its session says what it speaks. */
async function convert(event: ModelTraceEvent, transcoders: Map<string, Transcoder>): Promise<ModelTraceEvent> {
  const { sessionId } = event;
  if (event.type === 'configured' && event.output in FORMATS) {
    const transcoder = await createTranscoder(FORMATS[event.output as keyof typeof FORMATS], PCMU_8K);
    transcoders.set(sessionId, transcoder);
    return { ...event, output: 'audio/pcmu', behindMs: transcoder.delayMs };
  }
  const transcoder = event.type === 'delta' ? transcoders.get(sessionId) : undefined;
  return event.type === 'delta' && transcoder ? { ...event, audio: transcoder.base64(event.audio) } : event;
}
