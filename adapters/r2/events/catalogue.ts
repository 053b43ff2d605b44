/** The day's catalogue in R2: read as it is now, written if it is still as it was read. */
import { openCatalogue, packCatalogue } from "../../../domain/events/index/catalogue-codec.ts";
import type { DayCatalogue } from "../../../domain/events/index/catalogue.ts";
import { catalogueKey } from "../../../domain/events/keys.ts";
import type { ContainerProblem } from "../../../domain/packed/container.ts";
import { inTime } from "../../platform/deadline.ts";
import { R2_DEADLINE_MS, type ReadMeter } from "./reads.ts";

export type CatalogueRead =
  | { readonly tag: "found"; readonly catalogue: DayCatalogue; readonly etag: string }
  | { readonly tag: "none" }
  /** `etag` is for whoever makes it anew. */
  | { readonly tag: "damaged"; readonly problem: ContainerProblem; readonly etag: string };

/** One read. @param day `YYYY/MM/DD`. @throws DeadlineMissed, or what the bucket throws. */
export async function readCatalogue(reads: ReadMeter, tenant: string, day: string): Promise<CatalogueRead> {
  const read = await reads.get(catalogueKey(tenant, day));
  if (read.tag !== "found") return { tag: "none" };
  const { bytes, etag } = read;
  const opened = openCatalogue(bytes);
  if (!opened.ok) return { tag: "damaged", problem: opened.error, etag };
  const catalogue = opened.value;
  // Intact, and not the one that was asked for: somebody has moved objects about.
  if (catalogue.tenant !== tenant || catalogue.day !== day) return { tag: "damaged", problem: "corrupt", etag };
  return { tag: "found", catalogue, etag };
}

/**
 * The atomic switch from what the day was to what it is.
 * @param etag of what was read; null: there was none.
 * @returns false when somebody has changed it meanwhile: what was planned has to be planned anew.
 * @throws DeadlineMissed, or what the bucket throws: it may have taken place all the same.
 */
export async function putCatalogue(
  bucket: Pick<R2Bucket, "put">,
  catalogue: DayCatalogue,
  etag: string | null,
): Promise<boolean> {
  const put = bucket.put(catalogueKey(catalogue.tenant, catalogue.day), packCatalogue(catalogue), {
    onlyIf: etag === null ? { etagDoesNotMatch: "*" } : { etagMatches: etag },
    httpMetadata: { contentType: "application/octet-stream" },
  });
  return (await inTime(put, R2_DEADLINE_MS)) !== null;
}
