import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import type { CheckContext } from '../config-check.ts';
import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';
import type { SecretReference } from './secret.ts';

/** A file that a setting names, or none. */
export interface NamedFile {
  readonly path: ConfigPath;
  readonly file: string | undefined;
}

/** Says of each file that is not there, is none, or may not be read by this user. */
export async function findUnreadable(named: readonly NamedFile[]): Promise<Finding[]> {
  const findings = await Promise.all(
    named.map(async ({ path, file }): Promise<Finding[]> => {
      const why = file === undefined ? undefined : await whyUnreadable(file);
      return why === undefined ? [] : [{ path, sentence: `names ${file}, which ${why}` }];
    }),
  );
  return findings.flat();
}

/** Says of each secret that is not where it should be. Variables are looked at only where it is known what there will be. */
export async function findMissingSecrets(
  named: readonly { readonly path: ConfigPath; readonly secret: SecretReference | undefined }[],
  { env }: CheckContext,
): Promise<Finding[]> {
  const unset = named.flatMap(({ path, secret }): Finding[] => {
    if (secret?.kind !== 'env' || env === undefined || (env[secret.name] ?? '') !== '') return [];
    return [{ path, sentence: `names the variable ${secret.name}, which is not set` }];
  });
  const files = named.map(({ path, secret }) => ({
    path: [...path.slice(0, -1), `${path.at(-1)}File`],
    file: secret?.kind === 'file' ? secret.path : undefined,
  }));
  return [...unset, ...(await findUnreadable(files))];
}

async function whyUnreadable(file: string): Promise<string | undefined> {
  try {
    if ((await stat(file)).isDirectory()) return 'is a folder';
    await access(file, constants.R_OK);
    return undefined;
  } catch (error) {
    const { code = 'it failed' } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`;
  }
}
