import { pathToFileURL } from 'node:url';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { VulndbError, howToMend } from './error.ts';
import { applicationId, schemaVersion } from './limits.ts';

/**
 * Opens a shard for reading. Its name is its digest, so it never changes: SQLite takes no lock and looks for no
 * journal, and any number of processes read it at a time.
 *
 * @throws VulndbError DATABASE_CORRUPT
 */
export class ShardReader {
  readonly #key: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, key: string) {
    this.#key = key;
    const url = pathToFileURL(path);
    url.searchParams.set('immutable', '1');
    this.#database = this.#guard(() => new DatabaseSync(url, { readOnly: true }));
    const mark = this.#guard(() => [this.#pragma('application_id'), this.#pragma('user_version')]);
    if (mark[0] !== applicationId || mark[1] !== schemaVersion) throw this.#corrupt();
  }

  /** Rows of a query as arrays. `read` makes something of each; what it throws means that the shard is damaged. */
  rows<Value>(
    sql: string,
    parameters: readonly (string | number)[],
    read: (row: readonly unknown[]) => Value,
  ): Value[] {
    return this.#guard(() => {
      let statement = this.#statements.get(sql);
      if (statement === undefined) {
        statement = this.#database.prepare(sql);
        statement.setReturnArrays(true);
        this.#statements.set(sql, statement);
      }
      return (statement.all(...parameters) as unknown as readonly unknown[][]).map(read);
    });
  }

  /** Closes the file. */
  close(): void {
    this.#database.close();
  }

  #pragma(name: string): unknown {
    return this.#database.prepare(`PRAGMA ${name}`).get()?.[name];
  }

  #guard<Value>(action: () => Value): Value {
    try {
      return action();
    } catch (error) {
      throw this.#corrupt(error);
    }
  }

  #corrupt(cause?: unknown): VulndbError {
    return new VulndbError(
      'DATABASE_CORRUPT',
      `The vulnerability database's part "${this.#key}" is damaged or gone; ${howToMend}`,
      { cause },
    );
  }
}
