import type { Manifest } from "./release";

/** README.md of a release: what is in it, how it came about, and how to check it. `manifest.files` are those written so far. */
export function datasetCard({
  release,
  createdAt,
  rows,
  withheld,
  votes,
  excluded,
  chain,
  boards,
  files,
}: Manifest): string {
  const table = files
    .map(({ name, bytes, sha256 }) => `| \`${name}\` | ${bytes} | \`${sha256}\` |`)
    .join("\n");
  return `# Votes of a chat arena: release ${release}

Made on ${createdAt}. ${votes} votes in ${rows - withheld} rows, on ${boards.length} boards: ${boards.join(", ") || "none"}.${
    excluded === 0
      ? ""
      : ` ${excluded} of them are excluded: they are listed with their reasons and counted nowhere.`
  }${withheld === 0 ? "" : ` ${withheld} rows of other boards are withheld; votes.jsonl has their hashes.`}

| file | bytes | SHA-256 |
| --- | --- | --- |
${table}

## A row

| field | meaning |
| --- | --- |
| \`seq\` | place in the site's vote log, from 1 |
| \`board\` | where the vote counts. \`blind\`: cast on this site by visitors who did not know the models; \`imported:NAME\`: another site's; \`judge\`: a program's. Boards are never mixed. |
| \`source\`, \`externalId\` | the data set of an imported vote, and the vote's name there; null for the site's own |
| \`modelA\`, \`modelB\` | the models, by the side on which they stood |
| \`outcome\` | \`a\`, \`b\`, \`tie\` (both good), \`both_bad\` |
| \`count\` | equal votes that the row stands for: more than 1 where only pair counts are known |
| \`voterKind\` | \`human\` or \`judge\` |
| \`voter\` | pseudonym, the same for all votes of a voter in this release and in no other; null where not known |
| \`castAt\`, \`turnCount\` | when the vote was cast (UTC), and after how many turns |
| \`policy\`, \`propensity\` | which policy drew the pair, and the probability with which it drew it in this order of sides |
| \`excluded\` | why the vote does not count on its board, such as \`too_fast\`; empty: it counts |
| \`voterCommitment\` | salted hash of the voter, different for every vote |
| \`recordHash\`, \`hash\` | SHA-256 of the vote's canonical JSON, and of the hash before it with that: the chain |

\`ratings.json\` holds each board's fit: scores, 95 % intervals, rank spreads, and the lower triangle of the covariance, with its
parameters and the hash of its counts.

## What is not in it

No text of any battle: no prompt and no answer. The site has no record of visitors' consent to publish text, so none is
ever exported. No address, cookie or account. Pseudonyms are an HMAC under a key of this release alone. Rows of two releases can still be
matched by their content and place in the log, which an append-only log cannot prevent; what a pseudonym hides is who the voter is.

## To check it

    npm run votes -- reproduce FOLDER

checks the hashes above, follows the chain from its first vote to entry ${chain.seq}, \`${chain.hash}\`,
counts the votes that are not excluded, fits every board again, and compares all numbers of \`ratings.json\` to the last digit.
Whoever kept this line can later hold the site's log against it:

    npm run votes -- verify --head ${chain.seq}:${chain.hash}
`;
}
