/** Things that are read and written by their ids, alike whatever they are. */
import type { Answered, CallOptions } from "./operations.ts";
import { orNull } from "./operations.ts";
import { type Page, type Paged, paged } from "./paged.ts";
import { RequestRefused } from "./refused.ts";

/** Others may change the same thing so often before an update gives up. */
const UPDATE_ATTEMPTS = 8;
const PRECONDITION_FAILED = 412;

/** What a write expects to be there; without it the write overwrites what there is. */
export type Expectation = { readonly ifMatch?: string; readonly ifNoneMatch?: "*" };
type Given = { readonly id: string };

/** @param query pages that follow have its filters too. */
export function listed<Query extends object, Found extends Page<unknown>>(
  list: (input: { readonly query: Query }, options?: CallOptions) => Promise<Answered<Found>>,
): (query?: Query, options?: CallOptions) => Paged<Found> {
  return (query, options) =>
    paged(async (cursor) => {
      const place = cursor === undefined ? {} : { cursor };
      return (await list({ query: { ...query, ...place } as Query }, options)).body;
    });
}

/** Null when there is no such thing. */
export function found<Item>(
  get: (input: Given, options?: CallOptions) => Promise<Answered<Item>>,
): (id: string, options?: CallOptions) => Promise<Item | null> {
  return (id, options) => orNull(get({ id }, options));
}

/**
 * Reads, lets `change` say what to write, and writes it if nobody has changed the thing meanwhile; otherwise it begins again. `change`
 * may be called several times; with null it leaves everything as it is.
 * @throws {RequestRefused} 404; or 412, `isUncertain`, when an answer was lost and the thing has changed, perhaps by this very write.
 */
export function updating<Item, Change>(
  get: (input: Given, options?: CallOptions) => Promise<Answered<Item>>,
  write: (input: Given & { readonly body: Change; readonly ifMatch: string }, options?: CallOptions) => Promise<Answered<Item>>,
): (id: string, change: (item: Item) => Change | null | Promise<Change | null>, options?: CallOptions) => Promise<Item> {
  return async (id, change, options) => {
    for (let attempt = 1; ; attempt++) {
      const { body: item, etag } = await get({ id }, options);
      const body = await change(item);
      if (body === null) return item;
      try {
        return (await write({ id, body, ifMatch: etag ?? "*" }, options)).body;
      } catch (error) {
        const isOutdated = error instanceof RequestRefused && error.status === PRECONDITION_FAILED && !error.isUncertain;
        if (!isOutdated || attempt >= UPDATE_ATTEMPTS) throw error;
      }
    }
  };
}

type Operations<Item, New, Content, Patch, Query extends object, Found extends Page<unknown>> = {
  readonly list: (input: { readonly query: Query }, options?: CallOptions) => Promise<Answered<Found>>;
  readonly create: (input: { readonly body: New }, options?: CallOptions) => Promise<Answered<Item>>;
  readonly get: (input: Given, options?: CallOptions) => Promise<Answered<Item>>;
  readonly put: (input: Given & Expectation & { readonly body: Content }, options?: CallOptions) => Promise<Answered<Item>>;
  readonly patch: (input: Given & Expectation & { readonly body: Patch }, options?: CallOptions) => Promise<Answered<Item>>;
  readonly remove: (input: Given & Expectation, options?: CallOptions) => Promise<Answered<undefined>>;
};

/** Routing's own things: trunks, rules, calendars and the like. */
export function editable<Item, New, Content, Patch, Query extends object, Found extends Page<Item>>(
  operations: Operations<Item, New, Content, Patch, Query, Found>,
) {
  const { create, put, patch, remove } = operations;
  return {
    list: listed(operations.list),
    /** Null when there is none of this id. */
    get: found(operations.get),
    create: async (body: New, options?: CallOptions): Promise<Item> => (await create({ body }, options)).body,
    /** Makes it, or replaces it. */
    put: async (
      id: string,
      body: Content,
      { ifMatch, ifNoneMatch, ...options }: Expectation & CallOptions = {},
    ): Promise<Item> => (await put({ id, body, ...expectation(ifMatch, ifNoneMatch) }, options)).body,
    /** A merge patch (RFC 7396). */
    patch: async (id: string, body: Patch, { ifMatch, ...options }: Expectation & CallOptions = {}): Promise<Item> =>
      (await patch({ id, body, ...expectation(ifMatch) }, options)).body,
    /** Reads it, merges what the function gives, and begins again when somebody was faster. */
    update: updating(operations.get, patch),
    delete: async (id: string, { ifMatch, ...options }: Expectation & CallOptions = {}): Promise<void> => {
      await remove({ id, ...expectation(ifMatch) }, options);
    },
  };
}

/** Without members that are undefined. */
export function expectation(ifMatch?: string, ifNoneMatch?: "*"): Expectation {
  return { ...(ifMatch === undefined ? {} : { ifMatch }), ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }) };
}
