/**
 * Seeds under which something did not hold once, and what it was. A history changes with everything that takes part in it: a seed that is
 * green keeps what it found only as an example.
 */
export const FOUND: readonly (readonly [seed: number, what: string])[] = [
  [2, "a report on an archived call that the log had not taken was acknowledged when it was repeated"],
  [28, "a clock that stepped back hid from readers of the log what was recorded after it"],
  [50, "an ended session that waited for the log came too late to take its legs back"],
  [2_581, "an alarm that came early, and was used up, was taken for one that stands"],
];
