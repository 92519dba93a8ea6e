/** What became of the caller's frames between the phone and the model. */
export interface FrameFate {
  /** For each sent frame the index of the received one that is it; `undefined` for a lost one. */
  readonly arrivedAs: readonly (number | undefined)[];
  readonly lost: number;
  readonly duplicated: number;
  /** Arrived after one that was sent later (RFC 4737, 3.3): two frames that changed places are one. */
  readonly reordered: number;
  /** Received, and like nothing that was sent nearby. */
  readonly altered: number;
}

/** This many frames in a row must agree before two places count as the same. */
const AGREE = 3;
/** Longest hole or surplus that is looked for: 20 seconds. */
const REACH = 1_000;
/** How far away a twin of a surplus frame is looked for. */
const NEARBY = 50;
/** Frames on their way when the call ended are not lost. */
const IN_FLIGHT = 10;

/**
 * Aligns two sequences of frames that are almost equal. Exact for any mix of lost, doubled and swapped frames as long as
 * three frames agree between two accidents; a frame lost inside digital silence is counted, at the end of that silence.
 */
export function alignFrames(sent: readonly string[], received: readonly string[]): FrameFate {
  const arrivedAs: (number | undefined)[] = new Array(sent.length).fill(undefined);
  const missing: number[] = [];
  const surplus: number[] = [];
  let i = 0;
  let j = 0;
  while (i < sent.length && j < received.length) {
    if (sent[i] === received[j]) {
      arrivedAs[i++] = j++;
      continue;
    }
    const step = resync(sent, i, received, j);
    for (let k = 0; k < step.lost; k++) missing.push(i + k);
    for (let k = 0; k < step.extra; k++) surplus.push(j + k);
    i += step.lost;
    j += step.extra;
  }
  for (; j < received.length; j++) surplus.push(j);
  const rest = sent.length - i;
  if (rest > IN_FLIGHT) for (; i < sent.length; i++) missing.push(i);

  let duplicated = 0;
  let altered = 0;
  const lost = new Set(missing);
  for (const at of surplus) {
    const moved = [...lost].find((index) => Math.abs(index - at) <= NEARBY && sent[index] === received[at]);
    if (moved !== undefined) {
      lost.delete(moved);
      arrivedAs[moved] = at;
    } else if (received.slice(Math.max(0, at - NEARBY), at).includes(received[at]!)) duplicated++;
    else altered++;
  }
  return { arrivedAs, lost: lost.size, duplicated, reordered: countLate(arrivedAs), altered };
}

/** Frames that arrived after one that was sent later. */
function countLate(arrivedAs: readonly (number | undefined)[]): number {
  let late = 0;
  let earliest = Number.POSITIVE_INFINITY;
  for (let index = arrivedAs.length - 1; index >= 0; index--) {
    const at = arrivedAs[index];
    if (at === undefined) continue;
    if (at > earliest) late++;
    else earliest = at;
  }
  return late;
}

/** The smallest hole plus surplus after which both sides agree again. */
function resync(
  sent: readonly string[],
  i: number,
  received: readonly string[],
  j: number,
): { lost: number; extra: number } {
  for (let distance = 1; distance <= REACH; distance++) {
    for (let extra = 0; extra <= distance; extra++) {
      const lost = distance - extra;
      if (agrees(sent, i + lost, received, j + extra)) return { lost, extra };
    }
  }
  return { lost: sent.length - i, extra: received.length - j };
}

function agrees(sent: readonly string[], i: number, received: readonly string[], j: number): boolean {
  if (i > sent.length || j > received.length) return false;
  if (i === sent.length && j === received.length) return true;
  const length = Math.min(AGREE, sent.length - i, received.length - j);
  if (length <= 0) return false;
  for (let k = 0; k < length; k++) if (sent[i + k] !== received[j + k]) return false;
  return true;
}
