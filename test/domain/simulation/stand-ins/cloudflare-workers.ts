/** The part of `cloudflare:workers` that objects are built on. */

export class DurableObject<E> {
  readonly ctx: unknown;
  readonly env: E;

  constructor(ctx: unknown, env: E) {
    this.ctx = ctx;
    this.env = env;
  }
}

/** Nothing is dropped when a request is over: there are none. */
export const waitUntil = (): void => {};
