/** What an element of TwiML may have: attributes, and elements inside. Source: the pages of each verb at twilio.com/docs/voice/twiml */
interface Shape {
  readonly attributes: readonly string[];
  /** `undefined`: whatever is inside is not looked at. */
  readonly children?: readonly string[];
}

const RECORDING = [
  'recordingConfigurationId',
  'recordingStatusCallback',
  'recordingStatusCallbackMethod',
  'recordingStatusCallbackEvent',
  'recordingTrack',
  'trim',
];
const CALLBACK = ['statusCallback', 'statusCallbackMethod', 'statusCallbackEvent'];
const DETECTION = [
  'machineDetection',
  'machineDetectionTimeout',
  'machineDetectionSpeechThreshold',
  'machineDetectionSpeechEndThreshold',
  'machineDetectionSilenceTimeout',
  'amdStatusCallback',
  'amdStatusCallbackMethod',
];
const SPOKEN = ['Say', 'Play', 'Pause'];
const STREAM: Shape = {
  attributes: ['url', 'name', 'track', 'connectorName', 'statusCallback', 'statusCallbackMethod'],
  children: ['Parameter'],
};
const NOTHING: readonly string[] = [];

/** Verbs: what stands directly in `<Response>`. Those without `children` are known, and not looked into. */
export const VERBS: Readonly<Record<string, Shape>> = {
  Connect: {
    attributes: ['action', 'method'],
    children: [
      'Stream',
      'ConversationRelay',
      'VirtualAgent',
      'Conversation',
      'Room',
      'Autopilot',
      'AiSession',
      'WhatsApp',
      'Assistant',
    ],
  },
  Start: {
    attributes: ['action', 'method'],
    children: ['Stream', 'Siprec', 'Recording', 'Transcription'],
  },
  Stop: { attributes: [], children: ['Stream', 'Siprec', 'Recording', 'Transcription'] },
  Say: { attributes: ['voice', 'language', 'loop'] },
  Play: { attributes: ['loop', 'digits'], children: NOTHING },
  Pause: { attributes: ['length'], children: NOTHING },
  Redirect: { attributes: ['method'], children: NOTHING },
  Hangup: { attributes: [], children: ['Parameter'] },
  Reject: { attributes: ['reason'], children: ['Parameter'] },
  Dial: {
    attributes: [
      ...['action', 'method', 'timeout', 'hangupOnStar', 'timeLimit', 'callerId', 'record', 'answerOnBridge'],
      ...['ringTone', 'sequential', 'referUrl', 'referMethod', 'events', 'passports', ...RECORDING],
    ],
    children: ['Number', 'Conference', 'Client', 'Sip', 'Queue', 'Sim', 'Application', 'WhatsApp'],
  },
  Gather: {
    attributes: [
      ...[
        'action',
        'method',
        'input',
        'timeout',
        'numDigits',
        'finishOnKey',
        'actionOnEmptyResult',
        'bargeIn',
        'debug',
      ],
      ...['speechTimeout', 'maxSpeechTime', 'speechModel', 'hints', 'language', 'profanityFilter', 'enhanced'],
      ...['partialResultCallback', 'partialResultCallbackMethod'],
    ],
    children: SPOKEN,
  },
  Enqueue: { attributes: ['action', 'method', 'maxQueueSize', 'waitUrl', 'waitUrlMethod', 'workflowSid'] },
  Leave: { attributes: [] },
  Record: {
    attributes: [
      ...['action', 'method', 'timeout', 'finishOnKey', 'maxLength', 'playBeep', 'transcribe', 'transcribeCallback'],
      ...RECORDING,
    ],
  },
  Refer: { attributes: ['action', 'method'] },
  Pay: {
    attributes: [
      ...['action', 'bankAccountType', 'chargeAmount', 'currency', 'description', 'input', 'language', 'maxAttempts'],
      ...['minPostalCodeLength', 'paymentConnector', 'paymentMethod', 'postalCode', 'securityCode', 'timeout'],
      ...['tokenType', 'validCardTypes', 'statusCallback', 'statusCallbackMethod'],
    ],
  },
  Prompt: { attributes: ['for', 'attempt', 'cardType', 'errorType', 'requireMatchingInputs'] },
  Sms: { attributes: ['to', 'from', 'action', 'method', 'statusCallback'] },
  Echo: { attributes: [] },
};

/** What stands inside a verb. */
export const NOUNS: Readonly<Record<string, Shape>> = {
  Stream: STREAM,
  Parameter: { attributes: ['name', 'value'], children: NOTHING },
  Say: VERBS.Say!,
  Play: VERBS.Play!,
  Pause: VERBS.Pause!,
  Number: {
    attributes: ['url', 'method', 'sendDigits', 'byoc', ...CALLBACK, ...DETECTION],
    children: NOTHING,
  },
  Conference: {
    attributes: [
      ...['muted', 'beep', 'startConferenceOnEnter', 'endConferenceOnExit', 'waitUrl', 'waitMethod', 'maxParticipants'],
      ...[
        'record',
        'region',
        'coach',
        'participantLabel',
        'jitterBufferSize',
        'eventCallbackUrl',
        ...CALLBACK,
        ...RECORDING,
      ],
    ],
    children: NOTHING,
  },
};
