import type { Form, Method } from './form.js';
import { without } from './numbers.js';
import { API_VERSION, type Ground, rfc2822 } from './state.js';

/** An application as it is set up. */
export interface ApplicationSettings {
  readonly sid?: string;
  readonly friendlyName?: string;
  readonly voiceUrl?: string;
  readonly voiceMethod?: Method;
  readonly voiceFallbackUrl?: string;
  readonly statusCallback?: string;
}

export interface Application {
  readonly sid: string;
  readonly createdAt: Date;
  updatedAt: Date;
  friendlyName: string;
  voiceUrl: string;
  voiceMethod: Method;
  voiceFallbackUrl: string;
  voiceFallbackMethod: Method;
  statusCallback: string;
  statusCallbackMethod: Method;
}

/** `Applications`. https://www.twilio.com/docs/usage/api/applications */
export class ApplicationBook {
  readonly #ground: Ground;
  readonly #applications = new Map<string, Application>();

  constructor(ground: Ground, settings: readonly ApplicationSettings[] = []) {
    this.#ground = ground;
    for (const each of settings) this.add(each);
  }

  get all(): readonly Application[] {
    return [...this.#applications.values()];
  }

  get(sid: string): Application | undefined {
    return this.#applications.get(sid);
  }

  add(settings: ApplicationSettings): Application {
    const now = this.#ground.now();
    const application: Application = {
      sid: settings.sid ?? this.#ground.sid('AP'),
      createdAt: now,
      updatedAt: now,
      friendlyName: settings.friendlyName ?? '',
      voiceUrl: settings.voiceUrl ?? '',
      voiceMethod: settings.voiceMethod ?? 'POST',
      voiceFallbackUrl: settings.voiceFallbackUrl ?? '',
      voiceFallbackMethod: 'POST',
      statusCallback: settings.statusCallback ?? '',
      statusCallbackMethod: 'POST',
    };
    this.#applications.set(application.sid, application);
    return application;
  }

  create(form: Form): Application {
    const changes = this.#changes(form);
    return Object.assign(this.add({}), changes);
  }

  update(application: Application, form: Form): void {
    Object.assign(application, this.#changes(form), { updatedAt: this.#ground.now() });
  }

  find(query: Form): Application[] {
    const name = query.filled('FriendlyName');
    return this.all.filter(({ friendlyName }) => name === undefined || friendlyName === name);
  }

  #changes(form: Form) {
    const { privateUrls } = this.#ground;
    return without({
      friendlyName: form.text('FriendlyName'),
      voiceUrl: form.url('VoiceUrl', 'voiceUrl', privateUrls),
      voiceMethod: form.method('VoiceMethod', 'voiceMethod'),
      voiceFallbackUrl: form.url('VoiceFallbackUrl', 'voiceUrl', privateUrls),
      voiceFallbackMethod: form.method('VoiceFallbackMethod', 'voiceMethod'),
      statusCallback: form.url('StatusCallback', 'numberStatusCallback', privateUrls),
      statusCallbackMethod: form.method('StatusCallbackMethod', 'voiceMethod'),
    });
  }

  resource(application: Application): { sid: string } & Record<string, unknown> {
    return {
      sid: application.sid,
      account_sid: this.#ground.accountSid,
      api_version: API_VERSION,
      date_created: rfc2822(application.createdAt),
      date_updated: rfc2822(application.updatedAt),
      friendly_name: application.friendlyName,
      voice_url: application.voiceUrl,
      voice_method: application.voiceMethod,
      voice_fallback_url: application.voiceFallbackUrl,
      voice_fallback_method: application.voiceFallbackMethod,
      voice_caller_id_lookup: false,
      status_callback: application.statusCallback,
      status_callback_method: application.statusCallbackMethod,
      message_status_callback: null,
      sms_url: '',
      sms_method: 'POST',
      sms_fallback_url: '',
      sms_fallback_method: 'POST',
      sms_status_callback: null,
      public_application_connect_enabled: false,
      uri: this.#ground.uri(`/Applications/${application.sid}.json`),
    };
  }
}
