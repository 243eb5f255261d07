-- CreateEnum
CREATE TYPE "evidence_subject" AS ENUM ('visitor', 'network');

-- CreateTable
CREATE TABLE "exclusion_acts" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "reason" TEXT NOT NULL,
    "rule_version" INTEGER,
    "actor_kind" "audit_actor_kind" NOT NULL,
    "actor_id" TEXT,
    "actor_label" TEXT NOT NULL,
    "note" TEXT NOT NULL DEFAULT '',
    "evidence" JSONB NOT NULL,
    "effect" JSONB NOT NULL,
    "votes" INTEGER NOT NULL,

    CONSTRAINT "exclusion_acts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "vote_exclusions" (
    "act_id" UUID NOT NULL,
    "vote_id" UUID NOT NULL,
    "reason" TEXT NOT NULL,
    "evidence" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "vote_exclusions_pkey" PRIMARY KEY ("act_id","vote_id")
);

-- CreateTable
CREATE TABLE "exclusion_reversals" (
    "act_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor_kind" "audit_actor_kind" NOT NULL,
    "actor_id" TEXT,
    "actor_label" TEXT NOT NULL,
    "note" TEXT NOT NULL DEFAULT '',
    "effect" JSONB NOT NULL,
    "votes" INTEGER NOT NULL,

    CONSTRAINT "exclusion_reversals_pkey" PRIMARY KEY ("act_id")
);

-- CreateTable
CREATE TABLE "vote_origins" (
    "vote_id" UUID NOT NULL,
    "network" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "vote_origins_pkey" PRIMARY KEY ("vote_id")
);

-- CreateTable
CREATE TABLE "vote_checks" (
    "vote_id" UUID NOT NULL,
    "rules_version" INTEGER NOT NULL,
    "prompt_hash" BYTEA,
    "voted_at" TIMESTAMPTZ(3) NOT NULL,
    "checked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "vote_checks_pkey" PRIMARY KEY ("vote_id")
);

-- CreateTable
CREATE TABLE "voter_evidence" (
    "subject" "evidence_subject" NOT NULL,
    "subject_id" TEXT NOT NULL,
    "state" JSONB NOT NULL,
    "votes" INTEGER NOT NULL,
    "log_e" DOUBLE PRECISION NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "quarantined_at" TIMESTAMPTZ(3),

    CONSTRAINT "voter_evidence_pkey" PRIMARY KEY ("subject","subject_id")
);

-- CreateTable
CREATE TABLE "network_keys" (
    "day" DATE NOT NULL,
    "key" BYTEA NOT NULL,

    CONSTRAINT "network_keys_pkey" PRIMARY KEY ("day")
);

-- CreateTable
CREATE TABLE "limit_uses" (
    "key" TEXT NOT NULL,
    "slice_ms" BIGINT NOT NULL,
    "head" BIGINT NOT NULL,
    "slices" BIGINT[],
    "ends_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "limit_uses_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "spent_challenges" (
    "id" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "spent_challenges_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "exclusion_acts_reason_id_idx" ON "exclusion_acts"("reason", "id" DESC);

-- CreateIndex
CREATE INDEX "vote_exclusions_vote_id_idx" ON "vote_exclusions"("vote_id");

-- CreateIndex
CREATE INDEX "vote_origins_created_at_idx" ON "vote_origins"("created_at");

-- CreateIndex
CREATE INDEX "vote_checks_prompt_hash_voted_at_idx" ON "vote_checks"("prompt_hash", "voted_at");

-- CreateIndex
CREATE INDEX "voter_evidence_subject_updated_at_idx" ON "voter_evidence"("subject", "updated_at");

-- CreateIndex
CREATE INDEX "limit_uses_ends_at_idx" ON "limit_uses"("ends_at");

-- CreateIndex
CREATE INDEX "spent_challenges_expires_at_idx" ON "spent_challenges"("expires_at");

-- AddForeignKey
ALTER TABLE "vote_exclusions" ADD CONSTRAINT "vote_exclusions_act_id_fkey" FOREIGN KEY ("act_id") REFERENCES "exclusion_acts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "vote_exclusions" ADD CONSTRAINT "vote_exclusions_vote_id_fkey" FOREIGN KEY ("vote_id") REFERENCES "votes"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "exclusion_reversals" ADD CONSTRAINT "exclusion_reversals_act_id_fkey" FOREIGN KEY ("act_id") REFERENCES "exclusion_acts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "vote_origins" ADD CONSTRAINT "vote_origins_vote_id_fkey" FOREIGN KEY ("vote_id") REFERENCES "votes"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "vote_checks" ADD CONSTRAINT "vote_checks_vote_id_fkey" FOREIGN KEY ("vote_id") REFERENCES "votes"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What schema.prisma cannot say.
ALTER TABLE "exclusion_acts"
    ADD CONSTRAINT "exclusion_acts_votes_check" CHECK ("votes" >= 1),
    ADD CONSTRAINT "exclusion_acts_by_check" CHECK ("rule_version" IS NULL OR "actor_kind" = 'system');

-- The one definition of a vote that does not count.
CREATE VIEW "excluded_votes" AS
    SELECT exclusion."vote_id", array_agg(DISTINCT exclusion."reason" ORDER BY exclusion."reason") AS "reasons"
    FROM "vote_exclusions" AS exclusion
    WHERE NOT EXISTS (SELECT FROM "exclusion_reversals" AS reversal WHERE reversal."act_id" = exclusion."act_id")
    GROUP BY exclusion."vote_id";

-- Decisions are taken back by a row of their own.
CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME;
END;
$$;
CREATE TRIGGER "exclusion_acts_append_only" BEFORE UPDATE OR DELETE ON "exclusion_acts"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "vote_exclusions_append_only" BEFORE UPDATE OR DELETE ON "vote_exclusions"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "exclusion_reversals_append_only" BEFORE UPDATE OR DELETE ON "exclusion_reversals"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change"();

-- Losing what went through lately would cost little, so a crash may; not waiting for the disk makes it cheap.
ALTER TABLE "limit_uses" SET UNLOGGED;

-- A sliding window, exact to a twentieth of it: what went through in the last twenty slices and the running one. Takes all
-- of `items` (an array of {key, window_ms, max, cost}, in the order of their keys, so that two calls cannot wait for each
-- other) or none, by the clock of the database, which all servers share. One row an item: what had gone through before,
-- and how long until it would pass; 0 where it passes. In no stretch of `window_ms` does more than `max` go through.
CREATE FUNCTION "take_limits"(items jsonb, at_ms bigint DEFAULT NULL)
RETURNS TABLE ("key" text, "used" bigint, "wait_ms" bigint) LANGUAGE plpgsql AS $$
DECLARE
    now_ms bigint := COALESCE(at_ms, (extract(epoch FROM clock_timestamp()) * 1000)::bigint);
    item record;
    row_now "limit_uses"%ROWTYPE;
    slice bigint;
    current_slice bigint;
    shift int;
    stored bigint[];
    kept bigint[];
    total bigint;
    wait bigint;
    is_blocked boolean := false;
    freed bigint;
    parts jsonb := '[]';
    empty bigint[] := array_fill(0::bigint, ARRAY[21]);
BEGIN
    FOR item IN
        SELECT found."key", found."window_ms", found."max", found."cost"
        FROM jsonb_to_recordset(items) AS found("key" text, "window_ms" bigint, "max" bigint, "cost" bigint)
        ORDER BY found."key"
    LOOP
        slice := GREATEST(item."window_ms" / 20, 1);
        current_slice := now_ms / slice;
        INSERT INTO "limit_uses" AS uses ("key", "slice_ms", "head", "slices", "ends_at")
            VALUES (item."key", slice, current_slice, empty, to_timestamp((now_ms + 21 * slice) / 1000.0))
            ON CONFLICT ON CONSTRAINT "limit_uses_pkey" DO NOTHING;
        SELECT * INTO row_now FROM "limit_uses" AS uses WHERE uses."key" = item."key" FOR UPDATE;
        stored := row_now."slices";
        IF row_now."slice_ms" <> slice THEN
            -- The window's length was changed: what is known of the old one goes into the newest slice.
            kept := empty;
            SELECT COALESCE(sum(part), 0) INTO total FROM unnest(row_now."slices") AS part;
            kept[1] := total;
        ELSE
            shift := LEAST(GREATEST(current_slice - row_now."head", 0), 21)::int;
            IF shift = 0 THEN kept := row_now."slices";
            ELSIF shift = 21 THEN kept := empty;
            ELSE kept := array_fill(0::bigint, ARRAY[shift]) || stored[1:21 - shift];
            END IF;
            current_slice := GREATEST(current_slice, row_now."head");
        END IF;
        SELECT sum(part) INTO total FROM unnest(kept) AS part;
        wait := 0;
        IF total + item."cost" > item."max" THEN
            is_blocked := true;
            wait := item."window_ms";
            freed := 0;
            FOR place IN REVERSE 21..1 LOOP
                freed := freed + kept[place];
                IF total - freed + item."cost" <= item."max" THEN
                    wait := GREATEST((current_slice - place + 22) * slice - now_ms, 1);
                    EXIT;
                END IF;
            END LOOP;
        END IF;
        kept[1] := kept[1] + item."cost";
        parts := parts || jsonb_build_object('key', item."key", 'slice', slice, 'head', current_slice, 'slices', to_jsonb(kept));
        "key" := item."key"; "used" := total; "wait_ms" := wait;
        RETURN NEXT;
    END LOOP;
    IF NOT is_blocked THEN
        UPDATE "limit_uses" AS uses
        SET "slice_ms" = part."slice", "head" = part."head", "slices" = part."slices",
            "ends_at" = to_timestamp((now_ms + 21 * part."slice") / 1000.0)
        FROM (
            SELECT (one ->> 'key') AS "key", (one ->> 'slice')::bigint AS "slice", (one ->> 'head')::bigint AS "head",
                ARRAY(SELECT value::bigint FROM jsonb_array_elements_text(one -> 'slices')) AS "slices"
            FROM jsonb_array_elements(parts) AS one
        ) AS part
        WHERE uses."key" = part."key";
    END IF;
END;
$$;
