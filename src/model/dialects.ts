/** Who speaks OpenAI's Realtime protocol to us. */
export type Provider = 'openai' | 'azure' | 'xai' | 'compatible';

/** Audio formats of the protocol: G.711 at 8 kHz, or linear 16 bit at 24 kHz. */
export type WireAudio = 'pcmu' | 'pcma' | 'pcm';

/** In what one provider differs from the others. Nothing else in the client asks whom it talks to. */
export interface Dialect {
  readonly provider: Provider;
  /** Without a query; `{resource}` is filled in. Absent: the address has to be given. */
  readonly address?: string;
  /** The `model` of the address, unless another is chosen. Azure calls it the deployment. */
  readonly model?: string;
  /** The header that carries a key; a token of Microsoft Entra always travels as a bearer. */
  readonly keyHeader: 'Authorization' | 'api-key';
  /** Environment variable that people keep the key in. */
  readonly keyVariable: string;
  /** Formats it takes and gives, the best for a telephone first. */
  readonly formats: readonly WireAudio[];
  /** Where `voice` and `turn_detection` stand in `session`: under `audio`, or at its top. */
  readonly placement: 'audio' | 'top';
  readonly transcription: {
    readonly model: string;
    readonly languageKey: 'language' | 'language_hint';
    readonly prompt: boolean;
  };
  /** What else of a session it knows. What it does not is left out: one unknown property refuses the whole. */
  readonly knows: { readonly modalities: boolean; readonly noiseReduction: boolean; readonly semanticVad: boolean };
  /** `try`: it may not know `conversation.item.truncate`; after its first refusal none is sent in that session. */
  readonly truncate: 'known' | 'try';
  /** `resumption` in the session and `conversation_id` in the address: a lost conversation can be gone on with. */
  readonly resumes: boolean;
  /** Items of type `force_message`: it speaks a given line word for word. */
  readonly speaksLines: boolean;
}

const OPENAI: Dialect = {
  provider: 'openai',
  address: 'wss://api.openai.com/v1/realtime',
  model: 'gpt-realtime-2.1',
  keyHeader: 'Authorization',
  keyVariable: 'OPENAI_API_KEY',
  formats: ['pcmu', 'pcma', 'pcm'],
  placement: 'audio',
  transcription: { model: 'gpt-transcribe', languageKey: 'language', prompt: true },
  knows: { modalities: true, noiseReduction: true, semanticVad: true },
  truncate: 'known',
  resumes: false,
  speaksLines: false,
};

/**
 * The one table. Sources: platform.openai.com/docs/guides/realtime, learn.microsoft.com (Azure OpenAI, GA realtime),
 * docs.x.ai (speech to speech).
 */
export const DIALECTS: Readonly<Record<Provider, Dialect>> = {
  openai: OPENAI,
  azure: {
    ...OPENAI,
    provider: 'azure',
    address: 'wss://{resource}.openai.azure.com/openai/v1/realtime',
    model: undefined,
    keyHeader: 'api-key',
    keyVariable: 'AZURE_OPENAI_API_KEY',
  },
  xai: {
    provider: 'xai',
    address: 'wss://api.x.ai/v1/realtime',
    model: 'grok-voice-latest',
    keyHeader: 'Authorization',
    keyVariable: 'XAI_API_KEY',
    formats: ['pcmu', 'pcma', 'pcm'],
    placement: 'top',
    transcription: { model: 'grok-transcribe', languageKey: 'language_hint', prompt: false },
    knows: { modalities: false, noiseReduction: false, semanticVad: false },
    truncate: 'try',
    resumes: true,
    speaksLines: true,
  },
  compatible: { ...OPENAI, provider: 'compatible', address: undefined, model: undefined, truncate: 'try' },
};
