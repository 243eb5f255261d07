-- Servers that show a board hear when its counts have changed, whoever changed them. Equal messages of one transaction
-- are delivered once, when it commits.
CREATE FUNCTION "tell_board_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('arena_boards', NEW."board");
    RETURN NULL;
END;
$$;
CREATE TRIGGER "category_totals_changed" AFTER INSERT OR UPDATE ON "category_totals"
    FOR EACH ROW EXECUTE FUNCTION "tell_board_change"();
