import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sharedData } from '../../testing/shared-data.ts';

/** One folder of the suite's `test_verify`, as its README describes it. */
export interface ConformanceCase {
  readonly name: string;
  /** By the folder's name. */
  readonly passes: boolean;
  readonly bundle: Buffer;
  readonly artifact: Buffer;
  readonly trustedRoot: Buffer;
  readonly identity: string;
  readonly issuer: string;
  /** Absent: verified by identity. */
  readonly key?: Buffer;
}

const beacon =
  'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main';
const githubIssuer = 'https://token.actions.githubusercontent.com';

/** Every case of the suite; none where it is not there. */
export function conformanceCases(): readonly ConformanceCase[] {
  const root = sharedData('sigstore-conformance');
  if (root === undefined) return [];
  const folder = join(root, 'bundle-verify');
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const at = (file: string): string => join(folder, name, file);
      const text = (file: string, usual: string): string =>
        existsSync(at(file)) ? readFileSync(at(file), 'utf8').trim() : usual;
      return {
        name,
        passes: !name.endsWith('_fail'),
        bundle: readFileSync(at('bundle.sigstore.json')),
        artifact: readFileSync(existsSync(at('artifact')) ? at('artifact') : join(folder, 'a.txt')),
        trustedRoot: readFileSync(
          existsSync(at('trusted_root.json')) ? at('trusted_root.json') : join(root, 'public-good-trusted-root.json'),
        ),
        identity: text('identity', beacon),
        issuer: text('issuer', githubIssuer),
        ...(existsSync(at('key.pub')) ? { key: readFileSync(at('key.pub')) } : {}),
      };
    });
}
