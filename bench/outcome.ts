/** What a bench comes to: text for people, data for programs, and the targets that were missed. */
export type Outcome = { readonly text: string; readonly data: unknown; readonly missed: readonly string[] };
