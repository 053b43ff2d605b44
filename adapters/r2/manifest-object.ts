/** A manifest as it lies in R2: JSON that begins with the checksum of what follows. */
import { type Manifest, readManifest } from "../../domain/events/segment.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import { openChecked, packChecked } from "./checked-json.ts";

export const packManifest = (manifest: Manifest): Uint8Array => packChecked(manifest);

/** One of format 1 has no checksum: of it, being JSON is all that can be asked. */
export function openManifest(bytes: Uint8Array): Result<Manifest, "damaged"> {
  try {
    const { value, isWhole } = openChecked<Parameters<typeof readManifest>[0]>(bytes);
    const isKnown = (value.format === 1 || value.format === 2) && Array.isArray(value.segments);
    return (isWhole ?? value.format === 1) && isKnown ? ok(readManifest(value)) : err("damaged");
  } catch {
    return err("damaged");
  }
}
