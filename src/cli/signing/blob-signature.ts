import { CodecError } from '../../codec/error.ts';
import { decodeBase64 } from '../../codec/base64/decode.ts';
import { parsePem } from '../../codec/pem/pem.ts';
import { parseBundle } from '../../signing/bundle/parse.ts';
import type { SignedEntity } from '../../signing/entity.ts';
import { signingLimits } from '../../signing/limits.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { readInput } from './read-input.ts';

/** Where the signature of a file is: in a bundle, or bare. */
export interface BlobSignatureOptions {
  readonly bundle?: string;
  /** A bare signature in base64, or the file that holds it. */
  readonly signature?: string;
  readonly certificate?: string;
}

/** Reads the signature of a file. @throws ConfigError SETTING_INVALID, VerificationError for a bundle that is none */
export async function readBlobSignature(
  options: BlobSignatureOptions,
  settings: Settings,
  host: Host,
): Promise<SignedEntity> {
  const { bundle, signature, certificate } = options;
  if (bundle !== undefined) {
    if (signature !== undefined || certificate !== undefined) {
      throw new ConfigError(
        'SETTING_INVALID',
        '--bundle holds signature and certificate; leave --signature and --certificate out',
      );
    }
    const bytes = await readInput(bundle, signingLimits.attachmentBytes, '--bundle', host);
    return parseBundle(bytes, { allowCertificateChain: settings.allowCertificateChain });
  }
  if (signature === undefined)
    throw new ConfigError('SETTING_INVALID', 'Nothing says where the signature is; add --bundle FILE');
  return {
    format: 'legacy',
    material:
      certificate === undefined
        ? { kind: 'public-key' }
        : { kind: 'certificate', certificates: await certificatesOf(certificate, host) },
    logEntries: [],
    timestamps: [],
    content: { kind: 'message', signature: await bareSignature(signature, host) },
  };
}

/** cosign takes the signature itself or a file with it, in base64 or as it is. */
async function bareSignature(text: string, host: Host): Promise<Buffer> {
  const decode = (value: string): Buffer | undefined => {
    try {
      return decodeBase64(value.trim());
    } catch (error) {
      if (error instanceof CodecError) return undefined;
      throw error;
    }
  };
  const given = text.length > 40 && !text.includes('.') ? decode(text) : undefined;
  if (given !== undefined && given.length > 0) return given;
  const bytes = await readInput(text, signingLimits.keyBytes, '--signature', host);
  return decode(bytes.toString('latin1')) ?? bytes;
}

async function certificatesOf(path: string, host: Host): Promise<readonly Buffer[]> {
  const text = (await readInput(path, signingLimits.keyBytes, '--certificate', host)).toString('latin1');
  try {
    // cosign writes PEM, and older versions base64 of it.
    const pem = text.includes('-----BEGIN') ? text : decodeBase64(text.trim()).toString('latin1');
    const blocks = parsePem(pem).filter(({ label }) => label === 'CERTIFICATE');
    if (blocks.length > 0) return blocks.map(({ bytes }) => bytes);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
  }
  throw new ConfigError('SETTING_INVALID', `${path} holds no certificate; check --certificate`);
}
