import type { Twilio } from 'twilio';
import { VoicebridgeError } from '../../errors.js';
import { DEFAULTS } from '../../options.js';
import type { CarrierRest } from '../carrier.js';

export interface TwilioRestOptions {
  readonly accountSid: string;
  /** The account's sid, or the sid of an API key. */
  readonly username: string;
  /** The auth token, or the secret of the API key. */
  readonly password: string;
  /** Where the API is, for tests. */
  readonly baseUrl?: string;
  readonly requestTimeoutMs?: number;
}

/** Where the SDK believes the API to be. */
const API = 'https://api.twilio.com';

/** Answers that mean the call is over: no such call, and a call that is not in progress. */
const CALL_OVER = new Set([20404, 21220]);

/**
 * The variables that Twilio's own tools read: TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN, or with TWILIO_API_KEY and
 * TWILIO_API_SECRET, which go first. Undefined when there is no pair of them. TWILIO_API_URL is for tests.
 */
export function twilioRestFromEnvironment(env: Readonly<Record<string, string | undefined>>): CarrierRest | undefined {
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: token } = env;
  const { TWILIO_API_KEY: key, TWILIO_API_SECRET: secret, TWILIO_API_URL: baseUrl } = env;
  if (!accountSid) return undefined;
  const where = { accountSid, ...(baseUrl && { baseUrl }) };
  if (key && secret) return twilioRest({ ...where, username: key, password: secret });
  if (token) return twilioRest({ ...where, username: accountSid, password: token });
  return undefined;
}

/** Twilio's REST API through its SDK, which is loaded with the first request: that takes 130 ms. */
export function twilioRest(options: TwilioRestOptions): CarrierRest {
  let loading: Promise<Twilio> | undefined;
  const ask = async (what: string, request: (client: Twilio) => Promise<unknown>): Promise<void> => {
    loading ??= connect(options);
    try {
      await request(await loading);
    } catch (error) {
      throw refusal(what, error);
    }
  };
  return {
    redirect: (callSid, to) => ask('redirect the call', (client) => client.calls(callSid).update(to)),
    async hangUp(callSid) {
      try {
        await ask('hang up', (client) => client.calls(callSid).update({ status: 'completed' }));
      } catch (error) {
        if (!isOver((error as Error).cause)) throw error;
      }
    },
    sendMessage: (message) => ask('send the message', (client) => client.messages.create(message)),
  };
}

async function connect(options: TwilioRestOptions): Promise<Twilio> {
  const { accountSid, username, password, baseUrl, requestTimeoutMs: timeout } = options;
  const [{ default: twilio }, { default: RequestClient }] = await Promise.all([
    import('twilio'),
    import('twilio/lib/base/RequestClient.js'),
  ]);
  /** The SDK knows one host and has no option for another. */
  class ElsewhereClient extends RequestClient {
    override request<Data>(request: Parameters<InstanceType<typeof RequestClient>['request']>[0]) {
      const uri = baseUrl === undefined ? request.uri : request.uri.replace(API, baseUrl.replace(/\/$/, ''));
      return super.request<Data>({ ...(request as typeof request & { data?: Data }), uri });
    }
  }
  const httpClient = new ElsewhereClient({ timeout: timeout ?? DEFAULTS.carrier.requestTimeoutMs });
  return twilio(username, password, { accountSid, httpClient });
}

/** Twilio's own sentence is left out: it repeats numbers and texts. */
function refusal(what: string, error: unknown): VoicebridgeError {
  const { code, status } = error as { code?: unknown; status?: unknown };
  if (typeof status !== 'number') {
    const reason = typeof code === 'string' ? code : 'no answer';
    return new VoicebridgeError('carrier-unreachable', { carrier: 'Twilio', what, reason }, { cause: error });
  }
  const known = typeof code === 'number';
  const page = known ? `https://www.twilio.com/docs/api/errors/${code}` : 'https://status.twilio.com';
  const details = { carrier: 'Twilio', what, code: known ? code : `HTTP ${status}`, page };
  return new VoicebridgeError('carrier-refused', details, { cause: error });
}

function isOver(cause: unknown): boolean {
  const { code, status } = (cause ?? {}) as { code?: unknown; status?: unknown };
  return status === 404 || CALL_OVER.has(code as number);
}
