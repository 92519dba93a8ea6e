import { failureOf } from './api-error.js';
import { OUTPUT_TOKEN_MS } from './spoken-item.js';
import type { ResponseObject } from './wire.js';

export type FinalStatus = 'completed' | 'cancelled' | 'incomplete' | 'failed';
export type CancelReason = 'turn_detected' | 'client_cancelled';
export type IncompleteReason = 'max_output_tokens' | 'content_filter';

/** How a response ended, and why. */
export type Ending =
  | { readonly status: 'completed' }
  | { readonly status: 'cancelled'; readonly reason: CancelReason }
  | { readonly status: 'incomplete'; readonly reason: IncompleteReason }
  | { readonly status: 'failed'; readonly code: string };

export function statusDetails(ending: Ending | undefined): ResponseObject['status_details'] {
  switch (ending?.status) {
    case 'cancelled':
    case 'incomplete':
      return { type: ending.status, reason: ending.reason };
    case 'failed':
      return { type: 'failed', error: failureOf(ending.code) };
    default:
      return null;
  }
}

/** The counts are made up in proportion to what was said; their shape is the service's. */
export function usage(audioMs: number, textTokens: number): NonNullable<ResponseObject['usage']> {
  const audio = Math.ceil(audioMs / OUTPUT_TOKEN_MS);
  return {
    total_tokens: 100 + audio + textTokens,
    input_tokens: 100,
    output_tokens: audio + textTokens,
    input_token_details: { text_tokens: 100, audio_tokens: 0, image_tokens: 0, cached_tokens: 0 },
    output_token_details: { text_tokens: textTokens, audio_tokens: audio },
  };
}
