/** `/v1/config/draft`: the whole draft at once, as JSON lines `{"kind": …, "entity": …}`. */
import { Hono } from "hono";
import type { AppEnv } from "../../context.ts";
import { audited } from "../../middleware/audited.ts";
import { bodyStream } from "../../middleware/read-body.ts";
import { answerProblem } from "../../problem.ts";
import { allows } from "./answers.ts";
import { JSON_LINES, answerDraft } from "./downloads.ts";
import { jsonLines } from "./json-lines.ts";
import { maskCheck } from "./masked-profile.ts";
import { etagOf, expectedBy, isKnown } from "./preconditions.ts";
import { answerUpload, isOfType, isUploadable, notOfType } from "./uploads.ts";

export const draftRoutes = () =>
  new Hono<AppEnv>()
    .get("/", ...allows("config:read"), async (c) => {
      const etag = etagOf(await c.get("deps").configuration.draftRevision(c.get("principal").tenant));
      if (isKnown(c, etag)) return c.body(null, 304, { ETag: etag });
      return answerDraft(c, etag);
    })
    .put("/", ...allows("config:write"), isUploadable, audited("config.replace-draft"), async (c) => {
      if (!isOfType(c, JSON_LINES)) return answerProblem(c, notOfType(JSON_LINES));
      const { configuration } = c.get("deps");
      const expected = await expectedBy(c, () => configuration.draftRevision(c.get("principal").tenant));
      if (!expected.ok) return answerProblem(c, expected.error);
      return answerUpload(c, { kind: "draft" }, expected.value, jsonLines(bodyStream(c), maskCheck(c)), "draft");
    });
