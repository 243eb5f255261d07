-- Nothing reads the records by their caller (its sums are in "usage_days"), and each answer paid for the entry.
-- DropIndex
DROP INDEX "usage_records_caller_at_idx";
