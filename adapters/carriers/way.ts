/** How the carrier of an account is asked. */
import { type Guard, deadlineOnly } from "../platform/guard.ts";

export type CarrierWay = {
  readonly guard: Guard;
  /** It is asked whatever is known of it, and however many ask: for legs of emergencies. */
  readonly insists: boolean;
};

export const DEADLINE_ALONE: CarrierWay = { guard: deadlineOnly, insists: false };
