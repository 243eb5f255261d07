-- DropIndex
DROP INDEX "rating_snapshots_board_category_created_at_idx";

-- AlterTable
ALTER TABLE "models" ADD COLUMN     "price_input_micros" INTEGER,
ADD COLUMN     "price_output_micros" INTEGER;

-- AlterTable
ALTER TABLE "rating_snapshots" ADD COLUMN     "scores" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "variant" TEXT NOT NULL DEFAULT 'counts';

-- AlterTable
ALTER TABLE "responses" ADD COLUMN     "style_bold" INTEGER,
ADD COLUMN     "style_headers" INTEGER,
ADD COLUMN     "style_lists" INTEGER,
ADD COLUMN     "style_tokens" INTEGER,
ADD COLUMN     "style_version" INTEGER;

-- CreateTable
CREATE TABLE "vote_categories" (
    "vote_id" UUID NOT NULL,
    "board" TEXT NOT NULL,
    "rules_version" INTEGER NOT NULL,
    "language" TEXT,
    "categories" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "tokens_a" INTEGER NOT NULL,
    "tokens_b" INTEGER NOT NULL,
    "headers_a" INTEGER NOT NULL,
    "headers_b" INTEGER NOT NULL,
    "bold_a" INTEGER NOT NULL,
    "bold_b" INTEGER NOT NULL,
    "lists_a" INTEGER NOT NULL,
    "lists_b" INTEGER NOT NULL,

    CONSTRAINT "vote_categories_pkey" PRIMARY KEY ("vote_id")
);

-- CreateTable
CREATE TABLE "category_totals" (
    "board" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "votes" INTEGER NOT NULL DEFAULT 0,
    "revision" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "category_totals_pkey" PRIMARY KEY ("board","category")
);

-- CreateTable
CREATE TABLE "sampling_policies" (
    "id" SERIAL NOT NULL,
    "options" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sampling_policies_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "vote_categories_rules_version_idx" ON "vote_categories"("rules_version");

-- CreateIndex
CREATE INDEX "rating_snapshots_board_category_variant_created_at_idx" ON "rating_snapshots"("board", "category", "variant", "created_at" DESC);

-- AddForeignKey
ALTER TABLE "vote_categories" ADD CONSTRAINT "vote_categories_vote_id_fkey" FOREIGN KEY ("vote_id") REFERENCES "votes"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A model may meet itself, to see what voters prefer where there is no difference; only then may both sides be one model.
ALTER TABLE "battles"
    DROP CONSTRAINT "battles_two_models_check",
    ADD CONSTRAINT "battles_two_models_check" CHECK ("model_a_id" <> "model_b_id" OR "policy_id" = 'self-1');

-- Such votes are counted apart: win_low for side A, win_high for side B.
ALTER TABLE "pair_counts"
    DROP CONSTRAINT "pair_counts_order_check",
    ADD CONSTRAINT "pair_counts_order_check" CHECK ("low_id" < "high_id" OR ("board" = 'self' AND "low_id" = "high_id"));

ALTER TABLE "models"
    ADD CONSTRAINT "models_price_check" CHECK ("price_input_micros" >= 0 AND "price_output_micros" >= 0);

-- Whoever changes counts, the totals follow, and boards learn that there is something to fit.
CREATE FUNCTION "count_categories"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO "category_totals" AS totals ("board", "category", "votes", "revision")
            SELECT "board", "category", SUM("win_low" + "win_high" + "tie" + "both_bad"), 1
            FROM added GROUP BY 1, 2 ORDER BY 1, 2
            ON CONFLICT ("board", "category") DO UPDATE
                SET "votes" = totals."votes" + excluded."votes", "revision" = totals."revision" + 1;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO "category_totals" AS totals ("board", "category", "votes", "revision")
            SELECT "board", "category", -SUM("win_low" + "win_high" + "tie" + "both_bad"), 1
            FROM removed GROUP BY 1, 2 ORDER BY 1, 2
            ON CONFLICT ("board", "category") DO UPDATE
                SET "votes" = totals."votes" + excluded."votes", "revision" = totals."revision" + 1;
    ELSE
        INSERT INTO "category_totals" AS totals ("board", "category", "votes", "revision")
            SELECT "board", "category", SUM("votes"), 1
            FROM (
                SELECT "board", "category", "win_low" + "win_high" + "tie" + "both_bad" AS "votes" FROM added
                UNION ALL
                SELECT "board", "category", -("win_low" + "win_high" + "tie" + "both_bad") FROM removed
            ) AS changed GROUP BY 1, 2 ORDER BY 1, 2
            ON CONFLICT ("board", "category") DO UPDATE
                SET "votes" = totals."votes" + excluded."votes", "revision" = totals."revision" + 1;
    END IF;
    RETURN NULL;
END;
$$;
CREATE TRIGGER "pair_counts_inserted" AFTER INSERT ON "pair_counts" REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION "count_categories"();
CREATE TRIGGER "pair_counts_updated" AFTER UPDATE ON "pair_counts" REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION "count_categories"();
CREATE TRIGGER "pair_counts_deleted" AFTER DELETE ON "pair_counts" REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION "count_categories"();

-- What is already there.
INSERT INTO "category_totals" ("board", "category", "votes", "revision")
    SELECT "board", "category", SUM("win_low" + "win_high" + "tie" + "both_bad"), 1
    FROM "pair_counts" GROUP BY "board", "category";

UPDATE "rating_snapshots" SET "scores" = (
    SELECT COALESCE(jsonb_object_agg(row ->> 'modelId', jsonb_build_array(
        row -> 'votes', row -> 'rating' -> 'score', row -> 'rating' -> 'lower', row -> 'rating' -> 'upper'
    )), '{}')
    FROM jsonb_array_elements("result" -> 'rows') AS row WHERE row ->> 'modelId' IS NOT NULL
);
