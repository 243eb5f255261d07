import { describe, expect, it } from "vitest";
import { networkOf } from "./network-hash";

describe("an address's network", () => {
  it.each([
    ["203.0.113.77", "203.0.113.0/24"],
    ["::ffff:203.0.113.77", "203.0.113.0/24"],
    ["2001:db8:1:2ff::1", "2001:db8:1:200/56"],
    ["2001:db8:1:201:9:9:9:9", "2001:db8:1:200/56"],
    ["2001:db8::", "2001:db8:0:0/56"],
    ["fe80::1%eth0", "fe80:0:0:0/56"],
    ["10.1.2.3", "10.1.2.0/24"],
  ])("of %s is %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it.each(["127.0.0.1", "::1", "::ffff:127.0.0.1", "", "example.org", "1.2.3"])(
    "of %j is none",
    (address) => {
      expect(networkOf(address)).toBeNull();
    },
  );
});
