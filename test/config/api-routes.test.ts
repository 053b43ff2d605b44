/** The routes of both Workers against the interface description, without a server: a Worker's modules load in Node but for the platform's own. */
import { describe, expect, it, vi } from "vitest";

vi.mock("cloudflare:workers", () => ({ DurableObject: Object, WorkerEntrypoint: Object, waitUntil: () => {}, env: {} }));

const { API } = await import("../../contracts/openapi/api.ts");
const { standard } = await import("../../workers/standard.ts");
const { gate } = await import("../../workers/gate.ts");
const { isIdempotent } = await import("../../workers/middleware/idempotent.ts");

type Route = { readonly method: string; readonly path: string; readonly handler: unknown };

const described = new Map(
  API.operations.map((operation) => [`${operation.method.toUpperCase()} ${operation.path}`, operation]),
);

/** Not for tenants, and open to whoever runs the deployment alone. */
const isInternal = (path: string): boolean => path.startsWith("/internal/");
/** A page's own parts. */
const isPart = (path: string): boolean => path === "/docs/reference.css";

const templateOf = (path: string): string => path.replaceAll(/:(\w+)/g, "{$1}");

/** Every route with a method of its own; middleware stands on paths with `*`, or is for all methods. */
function servedBy(app: { readonly routes: readonly Route[] }): ReadonlyMap<string, readonly unknown[]> {
  const served = new Map<string, unknown[]>();
  for (const { method, path, handler } of app.routes) {
    if (method === "ALL" || path.includes("*") || isInternal(path) || isPart(path)) continue;
    const name = `${method} ${templateOf(path)}`;
    served.set(name, [...(served.get(name) ?? []), handler]);
  }
  return served;
}

const byStandard = servedBy(standard());
const byGate = servedBy(gate());

/** What a route asks for by `requires`; several guards would be several entries. */
function permissionsOf(handlers: readonly unknown[]): readonly unknown[] {
  const guards = handlers.filter((handler) => typeof handler === "function" && "permission" in handler);
  return [...new Set(guards.map((guard) => (guard as unknown as { readonly permission: unknown }).permission))];
}

/** They prove who asks in another way, which tests of their own look at: sockets take tickets too. */
const PROVEN_OTHERWISE = new Set(["watchSession", "watchSessions"]);

describe("[API-1] the interface description and the routes", () => {
  it("[API-1] nothing is served that is not described", () => {
    expect([...byStandard.keys(), ...byGate.keys()].filter((route) => !described.has(route))).toEqual([]);
  });

  it("[API-1] nothing is described that is not served", () => {
    expect([...described.keys()].filter((name) => !byStandard.has(name))).toEqual([]);
  });

  it("[API-1] what a route asks for is what its operation says", () => {
    const differing = [...byStandard].flatMap(([name, handlers]) => {
      const operation = described.get(name);
      if (operation === undefined || PROVEN_OTHERWISE.has(operation.id)) return [];
      const asked = permissionsOf(handlers);
      const said = operation.permission === null ? [[], [null]] : [[operation.permission]];
      return said.some((each) => JSON.stringify(each) === JSON.stringify(asked))
        ? []
        : [{ name, asked, said: operation.permission }];
    });
    expect(differing).toEqual([]);
  });

  it("[API-4] an operation takes `Idempotency-Key` where its route does", () => {
    const differing = [...byStandard].filter(([name, handlers]) => {
      const operation = described.get(name);
      return operation !== undefined && handlers.some(isIdempotent) !== (operation.isIdempotent === true);
    });
    expect(differing.map(([name]) => name)).toEqual([]);
  });

  it("[API-1] sees routes at all", () => {
    expect(byStandard.size).toBeGreaterThan(60);
    expect(permissionsOf(byStandard.get("POST /v1/calls")!)).toEqual(["calls:create"]);
  });
});
