import type { Migration } from '../../sql/migrate.ts';

/** The tables of jobs, counted by `job_schema_steps`. A job that was done is removed. */
export const jobTables: readonly Migration[] = [
  {
    statements: ({ id, text, integer }) => [
      `CREATE TABLE job_queue (
         name ${text} PRIMARY KEY,
         retries ${integer} NOT NULL,
         retry_delay ${integer} NOT NULL,
         expires_after ${integer} NOT NULL
       )`,
      // The key of a job that its schedule added is empty. A claim is the random name under which a worker took a job.
      `CREATE TABLE job (
         id ${id},
         queue ${text} NOT NULL,
         key ${text},
         data ${text} NOT NULL,
         state ${text} NOT NULL CHECK (state IN ('waiting', 'running', 'failed')),
         run_at ${integer} NOT NULL,
         attempts ${integer} NOT NULL,
         claim ${text},
         expires_at ${integer},
         failed_at ${integer},
         error ${text}
       )`,
      `CREATE UNIQUE INDEX job_by_key ON job (queue, key) WHERE key IS NOT NULL AND state <> 'failed'`,
      `CREATE INDEX job_waiting ON job (queue, run_at, id) WHERE state = 'waiting'`,
      `CREATE INDEX job_running ON job (expires_at) WHERE state = 'running'`,
      `CREATE INDEX job_failed ON job (failed_at) WHERE state = 'failed'`,
      `CREATE INDEX job_by_state ON job (queue, state)`,
      `CREATE TABLE job_schedule (
         queue ${text} PRIMARY KEY,
         cron ${text} NOT NULL,
         data ${text} NOT NULL,
         next_at ${integer} NOT NULL
       )`,
    ],
  },
];
