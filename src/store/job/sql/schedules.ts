import { nextCronTime, parseCron } from '../cron.ts';
import type { SqlDatabase } from '../../sql/database.ts';
import { insert } from './records.ts';

/** The furthest time that is kept as the next one of a schedule that never comes again. */
const never = 2 ** 53 - 1;

/** The rows of schedules. */
export class ScheduleRecords {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /**
   * Sets the schedule of a queue. The time of the next job stays when the expression does, so that a start of the program
   * neither skips nor repeats one.
   *
   * @throws StoreError STORE_SETTING_INVALID for an expression that cannot be read
   */
  async set(queue: string, cron: string, data: string, now: number): Promise<void> {
    const next = nextCronTime(parseCron(cron), now) ?? never;
    await this.#database.run(
      `INSERT INTO job_schedule (queue, cron, data, next_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (queue) DO UPDATE SET
         next_at = CASE WHEN job_schedule.cron = excluded.cron THEN job_schedule.next_at ELSE excluded.next_at END,
         cron = excluded.cron,
         data = excluded.data`,
      queue,
      cron,
      data,
      next,
    );
  }

  async remove(queue: string): Promise<void> {
    await this.#database.run('DELETE FROM job_schedule WHERE queue = ?', queue);
  }

  /** Adds a job for each schedule that is due, and gives the queues of these. Only one process does so for each time. */
  async fire(now: number): Promise<readonly string[]> {
    const due = await this.#database.all<{ queue: string }>(
      'SELECT queue FROM job_schedule WHERE next_at <= ? ORDER BY queue',
      now,
    );
    const fired: string[] = [];
    for (const { queue } of due) if (await this.#fireOne(queue, now)) fired.push(queue);
    return fired;
  }

  #fireOne(queue: string, now: number): Promise<boolean> {
    return this.#database.transaction(async (queries) => {
      const row = await queries.get<{ cron: string; data: string }>(
        'SELECT cron, data FROM job_schedule WHERE queue = ? AND next_at <= ?',
        queue,
        now,
      );
      if (row === undefined) return false;
      await insert(queries, { queue, key: '', data: row.data, runAt: now });
      const next = nextCronTime(parseCron(row.cron), now) ?? never;
      await queries.run('UPDATE job_schedule SET next_at = ? WHERE queue = ?', next, queue);
      return true;
    });
  }
}
