import { describe, expect, it } from "vitest";
import { createSecrets } from "./secrets";

const secrets = createSecrets("arena-secret-arena-secret-arena-");

describe("createSecrets", () => {
  it("derives the same secret on every server, another for each worker and each ARENA_SECRET", () => {
    // printf 'worker:w1' | openssl dgst -sha256 -hmac arena-secret-arena-secret-arena- -binary | basenc --base64url
    expect(secrets.secretOf("w1")).toBe("07PONtfOmf2MQjwUnDVBANf15wPyp9MkMfFGvd1lr8g");
    expect(secrets.secretOf("w2")).not.toBe(secrets.secretOf("w1"));
    expect(createSecrets("another").secretOf("w1")).not.toBe(secrets.secretOf("w1"));
  });

  it("knows a worker's secret from everything else", () => {
    const secret = secrets.secretOf("w1");
    expect(secrets.isSecretOf("w1", secret)).toBe(true);
    for (const other of ["", `${secret}=`, secret.slice(1), secret.toLowerCase(), secrets.secretOf("w2")]) {
      expect(secrets.isSecretOf("w1", other)).toBe(false);
    }
  });
});
