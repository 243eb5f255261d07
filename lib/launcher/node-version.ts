/** As in package.json's "engines". */
const oldest = { major: 20, minor: 19 };

/** One sentence when this Node is too old, else null. */
export function complainAboutNode(version: string): string | null {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const isNewEnough = major > oldest.major || (major === oldest.major && minor >= oldest.minor);
  if (isNewEnough) return null;
  return `Chat Arena needs Node ${oldest.major}.${oldest.minor} or newer, and this is Node ${version.replace(/^v/, "")}.`;
}
