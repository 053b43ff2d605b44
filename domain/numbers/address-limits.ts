/** Characters. Anything longer is refused before any parsing; no number or URI that a trunk sends comes near. */
export const MAX_ADDRESS_LENGTH = 256;
