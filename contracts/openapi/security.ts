/** The ways to prove who asks, as the interface description names them. */
const SCHEMES = {
  bearer: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A token of a configured issuer. Its `scope` narrows what its roles grant.",
  },
  apiKey: { type: "apiKey", in: "header", name: "X-Api-Key", description: "`tlk_…`; taken as a bearer token too." },
  httpSignature: {
    type: "apiKey",
    in: "header",
    name: "Signature",
    description:
      "An HTTP message signature (RFC 9421) with `Signature-Input` and, where there is a body, `Content-Digest` (RFC 9530), by ed25519 or hmac-sha256.",
  },
  standardWebhook: {
    type: "apiKey",
    in: "header",
    name: "webhook-signature",
    description:
      "Standard Webhooks: `v1,` and base64(HMAC-SHA256(secret, `id.timestamp.body`)), beside `webhook-id` and `webhook-timestamp`; a trunk names itself in `Trunkline-Trunk`, a carrier's account is in the path.",
  },
  ticket: {
    type: "apiKey",
    in: "query",
    name: "ticket",
    description: "For one socket, for pages that hold no token: of `POST /v1/live/tickets`.",
  },
} as const;
export type ProofName = keyof typeof SCHEMES;

/** Whatever an operation of a tenant is asked by. */
export const USUAL_PROOFS: readonly ProofName[] = ["bearer", "apiKey", "httpSignature", "standardWebhook"];

/** `components.securitySchemes` of the document. */
export const SECURITY_SCHEMES: Readonly<Record<string, unknown>> = SCHEMES;
