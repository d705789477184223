import { postgresLimits } from './limits.ts';

/** A statement as PostgreSQL reads it. The name is that of its plan on each connection. */
export interface PostgresStatement {
  readonly text: string;
  readonly name?: string;
}

/** The statements of one database: each text is translated once and has one name. */
export class PostgresStatements {
  readonly #known = new Map<string, PostgresStatement>();

  /** Translates a statement: `$1`, `$2`, … for each `?`. */
  get(sql: string): PostgresStatement {
    const known = this.#known.get(sql);
    if (known !== undefined) return known;
    let parameters = 0;
    const text = sql.replaceAll('?', () => `$${++parameters}`);
    if (this.#known.size >= postgresLimits.statements) return { text };
    const statement = { text, name: `seaworthy_${this.#known.size}` };
    this.#known.set(sql, statement);
    return statement;
  }
}
