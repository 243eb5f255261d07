import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { createAllowedNetworks, type ResolveAll } from "./allowed-networks";
import { createHttpWorkerClient } from "./http-worker-client";

const names: Record<string, string[]> = {
  "gpu.internal": ["10.1.2.3", "fd00::7"],
  "mixed.internal": ["10.1.2.3", "93.184.216.34"],
  "public.example": ["93.184.216.34"],
  "nothing.internal": [],
};

const resolveFromTable: ResolveAll = (hostname, callback) => {
  const addresses = names[hostname];
  if (addresses === undefined) {
    callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: "ENOTFOUND" }), []);
    return;
  }
  callback(
    null,
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
  );
};

const defaults = ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];
const networks = createAllowedNetworks(defaults, resolveFromTable);

describe("createAllowedNetworks", () => {
  it.each([
    "http://127.0.0.1:41001",
    "http://[::1]:41001",
    "http://172.31.255.255",
    "https://gpu.internal",
    // The URL parser has turned these into 127.0.0.1 by then.
    "http://127.1",
    "http://0x7f000001",
    "http://[::ffff:10.0.0.1]:80",
  ])("takes %s", async (url) => {
    await expect(networks.check(url)).resolves.toBeUndefined();
  });

  it.each([
    "http://8.8.8.8",
    "http://169.254.169.254/latest",
    "http://0.0.0.0:80",
    "http://172.32.0.1",
    "http://[::ffff:8.8.8.8]:80",
    "http://[fe80::1]:80",
    "http://[::]:80",
    "http://public.example",
    // One address outside is enough: which one is dialled would be left to chance.
    "http://mixed.internal",
    "http://nothing.internal",
    "http://unknown.internal",
  ])("refuses %s", async (url) => {
    await expect(networks.check(url)).rejects.toMatchObject({ code: "worker_address_refused" });
  });

  it.each(["10.0.0.0/33", "10.0.0/8", "::1/129", "10.0.0.0/", "10.0.0.0/8/8", "host"])(
    "does not start with %s in the list",
    (network) => {
      expect(() => createAllowedNetworks([network])).toThrow(/ARENA_WORKER_NETWORKS/);
    },
  );

  it("takes a single address", () => {
    const single = createAllowedNetworks(["10.0.0.7", "fd00::7"]);
    expect(["10.0.0.7", "10.0.0.8", "fd00::7", "fd00::8"].map(single.allows)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});

describe("a name that answers differently the second time", () => {
  it("is not dialled where it has moved to", async () => {
    let connections = 0;
    const outside = createServer(() => {
      connections += 1;
    });
    await new Promise<void>((resolve) => outside.listen(0, "127.0.0.2", resolve));
    const { port } = outside.address() as { port: number };
    const answers = ["127.0.0.1", "127.0.0.2"];
    const rebinding = createAllowedNetworks(["127.0.0.1/32"], (_hostname, callback) => {
      callback(null, [{ address: answers.shift() ?? "127.0.0.2", family: 4 }]);
    });
    const client = createHttpWorkerClient({
      networks: rebinding,
      secretOf: () => "secret",
      upstreamTimeoutMs: 1_000,
      wholeAnswerTimeoutMs: 1_000,
    });
    const url = `http://worker.internal:${port}`;
    await rebinding.check(url);
    const sent = client.send({
      worker: { id: "a", url },
      path: "/v1/chat/completions",
      body: "{}",
      requestId: "1",
      isWhole: false,
      signal: new AbortController().signal,
      onSettled: () => undefined,
    });
    await expect(sent).rejects.toMatchObject({
      kind: "unreachable",
      cause: { code: "worker_address_refused" },
    });
    expect(connections).toBe(0);
    await client.close();
    await new Promise((resolve) => outside.close(resolve));
  });

  it("nor is a literal address that the networks do not hold any more", async () => {
    const client = createHttpWorkerClient({
      networks: createAllowedNetworks(["10.0.0.0/8"]),
      secretOf: () => "secret",
      upstreamTimeoutMs: 1_000,
      wholeAnswerTimeoutMs: 1_000,
    });
    expect(await client.probe({ id: "a", url: "http://127.0.0.1:9" })).toBe(false);
    const sent = client.send({
      worker: { id: "a", url: "http://127.0.0.1:9" },
      path: "/",
      body: "{}",
      requestId: "1",
      isWhole: false,
      signal: new AbortController().signal,
      onSettled: () => undefined,
    });
    await expect(sent).rejects.toMatchObject({ cause: { code: "worker_address_refused" } });
    await client.close();
  });
});
