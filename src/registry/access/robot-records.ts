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

/** Writes down that an account was changed, in the transaction that changes it. */
export type RobotJournal = (queries: SqlQueries, name: string) => Promise<void>;

/** Robot accounts in the registry's database. */
export class DatabaseRobots implements RobotRecords {
  readonly #database: SqlDatabase;
  readonly #journal: RobotJournal;

  constructor(database: SqlDatabase, journal: RobotJournal = () => Promise.resolve()) {
    this.#database = database;
    this.#journal = journal;
  }

  async find(name: string): Promise<RobotRecord | undefined> {
    const row = await reachable(() => findRobot(this.#database, name));
    return row === undefined ? undefined : recordOf(row);
  }

  async list(after: string | undefined, limit: number): Promise<readonly RobotRecord[]> {
    return (await reachable(() => listRobots(this.#database, after ?? '', limit))).map(recordOf);
  }

  add(record: RobotRecord): Promise<boolean> {
    return this.#change(record.name, (queries) => insertRobot(queries, rowOf(record)));
  }

  replace(record: RobotRecord): Promise<boolean> {
    return this.#change(record.name, (queries) => replaceRobot(queries, rowOf(record)));
  }

  remove(name: string): Promise<boolean> {
    return this.#change(name, (queries) => deleteRobot(queries, name));
  }

  #change(name: string, work: (queries: SqlQueries) => Promise<boolean>): Promise<boolean> {
    const change = async (queries: SqlQueries): Promise<boolean> => {
      const isChanged = await work(queries);
      if (isChanged) await this.#journal(queries, name);
      return isChanged;
    };
    return reachable(() => this.#database.transaction(change));
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
