/** An endpoint of a tenant to which events are delivered, as it is in force. */
export type WebhookTarget = {
  readonly id: string;
  readonly url: string;
  /** Names of types, or beginnings that end in `*`; empty: all. */
  readonly eventTypes: readonly string[];
  /** Sealed secrets (adapters/identity/sealing.ts), the newest first: each signs every delivery. */
  readonly sealedSecrets: readonly string[];
  /** False: deliveries show numbers and texts masked. */
  readonly personalData: boolean;
  /** Grows with every change of the endpoint. */
  readonly revision: number;
};
