/** `GET /openapi.json`: the API, described for people and for programs that make clients. Open to everybody, as nothing in it is anybody's. */
import { Hono } from "hono";
import { apiDocument } from "../../contracts/openapi/api.ts";
import type { AppEnv } from "../context.ts";

/** It changes with a deployment alone. */
const MAX_AGE_S = 300;

export const openapiRoutes = () =>
  new Hono<AppEnv>().get("/openapi.json", (c) =>
    c.json(apiDocument(), 200, { "Cache-Control": `public, max-age=${MAX_AGE_S}` }),
  );
