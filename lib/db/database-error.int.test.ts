import { expect, it } from "vitest";
import { closeDatabase, createDatabase } from "./database";
import { databaseError } from "./database-error";
import { createTestDatabase } from "./testing";

const nowhere = "postgresql://arena:wrong@127.0.0.1:1/none";

async function failureOf(act: () => Promise<unknown>): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return databaseError(error);
  }
  throw new Error("It did not fail.");
}

it("a database out of reach is told as such, by raw queries as by others", async () => {
  const db = createDatabase(nowhere);
  for (const query of [
    () => db.$queryRaw`SELECT 1`,
    () => db.$executeRaw`SELECT 1`,
    () => db.model.findMany(),
  ]) {
    expect(await failureOf(query)).toMatchObject({ code: "database_unavailable" });
  }
  await closeDatabase(db);
});

it("so is a connection that is ended under a query, and a wrong query is not", async () => {
  const { db, drop } = await createTestDatabase();
  expect(await failureOf(() => db.$queryRaw`SELECT pg_terminate_backend(pg_backend_pid())`)).toMatchObject({
    code: "database_unavailable",
  });
  expect(await failureOf(() => db.$queryRaw`SELECT 1 / 0`)).not.toMatchObject({
    code: "database_unavailable",
  });
  await drop();
});

it("so is what the database could not do for the moment, by raw queries as by others, and another error of a trigger is not", async () => {
  const { db, drop } = await createTestDatabase();
  const refuseWith = async (code: string) => {
    await db.$executeRawUnsafe(`
      CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '${code}'; END $$`);
    await db.$executeRaw`CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON visitors FOR EACH ROW EXECUTE FUNCTION refuse()`;
  };
  const id = "019a0000-0000-7000-8000-00000000d15c";
  const writes = [
    () => db.visitor.create({ data: { id } }),
    () => db.$executeRaw`INSERT INTO visitors (id) VALUES (${id}::uuid)`,
  ];
  // A full disk; a deadlock; a transaction that does not fit with another; a lock that cannot be had.
  for (const code of ["53100", "40P01", "40001", "55P03"]) {
    await refuseWith(code);
    for (const write of writes)
      expect(await failureOf(write)).toMatchObject({ code: "database_unavailable" });
  }
  await refuseWith("P0001");
  for (const write of writes)
    expect(await failureOf(write)).not.toMatchObject({ code: "database_unavailable" });
  await drop();
});
