import type { HostileSite } from "./hostile-site";

/**
 * For tests: real values for the parameters of a route, by the beginning of its address; the longest that fits is taken. A route
 * that is none of these is reported by the test, so that a new one gets a value that names something.
 */
export function realAddresses({ seeded, person }: HostileSite): readonly (readonly [string, string[]])[] {
  const admin = person("admin");
  return [
    ["/api/battles/", [seeded.battleId]],
    ["/api/history/", [seeded.battleId]],
    ["/api/chat/conversations/", [seeded.conversationId]],
    ["/api/shares/", [seeded.shareToken]],
    ["/api/attachments/", [seeded.attachmentId]],
    ["/api/account/sessions/", [admin.sessionId]],
    ["/api/account/keys/", [seeded.keyId]],
    ["/api/account/providers/", ["credential"]],
    ["/api/auth/callback/", ["oidc"]],
    ["/api/workers/", [seeded.workerId]],
    ["/api/admin/workers/", [seeded.workerId]],
    ["/api/admin/models/", [seeded.model]],
    ["/api/admin/exclusions/", [seeded.actId]],
    ["/api/admin/keys/", [seeded.keyPrefix]],
    ["/api/admin/join-tokens/", [seeded.joinTokenPrefix]],
    ["/api/admin/people/", [person("researcher").userId]],
    ["/api/admin/releases/", [seeded.releaseJobId]],
    ["/api/admin/settings/", ["limits"]],
    ["/api/admin/moderation/shares/", [seeded.shareToken]],
    ["/api/admin/moderation/visitors/", [seeded.visitorId]],
    ["/api/admin/moderation/", [seeded.responseId]],
    ["/api/data/releases/", ["2026-01-01", "votes.jsonl"]],
    ["/api/models/", [seeded.model]],
    ["/v1/models/", [seeded.model]],
  ];
}

/** The route's address with these values in the places of its parameters; null where there are too few. */
export function fillWith(url: string, values: readonly string[]): string | null {
  const left = [...values];
  let isWhole = true;
  const filled = url.replace("*", "x").replace(/:\w+/g, () => {
    const value = left.shift();
    isWhole &&= value !== undefined;
    return encodeURIComponent(value ?? "");
  });
  return isWhole ? filled : null;
}

/** The address of something that is there; null where no value is known. */
export function realAddress(url: string, known: ReturnType<typeof realAddresses>): string | null {
  const values = known
    .filter(([start]) => url.startsWith(start))
    .sort(([x], [y]) => y.length - x.length)
    .at(0)?.[1];
  return fillWith(url, values ?? []);
}
