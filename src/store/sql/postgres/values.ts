import { types, type CustomTypesConfig } from 'pg';

/**
 * How columns are read: whole numbers of every size as numbers, so also what COUNT and SUM give; bytes as Uint8Array; truth
 * as 1 and 0, as SQLite has it.
 */
const readers: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [types.builtins.INT8, Number],
  [types.builtins.INT4, Number],
  [types.builtins.INT2, Number],
  [types.builtins.NUMERIC, Number],
  [types.builtins.FLOAT8, Number],
  [types.builtins.BOOL, (text) => (text === 't' ? 1 : 0)],
  [types.builtins.BYTEA, readBytes],
]);

/** For the `types` of a client. All else is text. */
export const columnReaders: CustomTypesConfig = {
  getTypeParser: ((type: number) => readers.get(type) ?? String) as CustomTypesConfig['getTypeParser'],
};

/** PostgreSQL writes bytes as `\x` and hexadecimal digits. */
function readBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'));
}
