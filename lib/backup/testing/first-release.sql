-- What a site of the first release held after a dozen votes: rows as its code wrote them, at its first migration.
INSERT INTO models (id, name, display_name, tags, elo)
SELECT format('00000000-0000-7000-8000-0000000000%s', 10 + i)::uuid, name, initcap(name), ARRAY['demo'], 1000 + i * 0.1
FROM (VALUES (1, 'alpha'), (2, 'beta'), (3, 'gamma')) AS m (i, name);
INSERT INTO visitors (id, vote_count, created_at)
SELECT format('00000000-0000-7000-8000-0000000000%s', 20 + i)::uuid, 2, '2026-01-01T00:00:00Z' FROM generate_series(1, 6) i;
INSERT INTO battles (id, visitor_id, idempotency_key, model_a_id, model_b_id, policy_id, propensity, created_at)
SELECT format('00000000-0000-7000-8000-0000000001%s', lpad(i::text, 2, '0'))::uuid,
       format('00000000-0000-7000-8000-0000000000%s', 21 + i % 6)::uuid,
       format('00000000-0000-4000-8000-0000000001%s', lpad(i::text, 2, '0'))::uuid,
       format('00000000-0000-7000-8000-0000000000%s', 11 + i % 3)::uuid,
       format('00000000-0000-7000-8000-0000000000%s', 11 + (i + 1) % 3)::uuid,
       'uniform', 1.0 / 3, '2026-01-01T00:00:00Z'::timestamptz + i * interval '1 minute'
FROM generate_series(0, 11) i;
INSERT INTO turns (id, battle_id, idempotency_key, ordinal, prompt)
SELECT format('00000000-0000-7000-8000-0000000002%s', right(id::text, 2))::uuid, id, idempotency_key, 0,
       E'Why is the sky blue?\nTell me in 中文 — "quoted", \\backslashed, 👩‍👩‍👧' FROM battles;
INSERT INTO responses (id, turn_id, side, status, text, finish_reason, completion_tokens, first_token_ms, total_ms, lease_until, finished_at)
SELECT format('00000000-0000-7000-8000-00000000%s%s', CASE side WHEN 'a' THEN '03' ELSE '04' END, right(id::text, 2))::uuid,
       id, side::side, 'finished', format('Answer %s of %s', side, right(id::text, 2)), 'stop', 7, 0.1 + 0.2, 12.5,
       '2026-01-01T00:00:30Z', '2026-01-01T00:00:10Z'
FROM turns, (VALUES ('a'), ('b')) AS sides (side);
INSERT INTO votes (id, battle_id, visitor_id, idempotency_key, outcome, turn_count, elo_a_before, elo_a_after, elo_b_before, elo_b_after, created_at)
SELECT format('00000000-0000-7000-8000-0000000005%s', right(id::text, 2))::uuid, id, visitor_id, idempotency_key,
       (ARRAY['a', 'b', 'tie', 'both_bad'])[1 + right(id::text, 2)::int % 4]::outcome, 1, 1000, 1000, 1000, 1000,
       created_at + interval '30 seconds' FROM battles;
INSERT INTO pair_counts (board, category, low_id, high_id, win_low, win_high, tie, both_bad)
SELECT 'blind', 'overall', least(model_a_id, model_b_id), greatest(model_a_id, model_b_id),
       count(*) FILTER (WHERE (outcome = 'a' AND model_a_id < model_b_id) OR (outcome = 'b' AND model_a_id > model_b_id)),
       count(*) FILTER (WHERE (outcome = 'b' AND model_a_id < model_b_id) OR (outcome = 'a' AND model_a_id > model_b_id)),
       count(*) FILTER (WHERE outcome = 'tie'), count(*) FILTER (WHERE outcome = 'both_bad')
FROM votes JOIN battles ON battles.id = votes.battle_id GROUP BY 3, 4;
INSERT INTO board_totals (board, votes, voters) VALUES ('blind', 12, 6);
