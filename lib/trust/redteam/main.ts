import { parseArgs } from "node:util";
import { z } from "zod";
import { honestOnly, redTeam } from "./red-team";

// The command behind `npm run redteam -- [--seed 1] [--only "slow drip"]`: attacks in simulation, through the site's rules.

const { values } = parseArgs({ options: { seed: { type: "string" }, only: { type: "string" } } });
const seed = z.coerce.number().int().min(0).default(1).parse(values.seed);

const signed = (points: number) => `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(1)}`;
const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
const line = (...cells: string[]) => process.stdout.write(`| ${cells.join(" | ")} |\n`);

process.stdout.write(
  `Seed ${seed}. Points: what the attack moved its target by, against the same honest votes without it.\n\n`,
);
line(
  "attack",
  "without defences",
  "with",
  "votes stored",
  "of them counted",
  "cookies in quarantine",
  "honest voters flagged",
  "honest votes lost",
);
line(...Array.from({ length: 8 }, () => "---"));
for (const { name, moved, votes, cookies, falsePositives, isCampaignSeen } of redTeam({
  seed,
  only: values.only,
})) {
  line(
    ...[isCampaignSeen ? `${name} (seen as a campaign)` : name, signed(moved.without), signed(moved.with)],
    ...[String(votes.stored), String(votes.counted), `${cookies.quarantined} of ${cookies.all}`],
    ...[percent(falsePositives.voters), percent(falsePositives.votes)],
  );
}
if (values.only === undefined) {
  process.stdout.write("\nHonest voters alone, of all kinds:\n\n");
  line("seed", "voters", "flagged", "votes", "lost");
  line("---", "---", "---", "---", "---");
  for (const one of [seed, seed + 1, seed + 2]) {
    const { voters, quarantined, votes, excluded } = honestOnly(one);
    line(String(one), String(voters), String(quarantined), String(votes), String(excluded));
  }
}
