import { readCappedFile } from '../../../base/capped-file.ts';
import type { Network } from '../../../net/network.ts';
import { digestAlgorithm, digestHex, type Digest } from '../../../oci/digest.ts';
import { encodeBundle } from '../../../signing/bundle/encode.ts';
import { SigningError } from '../../../signing/error.ts';
import { decryptPrivateKey } from '../../../signing/key/encrypted-key.ts';
import { keyHint } from '../../../signing/key/key-hint.ts';
import type { HashAlgorithm } from '../../../signing/key/key-type.ts';
import { localSigner } from '../../../signing/key/local-signer.ts';
import { signStatement } from '../../../signing/sign/sign-entity.ts';
import { buildStatement } from '../../../signing/statement/build.ts';
import type { ScanningConfig } from '../../config/scanning/model.ts';
import { readSecret } from '../../config/value/secret.ts';

/** Signs what the registry says of images. */
export interface ReportSigner {
  /** Names the key. */
  readonly hint: string;
  /** A bundle of a statement, as `cosign attest` makes it. @throws SigningError */
  sign(name: string, digest: Digest, predicateType: string, predicate: unknown): Promise<Buffer>;
}

const maxKeyBytes = 65_536;

/**
 * Opens the registry's own key; undefined where none is configured.
 *
 * @throws SigningError KEY_UNREADABLE, KEY_INVALID, KEY_PASSWORD_WRONG; RegistryConfigError SECRET_UNREADABLE
 */
export async function openReportSigner(
  key: ScanningConfig['key'],
  env: Readonly<Record<string, string | undefined>>,
  network: Network,
): Promise<ReportSigner | undefined> {
  if (key === undefined) return undefined;
  const pem = await readCappedFile(key.file, maxKeyBytes);
  if (pem === undefined) throw new SigningError('KEY_INVALID', `${key.file} is too large to be a key`);
  const password = Buffer.from(key.password === undefined ? '' : await readSecret(key.password, env));
  const signer = localSigner(await decryptPrivateKey(pem, password), { ed25519: 'pure', hash: 'sha256' });
  password.fill(0);
  return {
    hint: keyHint(signer.publicKey),
    async sign(name, digest, predicateType, predicate) {
      const subject = { algorithm: digestAlgorithm(digest) as HashAlgorithm, hex: digestHex(digest) };
      const payload = buildStatement(name, subject, predicateType, predicate);
      return encodeBundle(await signStatement(payload, signer, { network, logs: [], timestampAuthorities: [] }));
    },
  };
}
