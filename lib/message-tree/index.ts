/**
 * A conversation's messages as a tree. An edited prompt or an answer given again is a sibling of the first; a branch is the
 * way from the root to a leaf. Pure; every list is in order of making, so a parent stands before its children.
 */

export type TreeNode = { readonly id: string; readonly parentId: string | null };

/** The way from the root to this message, both ends included; empty for null and for an id that is not in the list. */
export function branchTo<T extends TreeNode>(messages: readonly T[], leafId: string | null): T[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const branch: T[] = [];
  let next = leafId === null ? undefined : byId.get(leafId);
  while (next !== undefined) {
    branch.push(next);
    // A parent stands before its child, so a circle cannot be: each step goes up or ends.
    next = next.parentId === null ? undefined : byId.get(next.parentId);
    if (branch.length > messages.length) throw new Error("The messages form a circle.");
  }
  return branch.reverse();
}

/** From this message always the newest follower, down to a leaf: where a branch goes on when a reader turns to it. */
export function newestLeafOf<T extends TreeNode>(messages: readonly T[], messageId: string): string {
  const newestChild = new Map<string, string>();
  for (const { id, parentId } of messages) if (parentId !== null) newestChild.set(parentId, id);
  let leaf = messageId;
  for (let steps = 0; steps <= messages.length; steps += 1) {
    const child = newestChild.get(leaf);
    if (child === undefined) return leaf;
    leaf = child;
  }
  throw new Error("The messages form a circle.");
}

export type BranchPlace = { index: number; count: number; previousId: string | null; nextId: string | null };

/** Where each message stands among its alternatives: ‹ 2/3 ›. `index` counts from 0. */
export function placesOf<T extends TreeNode>(messages: readonly T[]): Map<string, BranchPlace> {
  const families = new Map<string | null, string[]>();
  for (const { id, parentId } of messages) {
    const family = families.get(parentId);
    if (family === undefined) families.set(parentId, [id]);
    else family.push(id);
  }
  const places = new Map<string, BranchPlace>();
  for (const family of families.values()) {
    for (const [index, id] of family.entries()) {
      const previousId = family[index - 1] ?? null;
      places.set(id, { index, count: family.length, previousId, nextId: family[index + 1] ?? null });
    }
  }
  return places;
}
