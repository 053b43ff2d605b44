/** What is looked for in packed indexes, read once for all of them. */
import { e164ToNumber } from "./number-set.ts";
import { toUnits } from "./units.ts";

export class Key {
  readonly units: string;
  /** Of a telephone number in E.164 its digits; NaN for anything else. */
  readonly number: number;

  constructor(text: string) {
    this.number = e164ToNumber(text);
    // Digits are their own units.
    this.units = Number.isNaN(this.number) ? toUnits(text) : text;
  }
}
