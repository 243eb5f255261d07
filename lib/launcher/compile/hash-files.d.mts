export function hashFiles(
  root: string,
  sources: readonly string[],
  isIrrelevant: (path: string) => boolean,
): Promise<string>;
