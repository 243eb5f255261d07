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

/** The alternatives to this message, itself included; one entry where there is no other. */
export function siblingsOf<T extends TreeNode>(messages: readonly T[], message: TreeNode): T[] {
  return messages.filter((candidate) => candidate.parentId === message.parentId);
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

/** Where a message stands among its alternatives: ‹ 2/3 ›. `index` counts from 0. */
export function placeOf<T extends TreeNode>(messages: readonly T[], message: TreeNode): BranchPlace {
  const siblings = siblingsOf(messages, message);
  const index = siblings.findIndex(({ id }) => id === message.id);
  return {
    index,
    count: siblings.length,
    previousId: siblings[index - 1]?.id ?? null,
    nextId: index === -1 ? null : (siblings[index + 1]?.id ?? null),
  };
}
