/** Whom the harness calls, by the configuration of the demo tenant. */
export const STANDARD_CALL = { from: "+15550100100", to: "+15551230001", channel: "api" } as const;
export const EMERGENCY_CALL = { from: "+15550100100", to: "112", channel: "api" } as const;
