import { describe, expect, it } from "vitest";
import { type Network, type OwnAddressOptions, ownAddress } from "./own-address";

/** A box at 10.0.0.7 whose other network, a bridge of containers, comes first. */
const box: Network = {
  async addressesOf(name) {
    const known: Record<string, string[]> = {
      localhost: ["::1", "127.0.0.1"],
      "127.0.0.1": ["127.0.0.1"],
      "arena.example": ["2001:db8::5", "10.0.0.5"],
      "fd00::5": ["fd00::5"],
      "10.0.0.7": ["10.0.0.7"],
    };
    const addresses = known[name];
    if (addresses === undefined) throw new Error("ENOTFOUND");
    return addresses;
  },
  async ownEndTo(address) {
    if (address === "10.0.0.5" || address === "10.0.0.7") return "10.0.0.7";
    if (address === "fd00::5") return "fd00::7";
    throw new Error("ENETUNREACH");
  },
  outerAddress: () => "172.17.0.1",
};

const find = (options: Partial<OwnAddressOptions>) =>
  ownAddress({
    ...{ host: undefined, controllers: ["http://arena.example:3000"], isToldByFlag: false, network: box },
    ...options,
  });
const at = (listenHost: string, reachableHost = listenHost) => ({ listenHost, reachableHost });

describe("ownAddress", () => {
  it("stays on the loopback beside a server of this machine", async () => {
    for (const url of ["http://127.0.0.1:3000", "http://localhost:3000"])
      expect(await find({ controllers: [url] })).toEqual(at("127.0.0.1"));
  });

  it("is this machine's address on the way to a server elsewhere, never the loopback", async () => {
    expect(await find({})).toEqual(at("10.0.0.7"));
    expect(await find({ controllers: ["http://127.0.0.1:3000", "http://arena.example"] })).toEqual(
      at("10.0.0.7"),
    );
    expect(await find({ controllers: ["http://away.example", "http://[fd00::5]:3000"] })).toEqual(
      at("fd00::7"),
    );
  });

  it("told to listen everywhere, names the address that leads to the server, not the first of a bridge", async () => {
    expect(await find({ host: "0.0.0.0" })).toEqual(at("0.0.0.0", "10.0.0.7"));
    expect(await find({ host: "0.0.0.0", controllers: ["http://localhost:3000"] })).toEqual(
      at("0.0.0.0", "172.17.0.1"),
    );
  });

  it("takes what the operator says", async () => {
    expect(await find({ host: "10.0.0.99" })).toEqual(at("10.0.0.99"));
    expect(await find({ host: "127.0.0.1", isToldByFlag: true })).toEqual(at("127.0.0.1"));
  });

  it("refuses a loopback address that the server could not reach, and says what to set", async () => {
    for (const host of ["127.0.0.1", "localhost", "::1"])
      await expect(find({ host })).rejects.toMatchObject({
        code: "invalid_request",
        message: expect.stringMatching(/arena\.example:3000 is not on this machine.*ARENA_WORKER_HOST/),
      });
  });

  it("lets a loopback address be where the server is on this machine, under another of its addresses", async () => {
    const controllers = ["http://10.0.0.7:3000"];
    expect(await find({ host: "127.0.0.1", controllers })).toEqual(at("127.0.0.1"));
    await expect(
      find({ host: "127.0.0.1", controllers: [...controllers, "http://arena.example"] }),
    ).rejects.toMatchObject({ message: expect.stringContaining("arena.example is not on this machine") });
  });

  it("says that names cannot be resolved, or that no way leads there", async () => {
    await expect(find({ controllers: ["http://away.example"] })).rejects.toMatchObject({
      code: "upstream_failed",
      message: expect.stringContaining("away.example"),
    });
    const cutOff = { ...box, ownEndTo: () => Promise.reject(new Error("ENETUNREACH")) };
    await expect(find({ network: cutOff })).rejects.toMatchObject({ code: "upstream_failed" });
  });

  it("asks the machine's own routing table", async () => {
    const real = { host: undefined, isToldByFlag: false };
    expect(await ownAddress({ ...real, controllers: ["http://127.0.0.1:1"] })).toEqual(at("127.0.0.1"));
  });
});
