import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory for one test, removed with all that is in it at the end of its scope. */
export interface TemporaryDirectory extends Disposable {
  readonly path: string;
  /** Writes a file into it and tells its path. */
  write(name: string, bytes: Uint8Array | string): string;
}

/** Makes one. */
export function temporaryDirectory(): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), 'seaworthy-test-'));
  return {
    path,
    write(name, bytes) {
      writeFileSync(join(path, name), bytes);
      return join(path, name);
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
