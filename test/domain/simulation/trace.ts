/** What has happened in a world: the last of it to be read, all of it as a digest, by which two runs of a seed are compared. */

import { createHash } from "node:crypto";

const MS_PER_S = 1_000;
const DIGEST_DIGITS = 16;
/** Lines of a world's last moments. */
const KEPT = 400;

export class Trace {
  readonly #lines: string[] = [];

  add(atMs: number, what: string): void {
    this.#lines.push(`${atMs} ${what}`);
  }

  /** The last lines, or all of them. */
  lines(startMs: number, all: boolean): string[] {
    return this.#lines.slice(all ? 0 : -KEPT).map((line) => {
      const space = line.indexOf(" ");
      return `${((Number(line.slice(0, space)) - startMs) / MS_PER_S).toFixed(3).padStart(12)} s ${line.slice(space + 1)}`;
    });
  }

  get digest(): string {
    return createHash("sha256").update(this.#lines.join("\n")).digest("hex").slice(0, DIGEST_DIGITS);
  }
}
