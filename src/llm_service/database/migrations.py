"""The schema of the history database, as numbered forward migrations."""

from __future__ import annotations

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE lane_changes (
        id INTEGER PRIMARY KEY,
        task_id TEXT NOT NULL,
        time TEXT NOT NULL,
        previous_lane TEXT,
        lane TEXT,
        agent TEXT,
        path TEXT NOT NULL
    );
    CREATE INDEX lane_changes_by_task ON lane_changes (task_id, id);
    """,
    # Each name is stored once and calls refer to it by number; a call is found by a 63-bit hash of its id. That takes a
    # third of the bytes of a plain table. The view `invocations` shows the plain form to people.
    """
    CREATE TABLE names (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
    CREATE TABLE calls (
        id INTEGER PRIMARY KEY,
        id_hash INTEGER NOT NULL,
        invocation_id TEXT NOT NULL,
        timestamp_ms INTEGER NOT NULL,
        agent INTEGER, tool INTEGER, model INTEGER, provider INTEGER, task INTEGER, job INTEGER, run INTEGER,
        session INTEGER, project INTEGER,
        prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
        cache_read_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL, cache_write_1h_tokens INTEGER NOT NULL,
        cost_nanos INTEGER,
        cost_source INTEGER NOT NULL,
        latency_ms INTEGER,
        status INTEGER NOT NULL,
        error_message TEXT,
        privacy INTEGER,
        flags INTEGER NOT NULL
    );
    CREATE INDEX calls_by_hash ON calls (id_hash);
    CREATE INDEX calls_by_time ON calls (timestamp_ms);
    CREATE INDEX calls_by_agent ON calls (agent, timestamp_ms);
    CREATE INDEX calls_by_model ON calls (model, timestamp_ms);
    CREATE INDEX calls_by_project ON calls (project, timestamp_ms);
    CREATE INDEX calls_by_task ON calls (task, timestamp_ms) WHERE task IS NOT NULL;
    CREATE INDEX calls_by_session ON calls (session, timestamp_ms) WHERE session IS NOT NULL;
    CREATE INDEX calls_not_well ON calls (status, timestamp_ms) WHERE status != 0;
    CREATE INDEX calls_unpriced ON calls (timestamp_ms) WHERE cost_source = 2;
    CREATE INDEX calls_flagged ON calls (flags) WHERE flags != 0;
    CREATE TABLE rollups (
        span INTEGER NOT NULL, dimension INTEGER NOT NULL, start INTEGER NOT NULL, key INTEGER NOT NULL,
        calls INTEGER NOT NULL, unpriced INTEGER NOT NULL, reported INTEGER NOT NULL,
        errors INTEGER NOT NULL, timeouts INTEGER NOT NULL,
        input INTEGER NOT NULL, output INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL,
        cost_nanos INTEGER NOT NULL, last_ms INTEGER NOT NULL,
        PRIMARY KEY (span, dimension, start, key)
    ) WITHOUT ROWID;
    CREATE TABLE latencies (
        span INTEGER NOT NULL, start INTEGER NOT NULL, model INTEGER NOT NULL, bin INTEGER NOT NULL,
        calls INTEGER NOT NULL,
        PRIMARY KEY (span, start, model, bin)
    ) WITHOUT ROWID;
    CREATE TABLE spending (
        model INTEGER NOT NULL, agent INTEGER NOT NULL, cost_nanos INTEGER NOT NULL,
        PRIMARY KEY (model, agent)
    ) WITHOUT ROWID;
    CREATE TABLE checkpoints (
        path TEXT PRIMARY KEY, device INTEGER NOT NULL, inode INTEGER NOT NULL, offset INTEGER NOT NULL,
        line INTEGER NOT NULL, fingerprint BLOB NOT NULL, reader_state TEXT NOT NULL, refused INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE VIEW invocations AS
    SELECT
        calls.id AS id, calls.invocation_id AS invocation_id,
        strftime('%Y-%m-%dT%H:%M:%fZ', calls.timestamp_ms / 1000.0, 'unixepoch') AS timestamp,
        (SELECT text FROM names WHERE id = calls.agent) AS agent_name,
        (SELECT text FROM names WHERE id = calls.tool) AS tool_name,
        (SELECT text FROM names WHERE id = calls.model) AS model_name,
        (SELECT text FROM names WHERE id = calls.provider) AS provider,
        (SELECT text FROM names WHERE id = calls.task) AS task_id,
        (SELECT text FROM names WHERE id = calls.job) AS job_id,
        (SELECT text FROM names WHERE id = calls.run) AS run_id,
        (SELECT text FROM names WHERE id = calls.session) AS session_id,
        (SELECT text FROM names WHERE id = calls.project) AS project,
        prompt_tokens, completion_tokens, cache_read_tokens, cache_write_tokens,
        prompt_tokens + completion_tokens AS total_tokens,
        cost_nanos / 1e9 AS cost_usd,
        CASE cost_source WHEN 0 THEN 'priced' WHEN 1 THEN 'reported' ELSE 'unknown' END AS cost_source,
        latency_ms,
        CASE status WHEN 0 THEN 'success' WHEN 1 THEN 'error' ELSE 'timeout' END AS status,
        error_message,
        (SELECT text FROM names WHERE id = calls.privacy) AS privacy_level
    FROM calls;
    """,
    # 63-bit hashes of further ids of counted calls: see `calls/store/duplicates.py`.
    """
    CREATE TABLE twins (hash INTEGER PRIMARY KEY);
    """,
    # Each index takes a fortieth of the time of counting a call. One index by time with all columns that calls are
    # filtered by replaces eight: queries read it instead of the calls, and only the hours that contain such calls
    # according to the totals (`calls/store/queries.py`).
    """
    DROP INDEX calls_by_time;
    DROP INDEX calls_by_agent;
    DROP INDEX calls_by_model;
    DROP INDEX calls_by_project;
    DROP INDEX calls_by_task;
    DROP INDEX calls_by_session;
    DROP INDEX calls_not_well;
    DROP INDEX calls_unpriced;
    CREATE INDEX calls_by_time ON calls (timestamp_ms, agent, model, task, project, session, status, cost_source);
    """,
    # Where a file was before it moved: files that share an id each have a history.
    """
    ALTER TABLE lane_changes ADD COLUMN previous_path TEXT;
    """,
    # What the price of a call depends on besides its tokens; `unconfirmed`: as requested, not known to be served so.
    """
    ALTER TABLE calls ADD COLUMN web_searches INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE calls ADD COLUMN service_tier INTEGER;
    ALTER TABLE calls ADD COLUMN inference_geo INTEGER;
    ALTER TABLE calls ADD COLUMN unconfirmed INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE rollups ADD COLUMN unconfirmed INTEGER NOT NULL DEFAULT 0;
    DROP VIEW invocations;
    CREATE VIEW invocations AS
    SELECT
        calls.id AS id, calls.invocation_id AS invocation_id,
        strftime('%Y-%m-%dT%H:%M:%fZ', calls.timestamp_ms / 1000.0, 'unixepoch') AS timestamp,
        (SELECT text FROM names WHERE id = calls.agent) AS agent_name,
        (SELECT text FROM names WHERE id = calls.tool) AS tool_name,
        (SELECT text FROM names WHERE id = calls.model) AS model_name,
        (SELECT text FROM names WHERE id = calls.provider) AS provider,
        (SELECT text FROM names WHERE id = calls.task) AS task_id,
        (SELECT text FROM names WHERE id = calls.job) AS job_id,
        (SELECT text FROM names WHERE id = calls.run) AS run_id,
        (SELECT text FROM names WHERE id = calls.session) AS session_id,
        (SELECT text FROM names WHERE id = calls.project) AS project,
        prompt_tokens, completion_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens,
        prompt_tokens + completion_tokens AS total_tokens,
        web_searches,
        (SELECT text FROM names WHERE id = calls.service_tier) AS service_tier,
        (SELECT text FROM names WHERE id = calls.inference_geo) AS inference_geo,
        unconfirmed,
        cost_nanos / 1e9 AS cost_usd,
        CASE cost_source WHEN 0 THEN 'priced' WHEN 1 THEN 'reported' ELSE 'unknown' END AS cost_source,
        latency_ms,
        CASE status WHEN 0 THEN 'success' WHEN 1 THEN 'error' ELSE 'timeout' END AS status,
        error_message,
        (SELECT text FROM names WHERE id = calls.privacy) AS privacy_level
    FROM calls;
    """,
    # Which calls came with which import: ranges of rows, see `calls/store/imports.py`.
    """
    CREATE TABLE imports (id INTEGER PRIMARY KEY AUTOINCREMENT, time_ms INTEGER NOT NULL, paths TEXT NOT NULL);
    CREATE TABLE imported_rows (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, import INTEGER NOT NULL);
    """,
    # What was said on streams, with how far the files of streams were read, and what people decided about facts: see
    # `knowledge/store.py`.
    """
    CREATE TABLE stream_messages (
        id INTEGER PRIMARY KEY,
        stream_type TEXT NOT NULL,
        message_text TEXT NOT NULL,
        source TEXT NOT NULL,
        severity TEXT,
        job TEXT,
        created_at TEXT NOT NULL,
        data TEXT NOT NULL,
        rests_on TEXT,
        is_recorded INTEGER NOT NULL,
        origin TEXT NOT NULL,
        project TEXT
    );
    CREATE INDEX stream_messages_by_topic ON stream_messages (stream_type, id);
    CREATE INDEX stream_messages_by_time ON stream_messages (created_at);
    CREATE TABLE stream_positions (
        path TEXT PRIMARY KEY, device INTEGER NOT NULL, inode INTEGER NOT NULL, offset INTEGER NOT NULL,
        line INTEGER NOT NULL, fingerprint BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE fact_decisions (digest TEXT PRIMARY KEY, status TEXT NOT NULL, decided_at TEXT NOT NULL) WITHOUT ROWID;
    """,
    # The figures of runs that have ended, as JSON: see `jobs/run_history.py`.
    """
    CREATE TABLE run_figures (
        run TEXT PRIMARY KEY, job TEXT NOT NULL, project TEXT NOT NULL, started_at TEXT NOT NULL, figures TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX run_figures_by_project ON run_figures (project, started_at);
    """,
    # On which tasks a session (2 * its number) or a run (2 * its number + 1) worked: what shows to which task a call
    # belongs that names none, without reading all calls (`calls/store/task_costs.py`).
    """
    CREATE TABLE session_tasks (
        unit INTEGER NOT NULL, task INTEGER NOT NULL,
        calls INTEGER NOT NULL, unpriced INTEGER NOT NULL, cost_nanos INTEGER NOT NULL,
        PRIMARY KEY (unit, task)
    ) WITHOUT ROWID;
    INSERT INTO session_tasks
    SELECT CASE WHEN session IS NOT NULL THEN 2 * session ELSE 2 * run + 1 END AS unit, COALESCE(task, 0),
        COUNT(*), SUM(cost_source = 2), COALESCE(SUM(cost_nanos), 0)
    FROM calls WHERE session IS NOT NULL OR run IS NOT NULL GROUP BY 1, 2;
    CREATE INDEX session_tasks_by_task ON session_tasks (task, unit);
    """,
)
"""Forward only: entry n migrates the schema from version n to n + 1, in one transaction."""
