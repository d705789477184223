import { errorMessage } from '../../base/error.ts';
import { StoreError } from '../../store/error.ts';
import {
  deleteRobot,
  findRobot,
  insertRobot,
  listRobots,
  replaceRobot,
  type RobotRow,
} from '../../store/metadata/robots.ts';
import type { SqlDatabase, SqlQueries } from '../../store/sql/database.ts';
import { RegistryAuthError } from '../auth/error.ts';
import type { RobotRecord, RobotRecords } from '../auth/robot/records.ts';

/** Robot accounts in the registry's database. */
export class DatabaseRobots implements RobotRecords {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async find(name: string): Promise<RobotRecord | undefined> {
    const row = await reachable(() => findRobot(this.#database, name));
    return row === undefined ? undefined : recordOf(row);
  }

  async list(after: string | undefined, limit: number): Promise<readonly RobotRecord[]> {
    return (await reachable(() => listRobots(this.#database, after ?? '', limit))).map(recordOf);
  }

  add(record: RobotRecord): Promise<boolean> {
    return this.#change((queries) => insertRobot(queries, rowOf(record)));
  }

  replace(record: RobotRecord): Promise<boolean> {
    return this.#change((queries) => replaceRobot(queries, rowOf(record)));
  }

  remove(name: string): Promise<boolean> {
    return this.#change((queries) => deleteRobot(queries, name));
  }

  #change(work: (queries: SqlQueries) => Promise<boolean>): Promise<boolean> {
    return reachable(() => this.#database.transaction(work));
  }
}

function rowOf(record: RobotRecord): RobotRow {
  return { name: record.name, revision: record.revision, record: JSON.stringify(record) };
}

function recordOf({ record }: RobotRow): RobotRecord {
  return JSON.parse(record) as RobotRecord;
}

async function reachable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof StoreError)) throw cause;
    const message = `Robot accounts cannot be looked up: ${errorMessage(cause)}`;
    throw new RegistryAuthError('AUTH_UNAVAILABLE', message, { cause });
  }
}
