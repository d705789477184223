import type { Network } from '../../../net/network.ts';
import { digestAlgorithm, digestHex, type Digest } from '../../../oci/digest.ts';
import { encodeBundle } from '../../../signing/bundle/encode.ts';
import { keyHint } from '../../../signing/key/key-hint.ts';
import type { HashAlgorithm } from '../../../signing/key/key-type.ts';
import { localSigner } from '../../../signing/key/local-signer.ts';
import { signStatement } from '../../../signing/sign/sign-entity.ts';
import { buildStatement } from '../../../signing/statement/build.ts';
import type { ScanningConfig } from '../../config/scanning/model.ts';
import { readReportKey } from '../../config/scanning/report-key.ts';

/** Signs what the registry says of images. */
export interface ReportSigner {
  /** Names the key. */
  readonly hint: string;
  /** A bundle of a statement, as `cosign attest` makes it. @throws SigningError */
  sign(name: string, digest: Digest, predicateType: string, predicate: unknown): Promise<Buffer>;
}

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
  const signer = localSigner(await readReportKey(key, env), { ed25519: 'pure', hash: 'sha256' });
  return {
    hint: keyHint(signer.publicKey),
    async sign(name, digest, predicateType, predicate) {
      const subject = { algorithm: digestAlgorithm(digest) as HashAlgorithm, hex: digestHex(digest) };
      const payload = buildStatement(name, subject, predicateType, predicate);
      return encodeBundle(await signStatement(payload, signer, { network, logs: [], timestampAuthorities: [] }));
    },
  };
}
