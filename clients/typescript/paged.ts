/** Lists that come page by page. */

export type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor?: string };

/** Iterate over it for the items, or over `pages()` for what a page says beside them. Each iteration asks anew, and no page too early. */
export type Paged<Found extends Page<unknown>> = AsyncIterable<Found["items"][number], void, undefined> & {
  /** A page may be short, or empty, and not be the last. */
  readonly pages: () => AsyncGenerator<Found, void, undefined>;
  /** All items, in memory. */
  readonly all: () => Promise<readonly Found["items"][number][]>;
};

/** @param pageAfter asks for the page behind a cursor, or for the first. */
export function paged<Found extends Page<unknown>>(pageAfter: (cursor: string | undefined) => Promise<Found>): Paged<Found> {
  async function* pages(): AsyncGenerator<Found, void, undefined> {
    let cursor: string | undefined;
    do {
      const page = await pageAfter(cursor);
      yield page;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }

  async function* items(): AsyncGenerator<Found["items"][number], void, undefined> {
    for await (const page of pages()) yield* page.items as readonly Found["items"][number][];
  }

  async function all(): Promise<readonly Found["items"][number][]> {
    const found: Found["items"][number][] = [];
    for await (const item of items()) found.push(item);
    return found;
  }

  return { [Symbol.asyncIterator]: items, pages, all };
}
