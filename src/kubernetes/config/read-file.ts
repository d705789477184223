import { readCappedFile } from '../../base/capped-file.ts';
import { KubernetesError, type KubernetesErrorCode } from '../error.ts';
import type { ConfigDeps } from './deps.ts';

/** A file, and what messages call it. */
export interface NamedFile {
  readonly path: string;
  /** `the token of user "me"`. */
  readonly what: string;
  /** Bytes. */
  readonly most: number;
}

/** Reads a file that was named. @throws KubernetesError of the code */
export async function readNamedFile(
  { path, what, most }: NamedFile,
  deps: ConfigDeps,
  code: KubernetesErrorCode,
): Promise<Buffer> {
  const bytes = await readIfThere({ path, what, most }, deps, code);
  if (bytes !== undefined) return bytes;
  throw new KubernetesError(code, `${what} is not at ${path}; check the path`);
}

/** As {@link readNamedFile}; undefined where there is no such file. */
export async function readIfThere(
  { path, what, most }: NamedFile,
  deps: ConfigDeps,
  code: KubernetesErrorCode,
): Promise<Buffer | undefined> {
  let bytes: Buffer | undefined;
  try {
    bytes = await (deps.readFile === undefined ? readCappedFile(path, most) : deps.readFile(path));
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException | undefined)?.code ?? 'unknown reason';
    if (reason === 'ENOENT') return undefined;
    throw new KubernetesError(
      code,
      `${what} at ${path} cannot be read (${reason}); check the path and who may read it`,
      { cause },
    );
  }
  if (bytes !== undefined && bytes.length <= most) return bytes;
  throw new KubernetesError(code, `${what} at ${path} has more than ${most} bytes; check the path`);
}
