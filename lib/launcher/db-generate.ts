import { generateClient } from "./generate-client";

// The command behind `npm run db:generate`.

const isNew = await generateClient();
process.stdout.write(isNew ? "Generated the Prisma client.\n" : "The Prisma client is up to date.\n");
