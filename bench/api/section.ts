/** A part of the report, and what it missed. */
export type Section = { readonly text: string; readonly missed: readonly string[] };
