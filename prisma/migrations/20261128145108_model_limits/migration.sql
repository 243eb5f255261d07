-- AlterTable
ALTER TABLE "models" ADD COLUMN     "tokens_per_minute" INTEGER;

-- CreateTable
CREATE TABLE "model_shares" (
    "model" TEXT NOT NULL,
    "server_id" UUID NOT NULL,
    "demand" INTEGER NOT NULL,
    "places" INTEGER NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "model_shares_pkey" PRIMARY KEY ("model","server_id")
);

-- The servers hear of a changed limit of tokens as they hear of the other settings.
DROP TRIGGER "models_notify_update" ON "models";
CREATE TRIGGER "models_notify_update" AFTER UPDATE OF "stage", "max_concurrent", "tokens_per_minute", "priority" ON "models"
  FOR EACH ROW
  WHEN (
    OLD."stage" IS DISTINCT FROM NEW."stage"
    OR OLD."max_concurrent" IS DISTINCT FROM NEW."max_concurrent"
    OR OLD."tokens_per_minute" IS DISTINCT FROM NEW."tokens_per_minute"
    OR OLD."priority" IS DISTINCT FROM NEW."priority"
  )
  EXECUTE FUNCTION "notify_models_changed"();

DROP TRIGGER "models_notify_insert" ON "models";
CREATE TRIGGER "models_notify_insert" AFTER INSERT ON "models"
  FOR EACH ROW
  WHEN (
    NEW."stage" <> 'public' OR NEW."max_concurrent" IS NOT NULL OR NEW."tokens_per_minute" IS NOT NULL
    OR NEW."priority" <> 0
  )
  EXECUTE FUNCTION "notify_models_changed"();
