import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { branchTo, newestLeafOf, placesOf, type TreeNode } from ".";

/** Prompt 1 with two answers; the second answer has two follow-ups, the first of them answered. */
const tree: TreeNode[] = [
  { id: "p1", parentId: null },
  { id: "a1", parentId: "p1" },
  { id: "a2", parentId: "p1" },
  { id: "p2", parentId: "a2" },
  { id: "a3", parentId: "p2" },
  { id: "p3", parentId: "a2" },
];
const ids = (nodes: readonly TreeNode[]) => nodes.map(({ id }) => id);

describe("branches of a conversation", () => {
  it("lead from the root to a message", () => {
    expect(ids(branchTo(tree, "a3"))).toEqual(["p1", "a2", "p2", "a3"]);
    expect(ids(branchTo(tree, "a1"))).toEqual(["p1", "a1"]);
    expect(branchTo(tree, null)).toEqual([]);
    expect(branchTo(tree, "elsewhere")).toEqual([]);
  });

  it("count alternatives among siblings only, edited first prompts included", () => {
    expect(placesOf(tree).get("a2")).toEqual({
      index: 1,
      count: 2,
      previousId: "a1",
      nextId: null,
    });
    const edited = [...tree, { id: "p4", parentId: null }];
    expect(placesOf(edited).get("p1")).toEqual({
      index: 0,
      count: 2,
      previousId: null,
      nextId: "p4",
    });
  });

  it("go on with the newest follower", () => {
    expect(newestLeafOf(tree, "p1")).toBe("p3");
    expect(newestLeafOf(tree, "p2")).toBe("a3");
    expect(newestLeafOf(tree, "a1")).toBe("a1");
  });

  it("hold for any tree: a branch is a chain of parents, and its leaf has no child", () => {
    const trees = fc.array(fc.nat(), { minLength: 1, maxLength: 60 }).map((parents) =>
      parents.map((parent, index) => ({
        id: `m${index}`,
        parentId: index === 0 || parent % (index + 1) === index ? null : `m${parent % index}`,
      })),
    );
    fc.assert(
      fc.property(trees, fc.nat(), (messages, pick) => {
        const start = messages[pick % messages.length]?.id ?? "m0";
        const leaf = newestLeafOf(messages, start);
        const branch = branchTo(messages, leaf);
        const places = placesOf(messages);
        expect(messages.some(({ parentId }) => parentId === leaf)).toBe(false);
        expect(ids(branch)).toContain(start);
        expect(branch[0]?.parentId).toBeNull();
        for (const [index, message] of branch.entries()) {
          if (index > 0) expect(message.parentId).toBe(branch[index - 1]?.id);
          const place = places.get(message.id);
          const siblings = messages.filter(({ parentId }) => parentId === message.parentId);
          expect(siblings.length).toBe(place?.count);
          expect(siblings[place?.index ?? -1]?.id).toBe(message.id);
        }
      }),
    );
  });

  it("refuse a circle instead of running for ever", () => {
    const circle = [
      { id: "x", parentId: "y" },
      { id: "y", parentId: "x" },
    ];
    expect(() => branchTo(circle, "x")).toThrow("circle");
    expect(() => newestLeafOf(circle, "x")).toThrow("circle");
  });
});
