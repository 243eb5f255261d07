import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { putBack, takeOut } from "./composer-text";

const image = (id: string) => ({ id, width: 1, height: 1 });
const draftImage = (id: string) => ({ key: id, name: id, view: image(id) });
const prompt = (text: string, ...ids: string[]) => ({ text, images: ids.map(image) });

describe("a prompt in the composer", () => {
  it("comes back before what was typed since, and goes out without it", () => {
    const typed = { draft: "the next", images: [draftImage("new")] };
    const back = putBack(typed, prompt("the first", "old"));
    expect(back.draft).toBe("the first\n\nthe next");
    expect(back.images.map(({ key }) => key)).toEqual(["old", "new"]);
    const gone = takeOut(back, prompt("the first", "old"));
    expect(gone.draft).toBe("the next");
    expect(gone.images.map(({ key }) => key)).toEqual(["new"]);
  });

  it("is not put there twice", () => {
    const once = putBack({ draft: "", images: [] }, prompt("same", "one"));
    expect(putBack(once, prompt("same", "one"))).toEqual(once);
  });

  it("leaves every other text as it was typed", () => {
    const text = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(text, fc.string(), (sent, typed) => {
        fc.pre(typed !== sent);
        expect(takeOut(putBack({ draft: typed, images: [] }, prompt(sent)), prompt(sent)).draft).toBe(typed);
      }),
    );
    expect(takeOut({ draft: "changed", images: [] }, prompt("the first")).draft).toBe("changed");
  });

  it("keeps an image that is still on its way", () => {
    const coming = { key: "k", name: "n", view: null };
    expect(takeOut({ draft: "", images: [coming] }, prompt("x", "one")).images).toEqual([coming]);
  });
});
