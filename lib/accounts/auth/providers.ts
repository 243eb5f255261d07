/** Where people may sign in besides here, from the environment. */
export type AuthProvider = {
  id: "github" | "google" | "oidc";
  /** What the button calls it. */
  name: string;
  clientId: string;
  clientSecret: string;
  /** For `oidc`. */
  issuer?: string;
};

type ProviderEnv = Partial<
  Record<
    | `ARENA_${"GITHUB" | "GOOGLE" | "OIDC"}_CLIENT_${"ID" | "SECRET"}`
    | "ARENA_OIDC_ISSUER"
    | "ARENA_OIDC_NAME",
    string
  >
>;

/** Those of which everything is known: the environment's schema refuses a half. */
export function authProviders(env: ProviderEnv): AuthProvider[] {
  const { ARENA_OIDC_ISSUER: issuer, ARENA_OIDC_NAME: name = "OpenID" } = env;
  return [
    ...of("oidc", name, env.ARENA_OIDC_CLIENT_ID, env.ARENA_OIDC_CLIENT_SECRET, issuer),
    ...of("github", "GitHub", env.ARENA_GITHUB_CLIENT_ID, env.ARENA_GITHUB_CLIENT_SECRET),
    ...of("google", "Google", env.ARENA_GOOGLE_CLIENT_ID, env.ARENA_GOOGLE_CLIENT_SECRET),
  ];
}

function of(
  id: AuthProvider["id"],
  name: string,
  clientId: string | undefined,
  clientSecret: string | undefined,
  issuer?: string,
): AuthProvider[] {
  if (clientId === undefined || clientSecret === undefined) return [];
  if (id === "oidc" && issuer === undefined) return [];
  return [{ id, name, clientId, clientSecret, ...(issuer === undefined ? {} : { issuer }) }];
}
