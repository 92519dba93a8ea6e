import { MAGIC_FROM } from './calls.js';
import { type Form, type Method, phoneNumber } from './form.js';
import type { NumberBook } from './numbers.js';
import type { People } from './people.js';
import { type RefusalName, refuse } from './refusals.js';
import { API_VERSION, dateOrNull, type Ground, rfc2822 } from './state.js';

export interface Message {
  readonly sid: string;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly media: readonly string[];
  readonly messagingServiceSid?: string;
  readonly createdAt: Date;
  updatedAt: Date;
  sentAt?: Date;
  status: 'queued' | 'sent' | 'delivered';
  readonly callback?: { readonly url: string; readonly method: Method };
}

const MAX_BODY_CHARACTERS = 1600;
const SENT_AFTER_MS = 200;
const DELIVERED_AFTER_MS = 1000;

/** https://www.twilio.com/docs/iam/test-credentials#test-sms-messages */
const MAGIC_TO: Readonly<Record<string, RefusalName>> = {
  '+15005550001': 'messageTo',
  '+15005550002': 'messageToUnreachable',
  '+15005550004': 'messageToStopped',
  '+15005550009': 'messageToLandline',
};
const MAGIC_REFUSED_FROM: Readonly<Record<string, RefusalName>> = {
  '+15005550001': 'messageFrom',
  '+15005550007': 'messageFromForeign',
  '+15005550008': 'messageQueueFull',
};

/** `Messages`. They reach nobody; everything sent can be read. https://www.twilio.com/docs/messaging/api/message-resource */
export class MessageBook {
  readonly #ground: Ground;
  readonly #numbers: NumberBook;
  readonly #people: People;
  readonly #messages = new Map<string, Message>();

  constructor(ground: Ground, numbers: NumberBook, people: People) {
    this.#ground = ground;
    this.#numbers = numbers;
    this.#people = people;
  }

  /** The newest first, as Twilio lists them. */
  get all(): readonly Message[] {
    return [...this.#messages.values()].reverse();
  }

  get(sid: string): Message | undefined {
    return this.#messages.get(sid);
  }

  find(query: Form): Message[] {
    const [to, from] = [query.filled('To'), query.filled('From')];
    return this.all.filter(
      (each) => (to === undefined || each.to === to) && (from === undefined || each.from === from),
    );
  }

  create(form: Form): Message {
    const service = form.filled('MessagingServiceSid');
    if (!form.filled('To')) throw refuse('messageWithoutTo');
    if (!form.filled('From') && service === undefined) throw refuse('messageWithoutFrom');
    const body = form.text('Body') ?? '';
    const media = form.list('MediaUrl');
    if (body === '' && media.length === 0 && !form.filled('ContentSid')) throw refuse('messageWithoutBody');
    if ([...body].length > MAX_BODY_CHARACTERS) throw refuse('messageTooLong');
    const url = form.url('StatusCallback', 'messageStatusCallback', this.#ground.privateUrls);
    const from = service === undefined ? this.#sender(form.filled('From')!) : (this.#numbers.all[0]?.phoneNumber ?? '');
    const to = this.#recipient(form.filled('To')!);
    const now = this.#ground.now();
    const message: Message = {
      sid: this.#ground.sid('SM'),
      from,
      to,
      body,
      media,
      createdAt: now,
      updatedAt: now,
      status: 'queued',
      ...(service !== undefined && { messagingServiceSid: service }),
      ...(url && { callback: { url, method: 'POST' } }),
    };
    this.#messages.set(message.sid, message);
    this.#deliver(message);
    return message;
  }

  #sender(text: string): string {
    const number = phoneNumber(text);
    const magic = MAGIC_REFUSED_FROM[number ?? ''];
    if (magic) throw refuse(magic, text);
    if (number === MAGIC_FROM || (number !== undefined && this.#numbers.owned(number)?.capabilities.sms)) return number;
    // Eleven letters and digits with a letter among them are a sender's name.
    if (number === undefined && /^(?=.*[a-z])[a-z0-9 ]{1,11}$/i.test(text)) return text;
    throw refuse(number === undefined && !/^\+?\d+$/.test(text) ? 'messageFrom' : 'messageFromForeign', text);
  }

  #recipient(text: string): string {
    const number = phoneNumber(text);
    if (number === undefined) throw refuse('messageTo', text);
    const magic = MAGIC_TO[number];
    if (magic) throw refuse(magic, number);
    if (this.#ground.trial && !this.#people.isVerified(number)) throw refuse('messageToUnverified', number);
    const person = this.#people.messages(number);
    if (person === 'stopped') throw refuse('messageToStopped', number);
    if (person === 'landline') throw refuse('messageToLandline', number);
    return number;
  }

  #deliver(message: Message): void {
    const { clock } = this.#ground;
    const become = (status: 'sent' | 'delivered') => () => {
      message.status = status;
      message.updatedAt = this.#ground.now();
      message.sentAt ??= message.updatedAt;
      this.#tell(message);
    };
    clock.at(clock.now() + SENT_AFTER_MS, become('sent'));
    clock.at(clock.now() + DELIVERED_AFTER_MS, become('delivered'));
  }

  #tell({ callback, sid, status, from, to }: Message): void {
    if (!callback) return;
    this.#ground.callbacks.send(sid, callback.url, callback.method, {
      SmsSid: sid,
      SmsStatus: status,
      MessageSid: sid,
      MessageStatus: status,
      To: to,
      From: from,
      AccountSid: this.#ground.accountSid,
      ApiVersion: API_VERSION,
    });
  }

  resource(message: Message): { sid: string } & Record<string, unknown> {
    const { sid, from, to, body, media } = message;
    const uri = this.#ground.uri(`/Messages/${sid}`);
    return {
      sid,
      account_sid: this.#ground.accountSid,
      api_version: API_VERSION,
      body,
      date_created: rfc2822(message.createdAt),
      date_updated: rfc2822(message.updatedAt),
      date_sent: dateOrNull(message.sentAt),
      direction: 'outbound-api',
      error_code: null,
      error_message: null,
      from,
      messaging_service_sid: message.messagingServiceSid ?? null,
      num_media: String(media.length),
      num_segments: String(segments(body)),
      price: null,
      price_unit: 'USD',
      status: message.status,
      to,
      uri: `${uri}.json`,
      subresource_uris: { media: `${uri}/Media.json` },
    };
  }
}

/** 160 characters in one message and 153 in each of several; 70 and 67 once one is outside of Latin-1, GSM-7 being near it. */
function segments(body: string): number {
  const [one, several] = [...body].every((character) => character.codePointAt(0)! < 256) ? [160, 153] : [70, 67];
  const length = body.length;
  return length <= one ? 1 : Math.ceil(length / several);
}
