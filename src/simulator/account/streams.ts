import type { CallBook, CallRecord } from './call-book.js';
import type { Form } from './form.js';
import type { AccountStream } from './live-call.js';
import { refuse } from './refusals.js';
import { type Ground, rfc2822 } from './state.js';

export interface Stream extends AccountStream {
  readonly callSid: string;
  status: 'in-progress' | 'stopped';
  updatedAt: Date;
}

const TRACKS = ['inbound_track', 'outbound_track', 'both_tracks'] as const;

/** `Calls/{CA}/Streams`: one-way streams. https://www.twilio.com/docs/voice/api/stream-resource */
export class StreamBook {
  readonly #ground: Ground;
  readonly #streams = new Map<string, Stream>();

  constructor(ground: Ground, calls: CallBook) {
    this.#ground = ground;
    calls.listen((call) => {
      if (call.endedAt === undefined) return;
      for (const each of this.#streams.values()) if (each.callSid === call.callSid) each.status = 'stopped';
    });
  }

  get all(): readonly Stream[] {
    return [...this.#streams.values()];
  }

  /** By its sid or its name, which is unique in a call. */
  find(callSid: string, sidOrName: string): Stream | undefined {
    return this.all.find(
      (each) => each.callSid === callSid && (each.streamSid === sidOrName || each.name === sidOrName),
    );
  }

  create(call: CallRecord, form: Form): Stream {
    const url = form.filled('Url') ?? '';
    if (!/^wss:\/\/[^/?#\s]/.test(url) && !(this.#ground.privateUrls && /^ws:\/\/[^/?#\s]/.test(url))) {
      throw refuse('streamUrl', url);
    }
    const track = form.choice('Track', TRACKS, 'streamTrack') ?? 'inbound_track';
    const name = form.filled('Name');
    if (name !== undefined && this.find(call.callSid, name)) throw refuse('streamName', name);
    const statusCallback = form.url('StatusCallback', 'callStatusCallback', this.#ground.privateUrls);
    const statusCallbackMethod = form.method('StatusCallbackMethod', 'callMethod') ?? 'POST';
    if (call.status !== 'in-progress') throw refuse('callNotInProgress');
    const stream: Stream = {
      streamSid: this.#ground.sid('MZ'),
      callSid: call.callSid,
      url,
      track,
      parameters: parametersOf(form),
      statusCallbackMethod,
      status: 'in-progress',
      updatedAt: this.#ground.now(),
      ...(name !== undefined && { name }),
      ...(statusCallback && { statusCallback }),
    };
    this.#streams.set(stream.streamSid, stream);
    call.live?.startStream?.(stream);
    return stream;
  }

  stop(call: CallRecord, stream: Stream, form: Form): void {
    if (form.choice('Status', ['stopped'] as const, 'callStatus') === undefined) throw refuse('callStatus');
    stream.status = 'stopped';
    stream.updatedAt = this.#ground.now();
    call.live?.stopStream?.(stream.streamSid);
  }

  resource(stream: Stream): object {
    return {
      sid: stream.streamSid,
      account_sid: this.#ground.accountSid,
      call_sid: stream.callSid,
      name: stream.name ?? null,
      status: stream.status,
      date_updated: rfc2822(stream.updatedAt),
      uri: this.#ground.uri(`/Calls/${stream.callSid}/Streams/${stream.streamSid}.json`),
    };
  }
}

/** `Parameter1.Name`, `Parameter1.Value`, … `Parameter99.Value`. */
function parametersOf(form: Form): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (let number = 1; number <= 99; number++) {
    const name = form.filled(`Parameter${number}.Name`);
    if (name !== undefined) parameters[name] = form.text(`Parameter${number}.Value`) ?? '';
  }
  return parameters;
}
