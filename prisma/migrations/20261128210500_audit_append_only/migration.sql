-- What was done stays written, whoever asks: as with exclusions, and by the same function.
CREATE TRIGGER "audit_log_append_only" BEFORE UPDATE OR DELETE ON "audit_log"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
