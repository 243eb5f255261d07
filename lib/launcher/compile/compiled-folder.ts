/**
 * The folder of the compiled programs that this one is among; null where the sources run as they are, in tests and during
 * development. The compiler puts another text in place of this file.
 */
export const compiledFolder: string | null = null;
