/** Finding objects by name, within the region's jurisdiction. */

/** Jurisdictions exist in production only; the local runtime refuses them. */
export function inJurisdiction<T extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<T>,
  jurisdiction: string,
): DurableObjectNamespace<T> {
  return jurisdiction === "" ? namespace : namespace.jurisdiction(jurisdiction as DurableObjectJurisdiction);
}
