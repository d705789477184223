import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { canonicalTufJson } from '../../src/sigstore-dev/json/canonical.ts';
import { type DevKey, makeDevKey, signWith } from '../../src/sigstore-dev/key/dev-key.ts';
import { fileOf, headOf, type TufRole, tufKey, tufKeyId } from '../../src/sigstore-dev/tuf/metadata.ts';

/** Who signs a role, and how many of them are needed. */
export interface MadeRole {
  readonly keys: readonly DevKey[];
  readonly threshold: number;
  /** Who really signs; the keys where nothing is said. A key may sign twice. */
  readonly signers?: readonly DevKey[];
}

/** What a repository is made of; what is not there is as it should be. */
export interface MadeRepositoryParts {
  readonly roles?: Partial<Record<TufRole, Partial<MadeRole>>>;
  /** Targets by name, whatever the names are. */
  readonly targets?: Readonly<Record<string, Buffer>>;
  /** Roles to which the targets role hands on all names. */
  readonly delegated?: readonly string[];
  /** Documents in place of the right ones, by path. */
  readonly files?: Readonly<Record<string, Buffer>>;
}

/** A repository of The Update Framework that may be as wrong as a test wants it. */
export interface MadeRepository {
  readonly root: Buffer;
  readonly listener: RequestListener;
  /** The paths that were asked for, decoded. */
  readonly asked: string[];
}

const names = ['root', 'targets', 'snapshot', 'timestamp'] as const satisfies readonly TufRole[];
const expires = new Date(Date.now() + 86_400_000);

/** Makes one, every document in version 1. */
export function makeTufRepository({
  roles = {},
  targets = {},
  delegated = [],
  files = {},
}: MadeRepositoryParts): MadeRepository {
  const made = Object.fromEntries(
    names.map((name) => [name, { keys: [makeDevKey('ecdsa-p256')], threshold: 1, ...roles[name] }]),
  ) as Record<TufRole, MadeRole>;
  const other = makeDevKey('ecdsa-p256');
  const sign = (signed: object, { keys, signers = keys }: Pick<MadeRole, 'keys' | 'signers'>): Buffer => {
    const text = Buffer.from(canonicalTufJson(signed as never));
    const signatures = signers.map((key) => ({ keyid: tufKeyId(key), sig: signWith(key, text).toString('hex') }));
    return Buffer.from(JSON.stringify({ signatures, signed }));
  };
  const delegations = {
    keys: { [tufKeyId(other)]: tufKey(other) },
    roles: delegated.map((name) => ({
      name,
      keyids: [tufKeyId(other)],
      threshold: 1,
      terminating: false,
      paths: ['*'],
    })),
  };
  const targetList = sign(
    {
      ...headOf('targets', 1, expires),
      targets: Object.fromEntries(Object.entries(targets).map(([name, bytes]) => [name, fileOf(bytes)])),
      ...(delegated.length === 0 ? {} : { delegations }),
    },
    made.targets,
  );
  const deeper = sign({ ...headOf('targets', 1, expires), targets: {} }, { keys: [other] });
  const snapshot = sign(
    {
      ...headOf('snapshot', 1, expires),
      meta: {
        'targets.json': { version: 1, ...fileOf(targetList) },
        ...Object.fromEntries(delegated.map((name) => [`${name}.json`, { version: 1, ...fileOf(deeper) }])),
      },
    },
    made.snapshot,
  );
  const timestamp = sign(
    { ...headOf('timestamp', 1, expires), meta: { 'snapshot.json': { version: 1, ...fileOf(snapshot) } } },
    made.timestamp,
  );
  const root = sign(
    {
      ...headOf('root', 1, expires),
      consistent_snapshot: true,
      keys: Object.fromEntries(names.flatMap((name) => made[name].keys.map((key) => [tufKeyId(key), tufKey(key)]))),
      roles: Object.fromEntries(
        names.map((name) => [name, { keyids: made[name].keys.map(tufKeyId), threshold: made[name].threshold }]),
      ),
    },
    made.root,
  );
  const all: Readonly<Record<string, Buffer>> = {
    'timestamp.json': timestamp,
    '1.snapshot.json': snapshot,
    '1.targets.json': targetList,
    ...Object.fromEntries(delegated.map((name) => [`1.${name}.json`, deeper])),
    ...Object.fromEntries(Object.entries(targets).map(([name, bytes]) => [targetPath(name, bytes), bytes])),
    ...files,
  };
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    const path = decodeURIComponent((request.url ?? '/').slice(1));
    asked.push(path);
    const bytes = all[path];
    if (bytes === undefined) response.writeHead(404).end();
    else response.writeHead(200).end(bytes);
  };
  return { root, listener, asked };
}

/** Where a target lies in a repository with consistent snapshots: its digest stands before its last name. */
function targetPath(name: string, bytes: Buffer): string {
  const digest = createHash('sha256').update(bytes).digest('hex');
  return `targets/${name.replace(/[^/]*$/, (last) => `${digest}.${last}`)}`;
}
