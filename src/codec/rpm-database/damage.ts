import { CodecError } from '../error.ts';
import { rpmDatabaseLimits } from './limits.ts';

/**
 * Collects what was wrong with single entries, so that one broken entry does not hide those after it.
 */
export interface Damage {
  /**
   * Runs `read`; when it throws a CodecError, counts that and gives undefined.
   *
   * @throws CodecError LIMIT_EXCEEDED as {@link Damage.note} does
   */
  guard<Value>(read: () => Value): Value | undefined;
  /**
   * Counts one damaged entry.
   *
   * @throws CodecError LIMIT_EXCEEDED when there are absurdly many: each costs an error, and a page of a few bytes per
   * entry can hold thousands
   */
  note(error: CodecError): void;
  /** True once something was counted. */
  isFound(): boolean;
  /**
   * Ends the reading.
   *
   * @throws CodecError with the first failure's code when there was any
   */
  settle(): void;
}

/** An empty collection. */
export function collectDamage(): Damage {
  let count = 0;
  let first: CodecError | undefined;
  function note(error: CodecError): void {
    count += 1;
    first ??= error;
    if (count <= rpmDatabaseLimits.damagedPlaces) return;
    throw new CodecError(
      'LIMIT_EXCEEDED',
      `The package database is damaged in more than ${rpmDatabaseLimits.damagedPlaces} places; rebuild it.`,
      { cause: first },
    );
  }
  return {
    note,
    isFound: () => count > 0,
    guard: (read) => {
      try {
        return read();
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
        note(error);
        return undefined;
      }
    },
    settle: () => {
      if (first === undefined) return;
      if (count === 1) throw first;
      throw new CodecError(first.code, `${first.message} (and ${count - 1} more damaged places)`, { cause: first });
    },
  };
}
