import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { AppError } from "@/lib/errors";

export type OwnAddress = {
  /** Where the worker's server listens. */
  listenHost: string;
  /** Where the site's servers reach it. */
  reachableHost: string;
};

export type OwnAddressOptions = {
  /** ARENA_WORKER_HOST. */
  host: string | undefined;
  /** Addresses of the site's servers. */
  controllers: readonly string[];
  /** The operator says with `--url` where the worker is reached. */
  isToldByFlag: boolean;
  network?: Network;
};

/** What is asked of this machine; tests put another one in its place. */
export type Network = {
  /** The addresses of a name or of an address. Errors: those of the system. */
  addressesOf(name: string): Promise<string[]>;
  /** This machine's own end of the way to an address. Errors: those of the system, where no way leads there. */
  ownEndTo(address: string): Promise<string>;
  /** An address of this machine that is not its loopback; null where it has none. */
  outerAddress(): string | null;
};

/**
 * Where a worker listens, and which address it tells. Beside a server of this machine it stays on the loopback. Where a server is
 * on another machine it takes this machine's address on the way there: a worker that told 127.0.0.1 would make the server dial
 * itself.
 *
 * Errors: `invalid_request` with a sentence that says what to set, for a loopback address that no other machine can reach;
 * `upstream_failed` where no server's name can be resolved or no way leads there.
 */
export async function ownAddress(options: OwnAddressOptions): Promise<OwnAddress> {
  const { host, controllers, isToldByFlag, network = thisMachine } = options;
  const isEverywhere = host === "0.0.0.0" || host === "::";
  if (host !== undefined && !isEverywhere && (isToldByFlag || !isLoopback(host)))
    return { listenHost: host, reachableHost: host };
  const servers = await resolved(controllers, network);
  const outer = servers.filter(({ addresses }) => !addresses.every(isLoopback));
  const [distant] = outer;
  if (distant === undefined) {
    const reachableHost = isEverywhere ? (network.outerAddress() ?? loopback) : (host ?? loopback);
    return { listenHost: host ?? loopback, reachableHost };
  }
  if (host !== undefined && !isEverywhere) {
    const elsewhere = await firstElsewhere(outer, network);
    if (elsewhere === null) return { listenHost: host, reachableHost: host };
    throw new AppError("invalid_request", {
      message: `${elsewhere} is not on this machine, and this worker listens at ${host}, where nobody else can reach it. Set ARENA_WORKER_HOST to this machine's address in that network, leave it unset to have it found, or name with --url what leads here.`,
    });
  }
  const own = await ownEnd(distant.addresses, network);
  return { listenHost: host ?? own, reachableHost: own };
}

const loopback = "127.0.0.1";

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

async function resolved(urls: readonly string[], network: Network) {
  const servers: { url: string; addresses: string[] }[] = [];
  let cause: unknown;
  for (const url of urls) {
    try {
      const addresses = await network.addressesOf(new URL(url).hostname.replace(/^\[(.*)\]$/, "$1"));
      servers.push({ url, addresses });
    } catch (error) {
      cause = error;
    }
  }
  if (servers.length > 0) return servers;
  throw new AppError("upstream_failed", {
    message: `No name in ARENA_CONTROLLER_URL can be resolved (${urls.join(", ")}).`,
    cause,
  });
}

/** The first server that is not at an address of this machine; null where all are. */
async function firstElsewhere(
  servers: readonly { url: string; addresses: string[] }[],
  network: Network,
): Promise<string | null> {
  for (const { url, addresses } of servers) {
    // The way to an own address begins there. Where no way leads, it is elsewhere too.
    const ends = await Promise.allSettled(addresses.map((address) => network.ownEndTo(address)));
    const isHere = ends.some((end, index) => end.status === "fulfilled" && end.value === addresses[index]);
    if (!isHere) return url;
  }
  return null;
}

async function ownEnd(addresses: readonly string[], network: Network): Promise<string> {
  let cause: unknown;
  for (const address of addresses) {
    if (isLoopback(address)) continue;
    try {
      return await network.ownEndTo(address);
    } catch (error) {
      cause = error;
    }
  }
  throw new AppError("upstream_failed", {
    message: `No way leads to ${addresses.join(", ")}, the server of ARENA_CONTROLLER_URL.`,
    cause,
  });
}

/** Any: no packet is sent. */
const somePort = 9;

const thisMachine: Network = {
  async addressesOf(name) {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  },
  /** Connecting a datagram socket asks the routing table and sends nothing, so the server need not be there yet. */
  ownEndTo(address) {
    return new Promise((resolve, reject) => {
      const socket = createSocket(isIP(address) === 6 ? "udp6" : "udp4");
      socket.once("error", reject);
      socket.connect(somePort, address, (error?: Error) => {
        const own = error === undefined || error === null ? socket.address().address : null;
        socket.close();
        if (own === null) reject(error);
        else resolve(own);
      });
    });
  },
  outerAddress() {
    const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    return all.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? null;
  },
};
