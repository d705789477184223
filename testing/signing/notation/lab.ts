import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openNetwork } from '../../../src/net/open-network.ts';
import { fetchManifest } from '../../../src/oci/client/fetch-manifest.ts';
import { RegistryClient } from '../../../src/oci/client/registry-client.ts';
import { isSeaworthyError } from '../../../src/base/error.ts';
import { parseTrustPolicy } from '../../../src/signing/notation/parse-trust-policy.ts';
import { chooseStatement } from '../../../src/signing/notation/trust-policy.ts';
import { openTrustStores } from '../../../src/signing/notation/trust-stores.ts';
import { type NotationVerification, verifyNotationImage } from '../../../src/signing/notation/verify-image.ts';
import { VerificationError } from '../../../src/signing/verify/verification-error.ts';
import { temporaryDirectory } from '../../image/temporary-directory.ts';
import { findProgram } from '../../registry/find-program.ts';

/** How a program ended. */
export interface NotationRun {
  readonly ok: boolean;
  readonly output: string;
}

/** notation with a configuration of its own, and our verification with the same. */
export interface NotationLab extends AsyncDisposable {
  /** `$XDG_CONFIG_HOME`, which has `notation/` in it. */
  readonly folder: string;
  /** Writes a file below `notation/`. */
  write(path: string, content: string | Uint8Array): string;
  /** Removes what is trusted. */
  forget(): void;
  openssl(...args: readonly string[]): Promise<NotationRun>;
  notation(...args: readonly string[]): Promise<NotationRun>;
  /** `notation verify`. */
  theirs(host: string, repository: string, digest: string, ...args: readonly string[]): Promise<NotationRun>;
  /** What we find, or the error that ended it; undefined where the policy skips the image. */
  ours(
    host: string,
    repository: string,
    digest: string,
    annotations?: ReadonlyMap<string, string>,
  ): Promise<NotationVerification | Error | undefined>;
}

/** Opens a lab in a folder that is removed at its end. */
export function openNotationLab(): NotationLab {
  const directory = temporaryDirectory();
  const folder = directory.path;
  const network = openNetwork();
  const config = join(folder, 'notation');
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder };
  const start = (program: string, args: readonly string[]): Promise<NotationRun> =>
    new Promise((resolve) => {
      const path = findProgram(program) ?? program;
      execFile(path, [...args], { cwd: folder, env, timeout: 60_000 }, (error, stdout, stderr) => {
        resolve({ ok: error === null, output: `${stdout}${stderr}` });
      });
    });
  const write = (path: string, content: string | Uint8Array): string => {
    const file = join(config, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  return {
    folder,
    write,
    forget: () => rmSync(join(config, 'truststore'), { recursive: true, force: true }),
    openssl: (...args) => start('openssl', args),
    notation: (...args) => start('notation', args),
    theirs: (host, repository, digest, ...args) =>
      start('notation', ['verify', '--insecure-registry', ...args, `${host}/${repository}@${digest}`]),
    async ours(host, repository, digest, annotations = new Map()) {
      try {
        const client = new RegistryClient(network, host);
        const statements = parseTrustPolicy(readFileSync(join(config, 'trustpolicy.json')), 'trustpolicy.json');
        const statement = chooseStatement(statements, `${host}/${repository}`);
        if (statement === undefined) {
          return new VerificationError('POLICY_MISSING', 'No statement is about it', { check: 'trust-policy' });
        }
        const { verification } = statement;
        if (verification === undefined) return undefined;
        const { descriptor } = await fetchManifest(client, repository, digest);
        const readStore = openTrustStores(join(config, 'truststore'));
        const policy = { verification, readStore, annotations, most: 100 };
        return await verifyNotationImage({ client, repository }, descriptor, policy, new Date());
      } catch (error) {
        if (!isSeaworthyError(error)) throw error;
        return error;
      }
    },
    async [Symbol.asyncDispose]() {
      await network[Symbol.asyncDispose]();
      directory[Symbol.dispose]();
    },
  };
}
