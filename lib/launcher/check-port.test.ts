import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { checkPort } from "./check-port";

it("names the taken port and what to set", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  await expect(checkPort("127.0.0.1", port)).rejects.toThrow(
    `Port ${port} of 127.0.0.1 is taken by another program. Stop it, or set PORT to a free port: PORT=${port + 1} npm start`,
  );
  other.close();
  await once(other, "close");
  expect(await checkPort("127.0.0.1", port)).toBe(port);
});

it("turns 0 into a port that is free", async () => {
  const port = await checkPort("127.0.0.1", 0);
  expect(port).toBeGreaterThan(1023);
  expect(await checkPort("127.0.0.1", port)).toBe(port);
});

it("names an address that is not of this machine", async () => {
  await expect(checkPort("192.0.2.1", 0)).rejects.toThrow(
    "The address 192.0.2.1 cannot be listened on (EADDRNOTAVAIL)",
  );
});
