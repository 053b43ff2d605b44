/** `/v1/trunks/{id}/secrets`: with which a trunk signs its requests. Several hold during a rotation; only their names are ever shown. */
import { Hono } from "hono";
import { ACCESS_FILTERS, parseNewSecret, trunkSecretJson } from "../../../contracts/access.ts";
import { parsePublicKey } from "../../../adapters/identity/http-signature/signing-keys.ts";
import { createDataKeys } from "../../../adapters/identity/data-keys.ts";
import { trunkSealContext } from "../../../adapters/identity/sealing.ts";
import type { Role } from "../../../domain/identity/principal.ts";
import { toHex } from "../../../domain/shared/hex.ts";
import { parseTrunkId, type TrunkId } from "../../../domain/shared/ids.ts";
import type { AppContext, AppEnv } from "../../context.ts";
import { handOutProblem } from "../../hand-out.ts";
import { audited } from "../../middleware/audited.ts";
import { answerProblem } from "../../problem.ts";
import {
  BAD_PUBLIC_KEY,
  allows,
  answerPage,
  answerResource,
  idFrom,
  invalidFields,
  jsonBody,
  notFound,
  pageRequest,
  readEntityBody,
  writeProblem,
} from "./answers.ts";
import { putInForce } from "./put-in-force.ts";
import { idempotent } from "../../middleware/idempotent.ts";

/** Bytes: what Standard Webhooks recommends at most is 64, at least 24. */
const SECRET_BYTES = 32;
const NAME_BYTES = 6;
/** What whoever signs with a secret is. */
const SIGNERS: readonly Role[] = ["integrator"];

const trunkOf = (c: AppContext): TrunkId | null => {
  const parsed = parseTrunkId(c.req.param("id") ?? "");
  return parsed.ok ? parsed.value : null;
};

/** `whsec_` and base64, by https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function mintSecret(random: Uint8Array): string {
  return `whsec_${btoa(String.fromCharCode(...random))}`;
}

export const trunkSecretRoutes = () =>
  new Hono<AppEnv>()
    .get("/:id/secrets", ...allows("access:manage"), async (c) => {
      const trunk = trunkOf(c);
      if (trunk === null) return answerProblem(c, notFound("trunk"));
      const list = `trunks/${trunk}/secrets`;
      const request = pageRequest(c, list, ACCESS_FILTERS["trunk-secrets"]);
      if (!request.ok) return answerProblem(c, request.error);
      const ofTrunk = { ...request.value, filters: { ...request.value.filters, trunk: [trunk] } };
      const page = await c.get("deps").access.listTrunkSecrets(c.get("principal").tenant, ofTrunk);
      return answerPage(c, list, request.value, page, trunkSecretJson);
    })
    .post(
      "/:id/secrets",
      ...allows("access:manage"),
      readEntityBody,
      idempotent,
      audited("trunk-secrets.create"),
      async (c) => {
        const { access, configuration, environment, randomness } = c.get("deps");
        const { tenant, subject } = c.get("principal");
        const body = c.get("body").length === 0 ? { ok: true as const, value: {} } : jsonBody(c);
        if (!body.ok) return answerProblem(c, body.error);
        const input = parseNewSecret(body.value);
        if (!input.ok) return answerProblem(c, invalidFields(input.error));
        const trunk = trunkOf(c);
        if (trunk === null || (await configuration.get(tenant, "trunks", trunk)) === null)
          return answerProblem(c, notFound("trunk"));
        const beyond = await handOutProblem(c, SIGNERS);
        if (beyond !== null) return answerProblem(c, beyond);
        const id = input.value.id ?? toHex(randomness.bytes(NAME_BYTES));
        const given = input.value.publicKey === undefined ? null : parsePublicKey(input.value.publicKey);
        if (given?.ok === false) return answerProblem(c, BAD_PUBLIC_KEY);
        const secret = given?.value ?? mintSecret(randomness.bytes(SECRET_BYTES));
        const sealed = await createDataKeys(environment).seal(secret, trunkSealContext(tenant, trunk));
        const added = await access.addTrunkSecret(tenant, { trunk, id, sealed, createdBy: subject });
        if (!added.ok && added.error.tag === "precondition_failed")
          return answerProblem(c, { code: "conflict", detail: `the trunk has had a secret "${id}" already` });
        if (!added.ok) return answerProblem(c, writeProblem(added.error, "trunk"));
        const unpublished = await putInForce(
          c,
          `the secret "${id}" is stored, but could not be put in force and is not shown: retire it and ask for another one`,
        );
        if (unpublished !== null) return unpublished;
        c.header("Cache-Control", "no-store");
        c.header("Location", `/v1/trunks/${trunk}/secrets/${id}`);
        return c.json({ ...trunkSecretJson(added.value), ...(given === null ? { secret } : {}) }, 201);
      },
    )
    .delete("/:id/secrets/:secret", ...allows("access:manage"), audited("trunk-secrets.retire"), async (c) => {
      const { access, clock } = c.get("deps");
      const trunk = trunkOf(c);
      const id = idFrom(c, "secret");
      if (trunk === null || id === null || (await access.getTrunkSecret(c.get("principal").tenant, trunk, id)) === null)
        return answerProblem(c, notFound("secret"));
      const beyond = await handOutProblem(c, [], { before: SIGNERS });
      if (beyond !== null) return answerProblem(c, beyond);
      const retired = await access.retireTrunkSecret(c.get("principal").tenant, trunk, id, { tag: "any" }, clock.nowMs());
      if (!retired.ok) return answerProblem(c, writeProblem(retired.error, "secret"));
      return (await putInForce(c)) ?? answerResource(c, retired.value.revision, trunkSecretJson(retired.value));
    });
