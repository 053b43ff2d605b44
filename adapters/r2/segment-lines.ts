/** Reads a whole segment by its key, for whoever knows from the log itself which one it is. */
import { type Result, err, ok } from "../../domain/shared/result.ts";
import { inTime } from "../platform/deadline.ts";
import { gunzipMembers } from "./gzip.ts";

/** One segment, with all of its bytes. */
const SEGMENT_DEADLINE_MS = 10_000;

/** Not there any more, or bytes that are no segment: asking again does not help. */
export type Unreadable = "missing" | "damaged";

/**
 * @returns its lines, in the order of event ids.
 * @throws DeadlineMissed, or what the bucket throws, when it cannot be told.
 */
export async function readSegmentLines(bucket: R2Bucket, key: string): Promise<Result<string[], Unreadable>> {
  const read = async () => (await bucket.get(key))?.arrayBuffer();
  const buffer = await inTime(read(), SEGMENT_DEADLINE_MS);
  if (buffer === undefined) return err("missing");
  try {
    return ok(
      gunzipMembers(new Uint8Array(buffer))
        .split("\n")
        .filter((line) => line !== ""),
    );
  } catch {
    return err("damaged");
  }
}
