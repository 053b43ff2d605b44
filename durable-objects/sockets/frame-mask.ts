/** Frames for those who may not see personal data. The same frame goes to many sockets one after another: it is masked once. */
import { maskJson } from "../../domain/privacy/mask.ts";

/** What one commit sends, and some that a client behind is sent. */
const MAX_KNOWN = 32;

export class FrameMask {
  readonly #known = new Map<string, string>();

  /** @param text JSON. */
  of(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const masked = JSON.stringify(maskJson(JSON.parse(text)));
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(text, masked);
    return masked;
  }
}
