export type Members = Readonly<Record<string | symbol, unknown>>;
export type Call = (...given: readonly unknown[]) => unknown;

/** A member of a native object, behind a proxy of it: such objects must be called on themselves. */
export function member(of: object, name: string | symbol): unknown {
  const found = (of as Members)[name];
  return typeof found === "function" ? (...given: readonly unknown[]) => Reflect.apply(found as Call, of, given) : found;
}
