import type { SqlQueries } from '../sql/database.ts';

/** The record of a robot account, as JSON, with the number of its changes. */
export interface RobotRow {
  readonly name: string;
  readonly revision: number;
  readonly record: string;
}

/** A robot account. */
export function findRobot(queries: SqlQueries, name: string): Promise<RobotRow | undefined> {
  return queries.get<RobotRow>('SELECT name, revision, record FROM robots WHERE name = ?', name);
}

/** Robot accounts after a name, in the order of their bytes. */
export function listRobots(queries: SqlQueries, after: string, limit: number): Promise<readonly RobotRow[]> {
  const sql = 'SELECT name, revision, record FROM robots WHERE name > ? ORDER BY name LIMIT ?';
  return queries.all<RobotRow>(sql, after, limit);
}

/** Adds a robot account; false when the name is taken. */
export async function insertRobot(queries: SqlQueries, { name, revision, record }: RobotRow): Promise<boolean> {
  const sql = 'INSERT INTO robots (name, revision, record) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING';
  return (await queries.run(sql, name, revision, record)) > 0;
}

/** Replaces the robot account whose revision is one less; false when there is none. */
export async function replaceRobot(queries: SqlQueries, { name, revision, record }: RobotRow): Promise<boolean> {
  const sql = 'UPDATE robots SET revision = ?, record = ? WHERE name = ? AND revision = ?';
  return (await queries.run(sql, revision, record, name, revision - 1)) > 0;
}

/** Removes a robot account; false when there is none. */
export async function deleteRobot(queries: SqlQueries, name: string): Promise<boolean> {
  return (await queries.run('DELETE FROM robots WHERE name = ?', name)) > 0;
}
