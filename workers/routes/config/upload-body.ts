/** A streamed body as text, bounded, and what is wrong with its lines. */
import { MAX_UPLOAD_BYTES } from "../../../contracts/configuration/limits.ts";
import type { FieldError } from "../../../contracts/issues.ts";
import type { Problem } from "../../../contracts/problem.ts";
import type { ConfigurationItem } from "../../../domain/configuration/model.ts";

/** `pointer` is the line (from 1), then the column or a pointer into the line's JSON. */
export type UploadError = FieldError & { readonly line: number; readonly column?: string };

export type UploadPart = { readonly items: readonly ConfigurationItem[]; readonly errors: readonly UploadError[] };

/** The upload as a whole is refused; nothing has been changed. */
export class UploadRefused extends Error {
  override readonly name = "UploadRefused";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.code);
    this.problem = problem;
  }
}

/** @param column of the header; empty for the row as a whole. */
export function uploadError(line: number, column: string, code: string, detail: string): UploadError {
  return column === ""
    ? { line, pointer: `/${line}`, code, detail }
    : { line, column, pointer: `/${line}/${column}`, code, detail };
}

/**
 * The body as it comes in; `isLast` only with the last part, which may be empty.
 * @throws UploadRefused for a body that is too large, no UTF-8, or broken off.
 */
export async function* textOf(
  body: ReadableStream<Uint8Array> | null,
): AsyncGenerator<{ readonly text: string; readonly isLast: boolean }> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      throw new UploadRefused({ code: "bad_json", detail: "the body is not UTF-8" });
    }
  };
  let length = 0;
  const reader = body?.getReader();
  try {
    while (reader !== undefined) {
      const { done, value } = await reader.read().catch(() => {
        throw new UploadRefused({ code: "bad_json", detail: "the body could not be read to its end" });
      });
      if (done) break;
      length += value.length;
      if (length > MAX_UPLOAD_BYTES)
        throw new UploadRefused({ code: "body_too_large", detail: `at most ${MAX_UPLOAD_BYTES} bytes are taken` });
      yield { text: decode(value), isLast: false };
    }
    yield { text: decode(), isLast: true };
  } finally {
    // Whoever stops early has no use for the rest; the sender is told by the answer.
    await reader?.cancel().catch(() => {});
  }
}
