export type ToPeer = { readonly type: "serve"; readonly port: number; readonly databaseUrl: string };
export type FromPeer = { readonly type: "serving" } | { readonly type: "failed"; readonly message: string };
