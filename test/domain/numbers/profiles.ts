import type { DialProfile } from "../../../domain/numbers/dial-profile.ts";

export const US: DialProfile = { country: "US", areaCode: "555" };
export const US_PBX: DialProfile = { country: "US", areaCode: "555", outsidePrefix: "9", extensionLength: { min: 3, max: 4 } };
export const DE: DialProfile = { country: "DE", areaCode: "30" };
export const DE_PBX: DialProfile = { country: "DE", areaCode: "30", outsidePrefix: "0", extensionLength: { min: 2, max: 3 } };
export const GB: DialProfile = { country: "GB", areaCode: "20" };
export const IN: DialProfile = { country: "IN", areaCode: "22" };
export const IT: DialProfile = { country: "IT" };
export const ES: DialProfile = { country: "ES" };
export const AR: DialProfile = { country: "AR" };
export const AU: DialProfile = { country: "AU", areaCode: "2" };
export const CUSTOM: DialProfile = { country: "DE", internationalPrefixes: ["99", "00"], nationalPrefix: "8" };

export const PROFILES: readonly DialProfile[] = [US, US_PBX, DE, DE_PBX, GB, IN, IT, ES, AR, AU, CUSTOM];
