export function compiledHash(root: string): Promise<string>;
