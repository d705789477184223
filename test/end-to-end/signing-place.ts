import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuiltContent } from '../../testing/image/image-builder.ts';
import {
  startTestRegistry,
  type TestRegistry,
  type TestRegistryOptions,
} from '../../testing/registry/test-registry.ts';
import type { Ended, Surroundings } from './program.ts';
import { openWorkplace, sampleImage, type Workplace } from './sample.ts';

/** Of the keys that tests make. */
export const keyPassword = 'keel-and-anchor-0815';

/** Signs and verifies with a key alone: no log is told or asked. */
export const unlogged: { readonly sign: readonly string[]; readonly verify: readonly string[] } = {
  sign: ['--tlog-upload=false'],
  verify: ['--insecure-ignore-tlog'],
};

/** A workplace for signing: keys, files, and all that the program said so far. */
export interface SigningPlace extends Workplace {
  /** Makes a key pair `NAME.key` and `NAME.pub`. */
  makeKey(name: string, ...args: readonly string[]): Promise<void>;
  write(name: string, content: string | Uint8Array): string;
  read(name: string): string;
  /** Everything that came out of the program, for what must never be in it. */
  readonly said: readonly string[];
}

/** Opens one. */
export async function openSigningPlace(): Promise<SigningPlace> {
  const place = await openWorkplace();
  const said: string[] = [];
  const run = async (args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> => {
    const env = { COSIGN_PASSWORD: keyPassword, ...surroundings.env };
    const ended = await place.run(args, { ...surroundings, env });
    said.push(ended.stdout, ended.stderr);
    return ended;
  };
  return {
    ...place,
    [Symbol.dispose]: () => place[Symbol.dispose](),
    run,
    said,
    async makeKey(name, ...args) {
      const { status, stderr } = await run(['generate-key-pair', '--output-key-prefix', name, ...args]);
      if (status !== 0) throw new Error(stderr);
    },
    write(name, content) {
      writeFileSync(join(place.path, name), content);
      return name;
    },
    read: (name) => readFileSync(join(place.path, name), 'utf8'),
  };
}

/** A registry that holds an image as `app:v1`. */
export async function serveImage(
  options: TestRegistryOptions = {},
  image: BuiltContent = sampleImage(),
): Promise<TestRegistry & { readonly name: string; readonly byDigest: string }> {
  const registry = await startTestRegistry(options);
  for (const bytes of image.blobs.values()) registry.store.putBlob('app', bytes);
  const { mediaType, digest } = image.descriptor;
  registry.store.putManifest('app', 'v1', mediaType, image.blobs.get(digest) as Buffer);
  const { host } = registry;
  const named = { name: `${host}/app:v1`, byDigest: `${host}/app@${digest}` };
  return Object.assign(registry, named);
}
