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
  licence,
  texts,
  files,
}: Manifest): string {
  const table = files
    .map(({ name, bytes, sha256 }) => `| \`${name}\` | ${bytes} | \`${sha256}\` |`)
    .join("\n");
  return `# Votes of a chat arena: release ${release}

Licence: ${licence ?? "not stated"}. Made on ${createdAt}. ${votes} votes in ${rows - withheld} rows, on ${boards.length} boards: ${boards.join(", ") || "none"}.${
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

## Texts

${textsSection(texts)}
## What is not in it

Text without its visitor's consent, images, comments on votes. No address, cookie or account. Pseudonyms are an HMAC under a key of
this release alone, and stand at votes only. Rows of two releases can still be matched by their content and place in the log, which
an append-only log cannot prevent; what a pseudonym hides is who the voter is.

## To check it

    npm run votes -- reproduce FOLDER

checks the hashes above, follows the chain from its first vote to entry ${chain.seq}, \`${chain.hash}\`,
counts the votes that are not excluded, fits every board again, and compares all numbers of \`ratings.json\` to the last digit.
Whoever kept this line can later hold the site's log against it:

    npm run votes -- verify --head ${chain.seq}:${chain.hash}
`;
}

function textsSection(texts: Manifest["texts"]): string {
  if (texts === undefined) return "This release holds no texts.\n";
  return `\`texts.jsonl\` and \`texts.parquet\` hold the prompts and both answers of ${texts.battles} battles: those whose visitors have chosen, after their
vote, to publish the text with the vote data. \`seq\` is the place of its vote in the vote log, so a row of texts belongs to the row of votes with the
same \`seq\`. \`turns\` is a list of \`{prompt, images, a, b}\`; an answer is \`{text, isTruncated, isStopped}\`; of images only their number is told.

Before it is written a text goes through a screen for personal data (version ${texts.screenVersion}): mail addresses, telephone numbers, payment cards,
accounts, Chinese and US identity numbers, passports, QQ and WeChat accounts, internet addresses, keys and passwords, in English and Chinese. A battle in which it finds something is left out
(${texts.leftOut} here), unless its visitor chose to have such parts hidden; these are replaced by marks such as \`[email]\` (${texts.hiddenFinds} parts here, counted in
\`hiddenFinds\`). A screen finds shapes, not meaning: names and places may remain. A visitor may withdraw; then the text is in no later release.
Whoever uses this one should use the newest.
`;
}
