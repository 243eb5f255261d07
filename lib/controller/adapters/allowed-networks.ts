import { type LookupAddress, lookup as systemLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { AppError } from "@/lib/errors";

/** Resolves a name to all its addresses. */
export type ResolveAll = (
  hostname: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Where workers may be dialled: a registration names a URL, and this is what keeps it from naming anything at all. */
export type AllowedNetworks = {
  /** Resolves the URL's host. Errors: `worker_address_refused` unless every address lies in the networks. */
  check(url: string): Promise<void>;
  /** For a literal address, which is dialled without a lookup. */
  allows(address: string): boolean;
  /**
   * For `net.connect`: resolves, checks every address and hands on those very addresses, so that a name that changes
   * its answer between check and connection (DNS rebinding) gains nothing.
   */
  lookup: LookupFunction;
};

const resolveWithSystem: ResolveAll = (hostname, callback) => {
  systemLookup(hostname, { all: true, verbatim: true }, callback);
};

/** Errors: `invalid_request` for an entry that is not an address or a CIDR network. */
export function createAllowedNetworks(
  networks: readonly string[],
  resolve: ResolveAll = resolveWithSystem,
): AllowedNetworks {
  const list = new BlockList();
  for (const network of networks) addNetwork(list, network);

  const allows = (address: string): boolean => {
    const family = isIP(address);
    // A zone ("fe80::1%eth0") passes isIP and is refused by BlockList: it names an interface, not a network.
    if (family === 0 || address.includes("%")) return false;
    return list.check(address, family === 6 ? "ipv6" : "ipv4");
  };

  const resolveAllowed = (
    hostname: string,
    callback: (error: Error | null, addresses: LookupAddress[]) => void,
  ): void => {
    resolve(hostname, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const isRefused = addresses.length === 0 || addresses.some(({ address }) => !allows(address));
      callback(isRefused ? new AppError("worker_address_refused") : null, isRefused ? [] : addresses);
    });
  };

  return {
    allows,
    check: (url) =>
      new Promise((accept, reject) => {
        const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
        if (isIP(host) !== 0) {
          return allows(host) ? accept() : reject(new AppError("worker_address_refused"));
        }
        resolveAllowed(host, (error) => {
          if (error === null) return accept();
          reject(
            error instanceof AppError
              ? error
              : new AppError("worker_address_refused", {
                  message: "The worker's address cannot be resolved.",
                  cause: error,
                }),
          );
        });
      }),
    lookup: (hostname, options, callback) => {
      resolveAllowed(hostname, (error, addresses) => {
        const [first] = addresses;
        if (error !== null || first === undefined) {
          // With `all` unset Node's own lookup also calls back with an error alone.
          return callback(error ?? new AppError("worker_address_refused"), "", 0);
        }
        if (options.all === true) callback(null, addresses);
        else callback(null, first.address, first.family);
      });
    },
  };
}

function addNetwork(list: BlockList, network: string): void {
  const [address = "", prefixText, ...rest] = network.split("/");
  const version = isIP(address);
  const longest = version === 6 ? 128 : 32;
  const prefix = prefixText === undefined ? longest : Number(prefixText);
  const isPrefix = prefixText === undefined || /^\d{1,3}$/.test(prefixText);
  if (version === 0 || rest.length > 0 || !isPrefix || prefix > longest) {
    throw new AppError("invalid_request", {
      message: `ARENA_WORKER_NETWORKS: "${network}" is not an address or a CIDR network.`,
    });
  }
  list.addSubnet(address, prefix, version === 6 ? "ipv6" : "ipv4");
}
