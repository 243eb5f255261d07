-- CreateTable
CREATE TABLE "count_changes" (
    "board" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "revision" BIGINT NOT NULL,
    "low_id" UUID NOT NULL,
    "high_id" UUID NOT NULL,
    "win_low" INTEGER NOT NULL,
    "win_high" INTEGER NOT NULL,
    "tie" INTEGER NOT NULL,
    "both_bad" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "count_changes_pkey" PRIMARY KEY ("board","category","revision","low_id","high_id")
);

-- CreateTable
CREATE TABLE "vote_moves" (
    "board" TEXT NOT NULL,
    "revision" BIGINT NOT NULL,
    "vote_id" UUID NOT NULL,
    "change" SMALLINT NOT NULL,

    CONSTRAINT "vote_moves_pkey" PRIMARY KEY ("board","revision","vote_id")
);

-- CreateTable
CREATE TABLE "board_fits" (
    "board" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "revision" BIGINT NOT NULL,
    "snapshot_id" UUID NOT NULL,
    "fitted_at" TIMESTAMPTZ(3) NOT NULL,
    "format" TEXT NOT NULL,
    "fit" BYTEA NOT NULL,

    CONSTRAINT "board_fits_pkey" PRIMARY KEY ("board","category")
);

-- What schema.prisma cannot say.
ALTER TABLE "vote_moves" ADD CONSTRAINT "vote_moves_change_check" CHECK ("change" IN (-1, 1));

-- Numbers that do not compress, written often, and made again if a crash takes them.
ALTER TABLE "board_fits" SET UNLOGGED;
ALTER TABLE "board_fits" ALTER COLUMN "fit" SET STORAGE EXTERNAL;

-- Whoever changes counts, the totals follow, and what was changed is kept with the revision that it made.
CREATE OR REPLACE FUNCTION "count_categories"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        WITH totalled AS (
            INSERT INTO "category_totals" AS totals ("board", "category", "votes", "revision")
                SELECT "board", "category", SUM("win_low" + "win_high" + "tie" + "both_bad"), 1
                FROM added GROUP BY 1, 2 ORDER BY 1, 2
                ON CONFLICT ("board", "category") DO UPDATE
                    SET "votes" = totals."votes" + excluded."votes", "revision" = totals."revision" + 1
                RETURNING "board", "category", "revision"
        )
        INSERT INTO "count_changes" ("board", "category", "revision", "low_id", "high_id", "win_low", "win_high", "tie", "both_bad")
            SELECT "board", "category", "revision", "low_id", "high_id", "win_low", "win_high", "tie", "both_bad"
            FROM added JOIN totalled USING ("board", "category");
    ELSIF TG_OP = 'DELETE' THEN
        WITH totalled AS (
            INSERT INTO "category_totals" AS totals ("board", "category", "votes", "revision")
                SELECT "board", "category", -SUM("win_low" + "win_high" + "tie" + "both_bad"), 1
                FROM removed GROUP BY 1, 2 ORDER BY 1, 2
                ON CONFLICT ("board", "category") DO UPDATE
                    SET "votes" = totals."votes" + excluded."votes", "revision" = totals."revision" + 1
                RETURNING "board", "category", "revision"
        )
        INSERT INTO "count_changes" ("board", "category", "revision", "low_id", "high_id", "win_low", "win_high", "tie", "both_bad")
            SELECT "board", "category", "revision", "low_id", "high_id", -"win_low", -"win_high", -"tie", -"both_bad"
            FROM removed JOIN totalled USING ("board", "category");
    ELSE
        WITH changed AS (
            SELECT "board", "category", "low_id", "high_id", SUM("win_low")::int AS "win_low", SUM("win_high")::int AS "win_high",
                SUM("tie")::int AS "tie", SUM("both_bad")::int AS "both_bad"
            FROM (
                SELECT "board", "category", "low_id", "high_id", "win_low", "win_high", "tie", "both_bad" FROM added
                UNION ALL
                SELECT "board", "category", "low_id", "high_id", -"win_low", -"win_high", -"tie", -"both_bad" FROM removed
            ) AS both_sides GROUP BY 1, 2, 3, 4
        ), totalled AS (
            INSERT INTO "category_totals" AS totals ("board", "category", "votes", "revision")
                SELECT "board", "category", SUM("win_low" + "win_high" + "tie" + "both_bad"), 1
                FROM changed GROUP BY 1, 2 ORDER BY 1, 2
                ON CONFLICT ("board", "category") DO UPDATE
                    SET "votes" = totals."votes" + excluded."votes", "revision" = totals."revision" + 1
                RETURNING "board", "category", "revision"
        )
        INSERT INTO "count_changes" ("board", "category", "revision", "low_id", "high_id", "win_low", "win_high", "tie", "both_bad")
            SELECT "board", "category", "revision", "low_id", "high_id", "win_low", "win_high", "tie", "both_bad"
            FROM changed JOIN totalled USING ("board", "category")
            WHERE ("win_low", "win_high", "tie", "both_bad") <> (0, 0, 0, 0);
    END IF;
    RETURN NULL;
END;
$$;
