/** The data centre's cache, which knows nothing and keeps nothing while the harness says so. */
import { member } from "./member.ts";
import { injected } from "./state.ts";

function losing(cache: object): object {
  const nothing = { match: async () => undefined, put: async () => {}, delete: async () => false };
  return new Proxy(cache, {
    get: (real, name) => (injected().cacheLost && name in nothing ? nothing[name as keyof typeof nothing] : member(real, name)),
  });
}

export function loseCache(): void {
  const real = caches;
  const caching = new Proxy(real, {
    get: (all, name) => (name === "default" ? losing(all.default) : member(all, name)),
  });
  Object.defineProperty(globalThis, "caches", { value: caching });
}
