import type { NetworkHashes } from "../integrity/network-hash";

/** Who sends a request, and from where. */
export type RequestOrigin = {
  /** Null: not known yet, only its network counts. */
  visitorId: string | null;
  /** The signed-in user, whose limits take the place of the visitor's. */
  accountId: string | null;
  address: string;
  /** It came by a proxy that TRUST_PROXY does not name: `address` is the proxy's, and tells nobody from another. */
  isByUnnamedProxy: boolean;
};

/**
 * Who belongs to no network is told from nobody else: behind a proxy of this machine that the site does not know of everybody
 * is one network, as behind one of another machine; a program on this machine that keeps no cookie is another. A browser on
 * this machine has its own limits.
 */
const unnamedProxy = "unnamed proxy";
const thisMachine = "this machine";

/**
 * The names of its network within the last `withinMs`, at most a day: after midnight yesterday's hash too, or all that was
 * counted under it would be forgotten then. Empty: it belongs to none. Errors: `database_unavailable`.
 */
export async function networkNames(
  networks: Pick<NetworkHashes, "lately">,
  { visitorId, accountId, address, isByUnnamedProxy }: RequestOrigin,
  withinMs: number,
): Promise<string[]> {
  const hashes = await networks.lately(address, withinMs);
  if (hashes.length > 0) return hashes;
  if (isByUnnamedProxy) return [unnamedProxy];
  return accountId === null && visitorId === null ? [thisMachine] : [];
}
