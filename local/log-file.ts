/** A file of lines that does not grow without end: when full it becomes `<file>.1`, and the one before is dropped. */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

const LIMIT_BYTES = 16 << 20;
const FLUSH_AFTER_MS = 50;

export class LogFile {
  readonly #path: string;
  #file: number;
  #size: number;
  #pending: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#path = path;
    this.#file = openSync(path, "a");
    this.#size = fstatSync(this.#file).size;
  }

  /** Lines are written in bursts: one system call per line would slow the lane that talks. */
  write(line: string): void {
    this.#pending.push(line);
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.length === 0) return;
    const text = Buffer.from(`${this.#pending.join("\n")}\n`);
    this.#pending = [];
    if (this.#size > 0 && this.#size + text.length > LIMIT_BYTES) this.#rotate();
    writeSync(this.#file, text);
    this.#size += text.length;
  }

  #rotate(): void {
    closeSync(this.#file);
    renameSync(this.#path, `${this.#path}.1`);
    this.#file = openSync(this.#path, "a");
    this.#size = 0;
  }
}
