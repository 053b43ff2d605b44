/** Bytes as they are: compression needs threads of the platform, which keep to no schedule. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const gzip = async (text: string): Promise<Uint8Array> => encoder.encode(text);
export const gunzip = async (member: Uint8Array): Promise<string> => decoder.decode(member);
export const gunzipMembers = (members: Uint8Array): string => decoder.decode(members);
