/** What people and programs write on a call beside what the network says. */

export type Note = { readonly atMs: number; readonly by: string; readonly text: string };

export type Annotations = {
  /** A set, sorted. */
  readonly tags: readonly string[];
  readonly notes: readonly Note[];
  /** How the call was wrapped up, in the tenant's own words; null: not said. */
  readonly disposition: string | null;
};

export const NO_ANNOTATIONS: Annotations = { tags: [], notes: [], disposition: null };
