/**
 * Makes a release, and publishes nothing: see docs/releasing.md.
 *
 *   node tools/release.ts --tag v1.2.3 --repository URL --identity SUBJECT --issuer URL   signs as whoever runs it
 *   node tools/release.ts --key KEY --public-key PUBLIC  [--no-log] [--no-build]          signs with a key, as a try
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Target, targets } from './executable/nodes.ts';
import { ReleaseError } from './release/error.ts';
import type { Signing } from './release/options.ts';
import { release } from './release/release.ts';

const root = join(import.meta.dirname, '..');
try {
  const values = readValues();
  const unknown = values.target.filter((one) => !targets.includes(one as Target));
  if (unknown.length > 0)
    throw new ReleaseError('options', `There is no target ${unknown.join(', ')}; choose from ${targets.join(', ')}`);
  const files = await release({
    root,
    out: resolve(values.out),
    tag: values.tag,
    repository: values.repository,
    keepsDist: values['no-build'],
    policy: resolve(values.policy),
    databaseSource: fromHere(values['db-source']),
    targets: values.target as Target[],
    prebuilt: fromHere(values.prebuilt),
    signing: signingOf(values),
    tell: (line) => void process.stderr.write(`--- ${line}\n`),
  });
  process.stdout.write(`${files.join('\n')}\n`);
} catch (error) {
  if (!(error instanceof ReleaseError)) throw error;
  process.stderr.write(`--- STOPPED at ${error.step}: ${error.message}\n`);
  process.exitCode = 1;
}

function readValues() {
  try {
    return parseArgs({
      options: {
        tag: { type: 'string' },
        repository: { type: 'string' },
        out: { type: 'string', default: join(root, 'release') },
        policy: { type: 'string', default: join(root, 'deploy', 'release', 'policy.yaml') },
        'db-source': { type: 'string' },
        target: { type: 'string', multiple: true, default: [] },
        prebuilt: { type: 'string' },
        key: { type: 'string' },
        'public-key': { type: 'string' },
        'no-build': { type: 'boolean', default: false },
        'no-log': { type: 'boolean', default: false },
        identity: { type: 'string' },
        issuer: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new ReleaseError('options', (error as Error).message, { cause: error });
  }
}

function signingOf(values: ReturnType<typeof readValues>): Signing {
  const { identity, issuer } = values;
  const [key, publicKey] = [fromHere(values.key), fromHere(values['public-key'])];
  if (key !== undefined && publicKey !== undefined) return { kind: 'key', key, publicKey, isLogged: !values['no-log'] };
  if (identity !== undefined && issuer !== undefined) return { kind: 'identity', identity, issuer };
  throw new ReleaseError('options', 'Name who signs: --identity and --issuer, or --key and --public-key');
}

/** The program runs in the checkout, wherever this was called; what has a scheme (`env://`, `https://`) is no path. */
function fromHere(given: string | undefined): string | undefined {
  return given === undefined || /^[\w+-]+:/.test(given) ? given : resolve(given);
}
