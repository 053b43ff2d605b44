/** The optional setting `DATA_KEYS`: the keys that encrypt personal data and secrets at rest. */
import { z } from "zod";

/** The key that is derived from CONFIG_KEY. It can always be opened with, so that a ring can be set where there was none. */
export const DERIVED_KEY_ID = "c0";
const MAX_KEYS = 16;

const KEY_ID = /^[a-z0-9]{1,16}$/;
const key = z.string().regex(/^[A-Za-z0-9+/]{43}=$/, "not 32 bytes in base64");

/**
 * `{"current":"k2","keys":{"k1":"<32 bytes, base64>","k2":"…"},"index":"…"}`: new values are sealed under `current`, values under any of
 * `keys` open. `index` keys the hashes by which values are found; without it that key is derived from CONFIG_KEY.
 */
export const dataKeyRing = z
  .strictObject({
    current: z.string().regex(KEY_ID),
    keys: z.record(z.string().regex(KEY_ID), key),
    index: key.optional(),
  })
  .refine(({ keys }) => Object.keys(keys).length <= MAX_KEYS, `more than ${MAX_KEYS} keys`)
  .refine(({ keys }) => !Object.hasOwn(keys, DERIVED_KEY_ID), `${DERIVED_KEY_ID} is the key derived from CONFIG_KEY`)
  .refine(({ keys, current }) => Object.hasOwn(keys, current), "current is none of the keys")
  .nullable();
