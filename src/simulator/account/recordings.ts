import type { CallBook, CallRecord } from './call-book.js';
import type { Form, Method } from './form.js';
import { refuse } from './refusals.js';
import { API_VERSION, dateOrNull, type Ground, rfc2822 } from './state.js';

type RecordingStatus = 'in-progress' | 'paused' | 'stopped' | 'processing' | 'completed' | 'absent';

interface RecordingCallback {
  readonly url: string;
  readonly method: Method;
  readonly events: readonly string[];
}

export interface RecordingOrder {
  readonly channels: 'mono' | 'dual';
  readonly track: 'both' | 'inbound' | 'outbound';
  readonly source: 'StartCallRecordingAPI' | 'OutboundAPI';
  readonly callback?: RecordingCallback;
}

export interface Recording extends RecordingOrder {
  readonly sid: string;
  readonly callSid: string;
  readonly createdAt: Date;
  updatedAt: Date;
  status: RecordingStatus;
  durationSeconds?: number;
}

/** Twilio needs a moment until a recording can be fetched. */
const PROCESSING_MS = 1000;

/** Recordings of calls. They have no sound: the account carries none. https://www.twilio.com/docs/voice/api/recording */
export class RecordingBook {
  readonly #ground: Ground;
  readonly #recordings = new Map<string, Recording>();

  constructor(ground: Ground, calls: CallBook) {
    this.#ground = ground;
    calls.listen((call) => {
      if (call.endedAt === undefined) return;
      for (const each of this.ofCall(call.callSid)) if (isRunning(each)) this.#finish(each, 'processing');
    });
  }

  /** The newest first, as Twilio lists them. */
  get all(): readonly Recording[] {
    return [...this.#recordings.values()].reverse();
  }

  get(sid: string): Recording | undefined {
    return this.#recordings.get(sid);
  }

  ofCall(callSid: string): Recording[] {
    return this.all.filter((each) => each.callSid === callSid);
  }

  /** `Twilio.CURRENT` is the one that runs. */
  find(callSid: string, sid: string): Recording | undefined {
    const own = this.ofCall(callSid);
    return sid === 'Twilio.CURRENT' ? own.find(isRunning) : own.find((each) => each.sid === sid);
  }

  delete(recording: Recording): void {
    this.#recordings.delete(recording.sid);
  }

  callbackOf(form: Form): { callback?: RecordingCallback } {
    const url = form.url('RecordingStatusCallback', 'callStatusCallback', this.#ground.privateUrls);
    const method = form.method('RecordingStatusCallbackMethod', 'callMethod') ?? 'POST';
    const events = form.list('RecordingStatusCallbackEvent');
    return url ? { callback: { url, method, events: events.length > 0 ? events : ['completed'] } } : {};
  }

  create(call: CallRecord, form: Form): Recording {
    const channels = form.choice('RecordingChannels', ['mono', 'dual'] as const, 'recordingChannels') ?? 'mono';
    const tracks = ['both', 'inbound', 'outbound'] as const;
    const track = form.choice('RecordingTrack', tracks, 'recordingChannels') ?? 'both';
    const callback = this.callbackOf(form);
    if (call.status !== 'in-progress') throw refuse('recordingNotEligible');
    return this.start(call, { channels, track, source: 'StartCallRecordingAPI', ...callback });
  }

  start({ callSid }: CallRecord, order: RecordingOrder): Recording {
    const now = this.#ground.now();
    const recording: Recording = {
      ...order,
      sid: this.#ground.sid('RE'),
      callSid,
      createdAt: now,
      updatedAt: now,
      status: 'in-progress',
    };
    this.#recordings.set(recording.sid, recording);
    this.#tell(recording);
    return recording;
  }

  update(recording: Recording, form: Form): void {
    const status = form.choice('Status', ['stopped', 'paused', 'in-progress'] as const, 'recordingStatus');
    if (status === undefined) throw refuse('recordingStatus');
    if (!isRunning(recording)) throw refuse('recordingNotEligible');
    if (status === 'stopped') return this.#finish(recording, 'stopped');
    recording.status = status;
    recording.updatedAt = this.#ground.now();
  }

  #finish(recording: Recording, status: 'stopped' | 'processing'): void {
    const { clock } = this.#ground;
    recording.status = status;
    recording.updatedAt = this.#ground.now();
    const ms = recording.updatedAt.getTime() - recording.createdAt.getTime();
    recording.durationSeconds = Math.max(1, Math.round(ms / 1000));
    clock.at(clock.now() + PROCESSING_MS, () => {
      recording.status = 'completed';
      recording.updatedAt = this.#ground.now();
      this.#tell(recording);
    });
  }

  #tell(recording: Recording): void {
    const { callback, status, callSid, sid } = recording;
    if (!callback?.events.includes(status)) return;
    this.#ground.callbacks.send(sid, callback.url, callback.method, {
      AccountSid: this.#ground.accountSid,
      CallSid: callSid,
      RecordingSid: sid,
      RecordingUrl: `https://api.twilio.com${this.#ground.uri(`/Recordings/${sid}`)}`,
      RecordingStatus: status,
      ...(recording.durationSeconds !== undefined && { RecordingDuration: String(recording.durationSeconds) }),
      RecordingChannels: recording.channels === 'dual' ? '2' : '1',
      RecordingStartTime: rfc2822(recording.createdAt),
      RecordingSource: recording.source,
      RecordingTrack: recording.track,
      ErrorCode: '0',
    });
  }

  /** Of `Calls/{CA}/Recordings`; that of `Recordings` differs in its addresses. */
  resource(recording: Recording, at: 'call' | 'account'): { sid: string } & Record<string, unknown> {
    const { sid, callSid } = recording;
    const uri = this.#ground.uri(at === 'call' ? `/Calls/${callSid}/Recordings/${sid}` : `/Recordings/${sid}`);
    return {
      sid,
      account_sid: this.#ground.accountSid,
      api_version: API_VERSION,
      call_sid: callSid,
      conference_sid: null,
      channels: recording.channels === 'dual' ? 2 : 1,
      date_created: rfc2822(recording.createdAt),
      date_updated: rfc2822(recording.updatedAt),
      start_time: dateOrNull(recording.createdAt),
      duration: recording.durationSeconds === undefined ? null : String(recording.durationSeconds),
      price: null,
      price_unit: 'USD',
      source: recording.source,
      status: recording.status,
      error_code: null,
      encryption_details: null,
      uri: `${uri}.json`,
      ...(at === 'call'
        ? { track: recording.track }
        : {
            media_url: `https://api.twilio.com${uri}`,
            subresource_uris: {
              add_on_results: `${uri}/AddOnResults.json`,
              transcriptions: `${uri}/Transcriptions.json`,
            },
          }),
    };
  }
}

function isRunning({ status }: Recording): boolean {
  return status === 'in-progress' || status === 'paused';
}
