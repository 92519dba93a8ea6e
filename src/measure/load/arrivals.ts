/**
 * When each of so many calls begins: evenly within the ramp, every one computed from the start, so that a call that is
 * answered late keeps none that come after it waiting. Milliseconds after the start.
 */
export function arrivals(calls: number, rampMs: number): number[] {
  return Array.from({ length: calls }, (_, index) => (index * rampMs) / calls);
}
