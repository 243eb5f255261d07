import { describe, expect, it } from "vitest";
import { createSharedJoinToken } from "./shared-join-token";

describe("createSharedJoinToken", () => {
  const tokens = createSharedJoinToken("the join token of this site");

  it("accepts the token for any models", async () => {
    const grant = await tokens.verify("the join token of this site", ["x", "y"]);
    expect(grant).toEqual({ tokenId: null, pool: null });
  });

  it.each(["", "the join token of this sitE", "the join token of this site "])("refuses %j", async (text) => {
    await expect(tokens.verify(text, [])).rejects.toMatchObject({ code: "invalid_join_token" });
  });

  it("lets nobody in where the site has none", async () => {
    const none = createSharedJoinToken(undefined);
    for (const token of ["", "undefined", "off"]) {
      await expect(none.verify(token, [])).rejects.toMatchObject({ code: "invalid_join_token" });
    }
  });
});
