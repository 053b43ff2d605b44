/** An endpoint of a tenant to which events are delivered, as it is in force. */
export type WebhookTarget = {
  readonly id: string;
  readonly url: string;
  /** Names of types, or beginnings that end in `*`; empty: all. */
  readonly eventTypes: readonly string[];
  /** Sealed secrets (adapters/identity/webhook-keys.ts), the newest first. */
  readonly sealedSecrets: readonly string[];
  /** Until then all of them sign, afterwards the newest alone; null: there is one. Unix milliseconds. */
  readonly rotatedUntilMs: number | null;
  /** False: deliveries show numbers and texts masked. */
  readonly personalData: boolean;
  /** Grows with every change of the endpoint. */
  readonly revision: number;
};

/** What the object of an endpoint is called. Neither a tenant nor an endpoint has a slash in its id. */
export function endpointName(tenant: string, endpoint: string): string {
  return `${tenant}/${endpoint}`;
}

/** Whether events of this type are meant for the endpoint. */
export function takesType({ eventTypes }: Pick<WebhookTarget, "eventTypes">, type: string): boolean {
  if (eventTypes.length === 0) return true;
  return eventTypes.some((wanted) => (wanted.endsWith("*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted));
}

/** The secrets that sign now. */
export function signingSecrets({ sealedSecrets, rotatedUntilMs }: WebhookTarget, nowMs: number): readonly string[] {
  return rotatedUntilMs !== null && nowMs < rotatedUntilMs ? sealedSecrets : sealedSecrets.slice(0, 1);
}
