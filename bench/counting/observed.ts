/** Puts a counter before the methods of an object that the platform made. */

type Method = (...args: unknown[]) => unknown;
/** Called at once with what the method was given and what it returned. What it returns, if anything, goes to the caller instead. */
type Watch = (args: readonly unknown[], result: unknown) => unknown;

/**
 * The same object, with `watch` called for the methods named in it.
 * @param replaced properties that stand for the object's own.
 */
export function observed<T extends object>(target: T, watch: Readonly<Record<string, Watch>>, replaced: object = {}): T {
  return new Proxy(target, {
    get(of, name) {
      if (name in replaced) return Reflect.get(replaced, name);
      const value: unknown = Reflect.get(of, name, of);
      if (typeof value !== "function") return value;
      const method = value as Method;
      return (...args: unknown[]): unknown => {
        const result = method.apply(of, args);
        const replacement = typeof name === "string" ? watch[name]?.(args, result) : undefined;
        return replacement === undefined ? result : replacement;
      };
    },
  });
}
