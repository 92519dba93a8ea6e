/**
 * What the model is saying, as far as the relay must know it: which response is being made, which are dead because the
 * caller interrupted, and which of their items never reached the caller at all.
 *
 * ```
 * requested ──response.created──▶ active ──response.done──▶ forgotten
 *                                   └──kill──▶ dead ──response.done──▶ forgotten
 * ```
 */
export class Responses {
  #active: string | undefined;
  #requested = false;
  #dead = new Map<string, Set<string>>();
  #sentItems = new Map<string, Set<string>>();
  /** The last ones that ended: a delta that straggles in after its `response.done` must not be heard either. */
  #finished: string[] = [];

  /** The response being made now, unless it is dead already. */
  get active(): string | undefined {
    return this.#active !== undefined && !this.#dead.has(this.#active) ? this.#active : undefined;
  }

  /** The model is making a response, dead or not, or has been asked for one: another request would be refused. */
  get busy(): boolean {
    return this.#requested || this.#active !== undefined;
  }

  requested(): void {
    this.#requested = true;
  }

  /** What was asked for will not begin. */
  requestRefused(): void {
    this.#requested = false;
  }

  started(responseId: string): void {
    this.#requested = false;
    this.#active = responseId;
  }

  /** Audio of this item went to the caller: the ledger knows it. */
  sent(responseId: string, itemId: string): void {
    const items = this.#sentItems.get(responseId);
    if (items) items.add(itemId);
    else this.#sentItems.set(responseId, new Set([itemId]));
  }

  /** Audio of this response went to the caller. */
  hasSounded(responseId: string): boolean {
    return this.#sentItems.has(responseId);
  }

  /** Must audio of this response be dropped? */
  isDead(responseId: string): boolean {
    return this.#dead.has(responseId) || this.#finished.includes(responseId);
  }

  /** Audio of a dead response arrived and was not sent. */
  dropped(responseId: string, itemId: string): void {
    if (!this.#sentItems.get(responseId)?.has(itemId)) this.#dead.get(responseId)?.add(itemId);
  }

  /** Nothing more of these may be sent. */
  kill(responseIds: readonly string[]): void {
    for (const id of responseIds) if (!this.#finished.includes(id)) this.#bury(id);
  }

  killActive(): void {
    if (this.#active !== undefined) this.#bury(this.#active);
  }

  /** The model's session is gone, and with it every response: another session knows nothing of them. */
  killAll(): void {
    const known = new Set([...this.#dead.keys(), ...this.#sentItems.keys()]);
    if (this.#active !== undefined) known.add(this.#active);
    for (const id of known) this.#finish(id);
    this.#requested = false;
  }

  /** The model has ended a response. Returns its items of which the caller heard nothing and the ledger knows nothing. */
  done(responseId: string): string[] {
    const unheard = [...(this.#dead.get(responseId) ?? [])];
    this.#finish(responseId);
    return unheard;
  }

  #finish(responseId: string): void {
    this.#dead.delete(responseId);
    this.#sentItems.delete(responseId);
    if (this.#active === responseId) this.#active = undefined;
    this.#finished.push(responseId);
    if (this.#finished.length > FINISHED_KEPT) this.#finished.shift();
  }

  #bury(responseId: string): void {
    if (!this.#dead.has(responseId)) this.#dead.set(responseId, new Set());
  }
}

const FINISHED_KEPT = 16;
