-- CreateTable
CREATE TABLE "vote_check_queue" (
    "vote_id" UUID NOT NULL,

    CONSTRAINT "vote_check_queue_pkey" PRIMARY KEY ("vote_id")
);

-- A vote asks for its check in its own transaction, and waits for nobody.
CREATE FUNCTION "queue_votes_for_check"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "vote_check_queue" ("vote_id") SELECT "id" FROM new_votes;
    RETURN NULL;
END;
$$;
CREATE TRIGGER "votes_queue_for_check" AFTER INSERT ON "votes"
    REFERENCING NEW TABLE AS new_votes FOR EACH STATEMENT EXECUTE FUNCTION "queue_votes_for_check"();

-- Votes from before there were rules.
INSERT INTO "vote_check_queue" ("vote_id") SELECT "id" FROM "votes";
