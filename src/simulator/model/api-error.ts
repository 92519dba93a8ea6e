/** A refusal in the shape of the API's `error` object. It is sent as an `error` event; the session goes on. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly type: 'invalid_request_error' | 'server_error';
  readonly code: string | null;
  /** Path of the offending value in the client's event: `session.audio.input.format.rate`. */
  readonly param: string | null;

  constructor(
    message: string,
    code: string | null,
    param: string | null = null,
    type: ApiError['type'] = 'invalid_request_error',
  ) {
    super(message);
    this.type = type;
    this.code = code;
    this.param = param;
  }
}

/**
 * The refusals of the API that are not about the shape of an event. Texts and codes as people have quoted them from
 * the live service; where nobody has, the text follows the form of its neighbours and says so.
 */
export const REFUSALS = {
  invalidJson: () =>
    new ApiError(
      'Invalid event: failed to parse JSON value. Please check the value to ensure it is valid JSON. (Common errors include trailing commas, missing closing brackets, missing quotation marks, etc.)',
      'invalid_json',
    ),
  binaryFrame: () =>
    new ApiError('Expected a text WebSocket message; binary frames are not supported.', 'invalid_event'),
  betaShape: () =>
    new ApiError(
      'The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.',
      'beta_api_shape_disabled',
    ),
  invalidKey: (shown: string) =>
    new ApiError(
      `Incorrect API key provided: ${shown}. You can find your API key at https://platform.openai.com/account/api-keys.`,
      'invalid_api_key',
    ),
  quota: () =>
    new ApiError(
      'You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
      'insufficient_quota',
    ),
  modelUnknown: (model: string) =>
    new ApiError(`The model \`${model}\` does not exist or you do not have access to it.`, 'model_not_found'),
  missingKey: () => new ApiError('Missing bearer or basic authentication in header', null),
  /** The model itself has failed; the service says no more than this. */
  internal: () =>
    new ApiError(
      'The server had an error while processing your request. Sorry about that!',
      'server_error',
      null,
      'server_error',
    ),
  eventUnknown: (type: string) => new ApiError(`Invalid value: '${type}'.`, 'invalid_value', 'type'),
  sessionExpired: () => new ApiError('Your session hit the maximum duration of 60 minutes.', 'session_expired'),
  transcriptionSession: () =>
    new ApiError(
      'Passing a transcription session update event to a realtime session is not allowed.',
      'invalid_value',
      'session.type',
    ),
  modalities: (given: readonly string[], param: string) =>
    new ApiError(
      `Invalid modalities: [${given.map((modality) => `'${modality}'`).join(', ')}]. Supported combinations are: ['text'] and ['audio'].`,
      'invalid_value',
      param,
    ),
  voiceLocked: () =>
    new ApiError("Cannot update a conversation's voice if assistant audio is present.", 'cannot_update_voice'),
  audio: (format: string) =>
    new ApiError(
      `Invalid 'audio'. Expected base64-encoded audio bytes (${format}) but got an invalid value.`,
      'invalid_value',
      'audio',
    ),
  commitEmpty: (bufferMs: number) =>
    new ApiError(
      `Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has ${bufferMs.toFixed(2)}ms of audio.`,
      'input_audio_buffer_commit_empty',
    ),
  responseActive: (responseId: string) =>
    new ApiError(
      `Conversation already has an active response in progress: ${responseId}. Wait until the response is finished before creating a new one.`,
      'conversation_already_has_active_response',
    ),
  cancelNotActive: () => new ApiError('Cancellation failed: no active response found', 'response_cancel_not_active'),
  truncateUnknown: (itemId: string) => noSuchItem('truncating', 'item_truncate_invalid_item_id', itemId),
  deleteUnknown: (itemId: string) => noSuchItem('deleting', 'item_delete_invalid_item_id', itemId),
  retrieveUnknown: (itemId: string) => noSuchItem('retrieving', 'item_retrieve_invalid_item_id', itemId),
  truncateNotAudio: () => new ApiError('Only model output audio messages can be truncated', null),
  truncateTooLong: (audioMs: number, askedMs: number) =>
    new ApiError(
      `Audio content of ${Math.floor(audioMs)}ms is already shorter than ${askedMs}ms`,
      'invalid_value',
      'audio_end_ms',
    ),
  truncateContentIndex: (index: number) =>
    new ApiError(`Error truncating item: content index ${index} does not exist.`, 'invalid_value', 'content_index'),
  itemExists: (itemId: string) =>
    new ApiError(
      `Error adding item: an item with id '${itemId}' already exists in the conversation.`,
      'item_create_duplicate_item_id',
      'item.id',
    ),
  previousUnknown: (itemId: string) =>
    new ApiError(
      `Error adding item: the previous item with id '${itemId}' does not exist.`,
      'item_create_invalid_previous_item_id',
      'previous_item_id',
    ),
  callUnknown: (callId: string) =>
    new ApiError(`Tool call ID '${callId}' not found in conversation.`, 'invalid_tool_call_id', 'item.call_id'),
} as const;

const FAILURES: Readonly<Record<string, string>> = {
  server_error: REFUSALS.internal().message,
  rate_limit_exceeded:
    'Rate limit reached for this model on requests per min (RPM): Limit 100, Used 100, Requested 1. Please try again in 600ms.',
  insufficient_quota: REFUSALS.quota().message,
};

/** The `error` of a response that has failed. */
export function failureOf(code: string): { type: string; code: string; message: string } {
  const type = code === 'server_error' ? code : code === 'rate_limit_exceeded' ? 'requests' : 'invalid_request_error';
  return { type, code, message: FAILURES[code] ?? `The response failed: ${code}.` };
}

function noSuchItem(doing: string, code: string, itemId: string): ApiError {
  return new ApiError(`Error ${doing} item: the item with id '${itemId}' does not exist.`, code, 'item_id');
}
