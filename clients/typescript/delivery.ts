/** Hands items to one consumer, in order, at its pace. */

type Waiting<Item> = {
  readonly resolve: (result: IteratorResult<Item, undefined>) => void;
  readonly reject: (error: unknown) => void;
};

export class Delivery<Item> {
  readonly #items: Item[] = [];
  readonly #waiting: Waiting<Item>[] = [];
  readonly #onTaken: (item: Item) => void;
  #end: { readonly error: Error | null } | null = null;

  /** @param onTaken the consumer has got an item. */
  constructor(onTaken: (item: Item) => void) {
    this.#onTaken = onTaken;
  }

  get length(): number {
    return this.#items.length;
  }

  put(item: Item): void {
    if (this.#end !== null) return;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return void this.#items.push(item);
    this.#onTaken(item);
    waiting.resolve({ done: false, value: item });
  }

  /** What is there is still handed out. @param error what the consumer gets then; null: the end. */
  end(error: Error | null): void {
    if (this.#end !== null) return;
    this.#end = { error };
    for (const waiting of this.#waiting.splice(0)) this.#finish(waiting, { error });
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    const item = this.#items.shift();
    if (item !== undefined) {
      this.#onTaken(item);
      return Promise.resolve({ done: false, value: item });
    }
    return new Promise((resolve, reject) => {
      if (this.#end === null) this.#waiting.push({ resolve, reject });
      else this.#finish({ resolve, reject }, this.#end);
    });
  }

  #finish({ resolve, reject }: Waiting<Item>, { error }: { readonly error: Error | null }): void {
    if (error === null) resolve({ done: true, value: undefined });
    else reject(error);
  }
}
