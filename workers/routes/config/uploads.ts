/** Replaces a table, a group of rules or the whole draft by what a body brings: all of it, or nothing changes. */
import { MAX_REPORTED_ERRORS, MAX_UPLOAD_BYTES, MAX_UPLOAD_ROWS } from "../../../contracts/configuration/limits.ts";
import type { Problem } from "../../../contracts/problem.ts";
import type { ConfigurationItem } from "../../../domain/configuration/model.ts";
import type { Expected, Upload, UploadTarget } from "../../../domain/configuration/store.ts";
import { type Result, err } from "../../../domain/shared/result.ts";
import type { AppContext } from "../../context.ts";
import { UploadLost } from "../../../adapters/postgres/configuration/upload.ts";
import { declaredWithin } from "../../middleware/read-body.ts";
import { answerProblem } from "../../problem.ts";
import { writeProblem } from "./answers.ts";
import { etagOf } from "./preconditions.ts";
import { type UploadError, type UploadPart, UploadRefused } from "./upload-body.ts";

/** Before the upload is noted or begun. */
export const isUploadable = declaredWithin(MAX_UPLOAD_BYTES);

/** Rows that go to the database at a time: some hundred kilobytes. */
const STAGED_ROWS = 2_000;

type Outcome = Result<{ readonly rows: number; readonly revision: number }, Problem>;

/** Hands rows on in parts, until there are mistakes; then only looks for more of those. */
async function stageAll(upload: Upload, parts: AsyncIterable<UploadPart>): Promise<readonly UploadError[]> {
  const errors: UploadError[] = [];
  let held: ConfigurationItem[] = [];
  let rows = 0;
  for await (const part of parts) {
    rows += part.items.length;
    if (rows > MAX_UPLOAD_ROWS)
      throw new UploadRefused({ code: "body_too_large", detail: `at most ${MAX_UPLOAD_ROWS} rows are taken` });
    errors.push(...part.errors);
    if (errors.length >= MAX_REPORTED_ERRORS) break;
    if (errors.length > 0) continue;
    held = held.length === 0 ? [...part.items] : held.concat(part.items);
    while (held.length >= STAGED_ROWS) await upload.stage(held.splice(0, STAGED_ROWS));
  }
  if (errors.length === 0 && held.length > 0) await upload.stage(held);
  return errors.slice(0, MAX_REPORTED_ERRORS);
}

async function receive(upload: Upload, parts: AsyncIterable<UploadPart>, what: string): Promise<Outcome> {
  const errors = await stageAll(upload, parts);
  if (errors.length > 0) {
    await upload.abort();
    return err({ code: "upload_invalid", errors });
  }
  const committed = await upload.commit();
  if (committed.ok) return committed;
  const { error } = committed;
  if (error.tag !== "duplicate") return err(writeProblem(error, what));
  return err({ code: "upload_invalid", errors: [{ pointer: "", code: "duplicate", detail: `"${error.key}" stands twice` }] });
}

/** @param what the target is called in problems. */
export async function answerUpload(
  c: AppContext,
  target: UploadTarget,
  expected: Expected,
  parts: AsyncIterable<UploadPart>,
  what: string,
): Promise<Response> {
  const upload = await c.get("deps").configuration.upload(c.get("principal").tenant, target, expected);
  let outcome: Outcome;
  try {
    outcome = await receive(upload, parts, what);
  } catch (error) {
    // What cannot be removed now is removed later; the first failure is the one to tell.
    await upload.abort().catch(() => {});
    if (error instanceof UploadRefused) return answerProblem(c, error.problem);
    if (error instanceof UploadLost)
      return answerProblem(c, {
        code: "unavailable",
        detail: "rows of the upload were lost on their way; nothing was changed",
      });
    throw error;
  }
  if (!outcome.ok) return answerProblem(c, outcome.error);
  const { rows, revision } = outcome.value;
  c.header("ETag", etagOf(revision));
  return c.json({ rows });
}

/** Whether the body says to be of this type. */
export function isOfType(c: AppContext, type: string): boolean {
  return (c.req.header("content-type") ?? "").split(";", 1)[0]!.trim().toLowerCase() === type;
}

export const notOfType = (type: string): Problem => ({ code: "unsupported_media_type", detail: `this takes ${type}` });
