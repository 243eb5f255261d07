-- AlterTable
ALTER TABLE "models" ADD COLUMN     "max_concurrent" INTEGER,
ADD COLUMN     "priority" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "workers" ADD COLUMN     "pool" TEXT NOT NULL DEFAULT 'default';

-- 0 holds a model's requests in line without refusing them.
ALTER TABLE "models" ADD CONSTRAINT "models_max_concurrent_check" CHECK ("max_concurrent" >= 0);

-- Every server learns of a change when it commits, whoever made it. Heartbeats are no change: servers read them at intervals.
CREATE FUNCTION "notify_worker_changed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('arena_registry', 'worker:' || NEW."id");
  RETURN NULL;
END
$$;

CREATE TRIGGER "workers_notify_insert" AFTER INSERT ON "workers"
  FOR EACH ROW EXECUTE FUNCTION "notify_worker_changed"();

CREATE TRIGGER "workers_notify_update" AFTER UPDATE ON "workers"
  FOR EACH ROW
  WHEN (
    OLD."registered_at" IS DISTINCT FROM NEW."registered_at"
    OR OLD."left_at" IS DISTINCT FROM NEW."left_at"
    OR OLD."pool" IS DISTINCT FROM NEW."pool"
  )
  EXECUTE FUNCTION "notify_worker_changed"();

CREATE FUNCTION "notify_models_changed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('arena_registry', 'models');
  RETURN NULL;
END
$$;

CREATE TRIGGER "models_notify_update" AFTER UPDATE OF "stage", "max_concurrent", "priority" ON "models"
  FOR EACH ROW
  WHEN (
    OLD."stage" IS DISTINCT FROM NEW."stage"
    OR OLD."max_concurrent" IS DISTINCT FROM NEW."max_concurrent"
    OR OLD."priority" IS DISTINCT FROM NEW."priority"
  )
  EXECUTE FUNCTION "notify_models_changed"();

CREATE TRIGGER "models_notify_insert" AFTER INSERT ON "models"
  FOR EACH ROW
  WHEN (NEW."stage" <> 'public' OR NEW."max_concurrent" IS NOT NULL OR NEW."priority" <> 0)
  EXECUTE FUNCTION "notify_models_changed"();
