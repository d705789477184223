import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** The path of a program on PATH or below the checkout's `.tools`; undefined when it is in neither. */
export function findProgram(name: string): string | undefined {
  return findPrograms(name)[0];
}

/** The paths of all programs of that name, where several versions are installed. */
export function findPrograms(name: string): string[] {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...onPath, ...toolFolders()].map((folder) => join(folder, name)).filter(isExecutable);
}

/** Options for a test that needs a program: skips with the reason when it is absent. */
export function needsProgram(...names: readonly string[]): { skip: string | false } {
  const missing = names.filter((name) => findProgram(name) === undefined);
  return { skip: missing.length > 0 ? `no ${missing.join(', ')} on PATH or in .tools` : false };
}

function toolFolders(): string[] {
  try {
    return readdirSync(join(root, '.tools')).flatMap((suite) =>
      ['usr/bin', 'bin', ''].map((folder) => join(root, '.tools', suite, folder)),
    );
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    // Folders can be gone into, which is the same permission.
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
