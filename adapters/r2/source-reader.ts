/** Reads the source of a version back, in parts of bounded size. */
import type { ConfigurationItem } from "../../domain/configuration/model.ts";
import { itemFrom } from "../../domain/configuration/older.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { type SnapshotBucket, SnapshotDamaged, SnapshotsUnavailable, reach, sourceKey } from "./snapshot-objects.ts";

/**
 * All items of a version, in their order.
 * @throws SnapshotDamaged when the source is missing, cut off or not what was written; items before the damage have been handed out.
 */
export async function* readSource(
  bucket: SnapshotBucket,
  tenant: TenantId,
  version: string,
): AsyncGenerator<readonly ConfigurationItem[]> {
  const stored = await reach(bucket.get(sourceKey(tenant, version)));
  if (stored === null) throw new SnapshotDamaged("source", "missing");
  const reader = stored.body.pipeThrough(new DecompressionStream("gzip")).pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reach(reader.read());
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop()!;
      yield lines.map((line) => itemFrom(JSON.parse(line) as ConfigurationItem));
    }
  } catch (error) {
    if (error instanceof SnapshotsUnavailable && error.isLate) throw error;
    throw new SnapshotDamaged("source", "does not unpack");
  } finally {
    await reader.cancel().catch(() => {});
  }
  if (rest !== "") throw new SnapshotDamaged("source", "cut off");
}
