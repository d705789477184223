import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { encryptPrivateKey } from '../../signing/key/encrypted-key.ts';
import type { KeyType } from '../../signing/key/key-type.ts';
import { generateKeyPair, importPrivateKey, type KeyPair } from '../../signing/key/private-key.ts';
import { formatPublicKey } from '../../signing/key/public-key-pem.ts';
import { signingLimits } from '../../signing/limits.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Settings } from '../config/settings.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { keyPassword } from '../signing/password.ts';
import { readInput } from '../signing/read-input.ts';
import { SigningSession } from '../signing/session.ts';

/** Names of `--type`, for people. */
export const keyTypeNames: Readonly<Record<string, KeyType>> = {
  p256: 'ecdsa-p256',
  p384: 'ecdsa-p384',
  p521: 'ecdsa-p521',
  ed25519: 'ed25519',
  rsa: 'rsa',
};

/** What a new key pair is, and where it goes. */
export interface KeyPairOptions {
  readonly prefix: string;
  readonly type: string;
  /** Replaces files without asking. */
  readonly yes: boolean;
}

/** `generate-key-pair`: makes a key, and writes it encrypted beside its public half. */
export async function generateKeyPairCommand(
  place: string | undefined,
  { prefix, type, yes }: KeyPairOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const keyType = keyTypeNames[type.toLowerCase()];
  if (keyType === undefined) {
    const names = Object.keys(keyTypeNames).join(', ');
    throw new ConfigError('SETTING_INVALID', `"${type.slice(0, 40)}" is no type of key; write one of ${names}`);
  }
  if (place !== undefined) return storeElsewhere(place, await generateKeyPair(keyType), settings, host);
  await requireFree(prefix, yes, host);
  const pair = await generateKeyPair(keyType);
  return writePair(prefix, pair, settings, host);
}

/** `import-key-pair`: encrypts a private key that other tools made. */
export async function importKeyPairCommand(
  path: string,
  { prefix, yes }: Omit<KeyPairOptions, 'type'>,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const pem = await readInput(path, signingLimits.keyBytes, '--key', host);
  try {
    const pair = importPrivateKey(pem);
    await requireFree(prefix, yes, host);
    return await writePair(prefix, pair, settings, host);
  } finally {
    pem.fill(0);
  }
}

/** `public-key`: prints the public half of a key, wherever it is. */
export async function publicKeyCommand(
  reference: string | undefined,
  outfile: string | undefined,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const name = reference ?? settings.key[0];
  if (name === undefined) throw new ConfigError('SETTING_INVALID', 'Nothing says which key; add --key FILE');
  await using session = new SigningSession(settings, host);
  const pem = formatPublicKey(await publicHalf(name, session));
  if (outfile === undefined) await host.stdout.write(pem);
  else await writeFileAtomic(resolve(host.cwd, outfile), pem);
  return exitCode.ok;
}

async function publicHalf(name: string, session: SigningSession): Promise<KeyPair['publicKey']> {
  const { parseKeyReference } = await import('../../signing/key/key-reference.ts');
  const { loadSigner, loadVerificationKeys } = await import('../../signing/key/load-key.ts');
  const reference = parseKeyReference(name);
  const deps = await session.keyDeps();
  if (reference.kind === 'kms') return (await loadVerificationKeys(reference, deps))[0];
  return (await loadSigner(reference, deps)).publicKey;
}

/** Keys of clusters and of GitLab are kept there with their password. */
async function storeElsewhere(place: string, pair: KeyPair, settings: Settings, host: Host): Promise<number> {
  await using session = new SigningSession(settings, host);
  const { parseKeyReference } = await import('../../signing/key/key-reference.ts');
  const reference = parseKeyReference(place);
  const deps = await session.keyDeps();
  const password = await keyPassword(settings, host, true);
  const publicKey = formatPublicKey(pair.publicKey);
  const stored = { privateKey: await encryptPrivateKey(pair.privateKey, password), publicKey, password };
  try {
    if (reference.kind === 'kubernetes') {
      await (await import('../../signing/key/kubernetes-secret.ts')).createKeySecret(reference, stored, deps);
    } else if (reference.kind === 'gitlab') {
      await (await import('../../signing/key/gitlab-variables.ts')).writeKeyVariables(reference, stored, deps);
    } else {
      const message = `Keys are kept in k8s://NAMESPACE/NAME or gitlab://PROJECT, not in "${place.slice(0, 100)}"; use --output-key-prefix for files`;
      throw new ConfigError('SETTING_INVALID', message);
    }
  } finally {
    password.fill(0);
  }
  await writeFileAtomic(resolve(host.cwd, 'cosign.pub'), publicKey, { durable: true });
  await host.stderr.write(`The key pair is in ${place}, and the public key in cosign.pub as well\n`);
  return exitCode.ok;
}

/** A private key that is written over is gone. */
async function requireFree(prefix: string, yes: boolean, host: Host): Promise<void> {
  if (yes) return;
  for (const file of [`${prefix}.key`, `${prefix}.pub`]) {
    const there = await stat(resolve(host.cwd, file)).then(
      () => true,
      () => false,
    );
    if (!there) continue;
    const answer = await host.ask?.(`The file ${file} exists already. Replace it? [y/N] `, false);
    if (/^y(?:es)?$/i.test(answer?.trim() ?? '')) continue;
    const message = `The file ${file} exists already; name another with --output-key-prefix, or add --yes to replace it`;
    throw new ConfigError('SETTING_INVALID', message);
  }
}

async function writePair(prefix: string, pair: KeyPair, settings: Settings, host: Host): Promise<number> {
  const password = await keyPassword(settings, host, true);
  try {
    const encrypted = await encryptPrivateKey(pair.privateKey, password);
    await writeFileAtomic(resolve(host.cwd, `${prefix}.key`), encrypted, { durable: true, mode: 0o600 });
  } finally {
    password.fill(0);
  }
  await writeFileAtomic(resolve(host.cwd, `${prefix}.pub`), formatPublicKey(pair.publicKey), { durable: true });
  await host.stderr.write(`The private key is in ${prefix}.key, encrypted, and the public key in ${prefix}.pub\n`);
  return exitCode.ok;
}
