/** `/internal/audit/*`: what Postgres has of an audit trail and what its object knows, for whoever runs the deployment to compare. */
import { Hono } from "hono";
import { createAuditStore } from "../../adapters/postgres/audit/audit-store.ts";
import { connect } from "../../adapters/postgres/client.ts";
import { type AuditState, OPERATOR_PATHS, auditQuery, auditStateQuery } from "../../contracts/operator.ts";
import { rowsOf } from "../audit/read.ts";
import type { AppEnv } from "../context.ts";
import { begun } from "../events/download.ts";
import { JSON_LINES, textLines } from "../json-lines.ts";
import { operatorOnly } from "../middleware/operator-only.ts";
import { readBody } from "../middleware/read-body.ts";
import { answerProblem } from "../problem.ts";

const guarded = [readBody, operatorOnly] as const;

export const internalAuditRoutes = () =>
  new Hono<AppEnv>()
    .get(OPERATOR_PATHS.auditState, ...guarded, async (c) => {
      const query = auditStateQuery.safeParse(c.req.query());
      if (!query.success) return answerProblem(c, { code: "invalid_fields" });
      const state = await c.get("deps").auditReader.state(query.data.tenant);
      return c.json(state satisfies AuditState);
    })
    .get(OPERATOR_PATHS.auditEntries, ...guarded, async (c) => {
      const query = auditQuery.safeParse(c.req.query());
      if (!query.success) return answerProblem(c, { code: "invalid_fields" });
      const { tenant, fromMs, toMs } = query.data;
      const filter = { ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }) };
      const store = createAuditStore(
        connect(c.env.DATABASE_URL, c.env.DATABASE_LOCAL_ENDPOINT || undefined, c.get("deps").guard),
      );
      const rows = rowsOf(store, tenant, c.get("deps").environment.LANE, filter);
      return c.body(textLines(await begun(rows)), 200, JSON_LINES);
    });
