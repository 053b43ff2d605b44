import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS, MAX_OWN_FACTOR, policyOf } from "../../../domain/limits/policy.ts";

describe("[API-5] limits that a tenant has settled", () => {
  it("stand before the deployment's, up to a factor of those", () => {
    const own = { client: { burst: 5, perS: 1_000_000 }, tenant: { burst: 1_000_000, perS: 1 } };
    const ofApi = DEFAULT_LIMITS["api-read"];
    expect(policyOf("api-read", DEFAULT_LIMITS, own)).toEqual({ burst: 5, perS: MAX_OWN_FACTOR * ofApi.perS });
    expect(policyOf("tenant", DEFAULT_LIMITS, own)).toEqual({ burst: MAX_OWN_FACTOR * DEFAULT_LIMITS.tenant.burst, perS: 1 });
    expect(policyOf("tenant", DEFAULT_LIMITS, {})).toEqual(DEFAULT_LIMITS.tenant);
  });
});
