import type { ApplicationBook } from './applications.js';
import type { Form, Method } from './form.js';
import { refuse } from './refusals.js';
import { API_VERSION, type Ground, rfc2822 } from './state.js';

/** A number of the account as it is set up. */
export interface NumberSettings {
  /** E.164. */
  readonly phoneNumber: string;
  readonly sid?: string;
  readonly friendlyName?: string;
  readonly voiceUrl?: string;
  readonly voiceMethod?: Method;
  readonly voiceFallbackUrl?: string;
  readonly statusCallback?: string;
  readonly voiceApplicationSid?: string;
  readonly trunkSid?: string;
  readonly smsUrl?: string;
  readonly capabilities?: { readonly voice?: boolean; readonly sms?: boolean; readonly mms?: boolean };
}

export interface PhoneNumber {
  readonly sid: string;
  readonly phoneNumber: string;
  readonly capabilities: {
    readonly voice: boolean;
    readonly sms: boolean;
    readonly mms: boolean;
    readonly fax: boolean;
  };
  readonly createdAt: Date;
  updatedAt: Date;
  friendlyName: string;
  voiceUrl: string;
  voiceMethod: Method;
  voiceFallbackUrl: string;
  voiceFallbackMethod: Method;
  voiceApplicationSid: string;
  voiceCallerIdLookup: boolean;
  voiceReceiveMode: string;
  trunkSid: string | undefined;
  statusCallback: string;
  statusCallbackMethod: Method;
  smsUrl: string;
  smsMethod: Method;
  smsFallbackUrl: string;
  smsFallbackMethod: Method;
  smsApplicationSid: string;
}

/** Whom Twilio asks when somebody calls a number. */
export interface IncomingRoute {
  readonly url: string;
  readonly method: Method;
  readonly fallbackUrl?: string;
  readonly fallbackMethod?: Method;
  readonly statusCallback?: string;
  readonly statusCallbackMethod?: Method;
}

/** `IncomingPhoneNumbers`. https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource */
export class NumberBook {
  readonly #ground: Ground;
  readonly #applications: ApplicationBook;
  readonly #numbers = new Map<string, PhoneNumber>();

  constructor(ground: Ground, applications: ApplicationBook, settings: readonly (string | NumberSettings)[]) {
    this.#ground = ground;
    this.#applications = applications;
    for (const each of settings) this.add(each);
  }

  get all(): readonly PhoneNumber[] {
    return [...this.#numbers.values()];
  }

  get(sid: string): PhoneNumber | undefined {
    return this.#numbers.get(sid);
  }

  owned(phoneNumber: string): PhoneNumber | undefined {
    return this.all.find((each) => each.phoneNumber === phoneNumber);
  }

  /**
   * What a call to the number begins with: its application's addresses before its own. Undefined when no webhook is asked:
   * it has no address, no voice, a trunk instead, or is not the account's.
   */
  incoming(phoneNumber: string): IncomingRoute | undefined {
    const number = this.owned(phoneNumber);
    if (!number || number.trunkSid !== undefined || !number.capabilities.voice) return undefined;
    const settings = this.#applications.get(number.voiceApplicationSid) ?? number;
    if (!settings.voiceUrl) return undefined;
    return {
      url: settings.voiceUrl,
      method: settings.voiceMethod,
      ...(settings.voiceFallbackUrl && {
        fallbackUrl: settings.voiceFallbackUrl,
        fallbackMethod: settings.voiceFallbackMethod,
      }),
      ...(settings.statusCallback && {
        statusCallback: settings.statusCallback,
        statusCallbackMethod: settings.statusCallbackMethod,
      }),
    };
  }

  add(given: string | NumberSettings): PhoneNumber {
    const settings = typeof given === 'string' ? { phoneNumber: given } : given;
    const { phoneNumber, capabilities } = settings;
    const now = this.#ground.now();
    const number: PhoneNumber = {
      sid: settings.sid ?? this.#ground.sid('PN'),
      phoneNumber,
      capabilities: { voice: true, sms: true, mms: true, fax: false, ...capabilities },
      createdAt: now,
      updatedAt: now,
      friendlyName: settings.friendlyName ?? friendly(phoneNumber),
      voiceUrl: settings.voiceUrl ?? '',
      voiceMethod: settings.voiceMethod ?? 'POST',
      voiceFallbackUrl: settings.voiceFallbackUrl ?? '',
      voiceFallbackMethod: 'POST',
      voiceApplicationSid: settings.voiceApplicationSid ?? '',
      voiceCallerIdLookup: false,
      voiceReceiveMode: 'voice',
      trunkSid: settings.trunkSid,
      statusCallback: settings.statusCallback ?? '',
      statusCallbackMethod: 'POST',
      smsUrl: settings.smsUrl ?? '',
      smsMethod: 'POST',
      smsFallbackUrl: '',
      smsFallbackMethod: 'POST',
      smsApplicationSid: '',
    };
    this.#numbers.set(number.sid, number);
    return number;
  }

  /** `PhoneNumber` may be a part of one, and `*` in it stands for any digits; `FriendlyName` is meant as it is. */
  find(query: Form): PhoneNumber[] {
    const pattern = query
      .filled('PhoneNumber')
      ?.replaceAll(/[^\d*]/g, '')
      .replaceAll('*', '\\d*');
    const name = query.filled('FriendlyName');
    return this.all.filter(
      ({ phoneNumber, friendlyName }) =>
        (pattern === undefined || new RegExp(pattern).test(phoneNumber)) &&
        (name === undefined || friendlyName === name),
    );
  }

  /** Changes what the form names, or nothing at all when one of it is refused. */
  update(number: PhoneNumber, form: Form): void {
    const { privateUrls } = this.#ground;
    const url = (name: string): string | undefined => form.url(name, 'voiceUrl', privateUrls);
    const method = (name: string): Method | undefined => form.method(name, 'voiceMethod');
    const application = (name: string): string | undefined => {
      const sid = form.text(name);
      if (sid && !this.#applications.get(sid)) throw refuse('numberApplication', sid);
      return sid;
    };
    const trunkSid = form.text('TrunkSid');
    if (trunkSid && !/^TK[0-9a-f]{32}$/i.test(trunkSid)) throw refuse('numberTrunk', trunkSid);
    const changes = without({
      friendlyName: form.text('FriendlyName'),
      voiceUrl: url('VoiceUrl'),
      voiceMethod: method('VoiceMethod'),
      voiceFallbackUrl: url('VoiceFallbackUrl'),
      voiceFallbackMethod: method('VoiceFallbackMethod'),
      voiceApplicationSid: application('VoiceApplicationSid'),
      voiceCallerIdLookup: form.flag('VoiceCallerIdLookup'),
      voiceReceiveMode: form.filled('VoiceReceiveMode'),
      statusCallback: form.url('StatusCallback', 'numberStatusCallback', privateUrls),
      statusCallbackMethod: method('StatusCallbackMethod'),
      smsUrl: url('SmsUrl'),
      smsMethod: method('SmsMethod'),
      smsFallbackUrl: url('SmsFallbackUrl'),
      smsFallbackMethod: method('SmsFallbackMethod'),
      smsApplicationSid: application('SmsApplicationSid'),
    });
    const after = { ...number, ...changes };
    // Only a request that sets one is refused: Twilio does not look at what stands there already.
    if (changes.voiceFallbackUrl && !after.voiceUrl) throw refuse('voiceFallbackAlone');
    Object.assign(number, changes);
    // "Setting a trunk_sid will automatically delete your voice_application_sid and vice versa."
    if (trunkSid !== undefined) number.trunkSid = trunkSid || undefined;
    if (trunkSid) number.voiceApplicationSid = '';
    else if (changes.voiceApplicationSid) number.trunkSid = undefined;
    number.updatedAt = this.#ground.now();
  }

  resource(number: PhoneNumber): { sid: string } & Record<string, unknown> {
    return {
      sid: number.sid,
      account_sid: this.#ground.accountSid,
      friendly_name: number.friendlyName,
      phone_number: number.phoneNumber,
      voice_url: number.voiceUrl,
      voice_method: number.voiceMethod,
      voice_fallback_url: number.voiceFallbackUrl,
      voice_fallback_method: number.voiceFallbackMethod,
      status_callback: number.statusCallback,
      status_callback_method: number.statusCallbackMethod,
      voice_caller_id_lookup: number.voiceCallerIdLookup,
      voice_application_sid: number.voiceApplicationSid,
      date_created: rfc2822(number.createdAt),
      date_updated: rfc2822(number.updatedAt),
      sms_url: number.smsUrl,
      sms_method: number.smsMethod,
      sms_fallback_url: number.smsFallbackUrl,
      sms_fallback_method: number.smsFallbackMethod,
      address_requirements: 'none',
      capabilities: number.capabilities,
      beta: false,
      sms_application_sid: number.smsApplicationSid,
      api_version: API_VERSION,
      voice_receive_mode: number.voiceReceiveMode,
      status: 'in-use',
      origin: 'twilio',
      trunk_sid: number.trunkSid ?? null,
      emergency_status: 'Inactive',
      emergency_address_sid: null,
      emergency_address_status: 'unregistered',
      address_sid: null,
      identity_sid: null,
      bundle_sid: null,
      uri: this.#ground.uri(`/IncomingPhoneNumbers/${number.sid}.json`),
    };
  }
}

/** `(415) 867-5309`, as Twilio names a new number. */
export function friendly(phoneNumber: string): string {
  const match = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(phoneNumber);
  return match ? `(${match[1]}) ${match[2]}-${match[3]}` : phoneNumber;
}

/** The fields that were given. */
export function without<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
