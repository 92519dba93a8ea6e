import { type Behaviour, behaviourOf, type Person } from './person.js';

/** Who is at the other end of which number; whoever is not named answers after two seconds. */
export class People {
  readonly #settings: Map<string, Person>;
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #verified: ReadonlySet<string>;

  /** @throws RangeError with a sentence, for words it does not know */
  constructor(settings: Readonly<Record<string, Person>> = {}, verified: readonly string[] = []) {
    this.#settings = new Map(Object.entries(settings));
    for (const [number, person] of this.#settings) this.#behaviours.set(number, behaviourOf(person));
    this.#verified = new Set(verified);
  }

  behaviour(number: string): Behaviour {
    return this.#behaviours.get(number) ?? behaviourOf();
  }

  messages(number: string): Person['messages'] {
    return this.#settings.get(number)?.messages;
  }

  /** Whether the owner of the account has shown that the number is theirs (`OutgoingCallerIds`). */
  isVerified(number: string): boolean {
    return this.#verified.has(number);
  }

  /** From now on this person behaves otherwise. */
  set(number: string, person: Person): void {
    this.#behaviours.set(number, behaviourOf(person));
    this.#settings.set(number, person);
  }
}
