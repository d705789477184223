import { malformed, payloadMediaType, type SignedAttributes, unsupported } from './envelope.ts';

/** Names of attributes, the same in both envelopes (signature-envelope-jws.md and signature-envelope-cose.md). */
export const attribute = {
  scheme: 'io.cncf.notary.signingScheme',
  signingTime: 'io.cncf.notary.signingTime',
  authenticSigningTime: 'io.cncf.notary.authenticSigningTime',
  expiry: 'io.cncf.notary.expiry',
  plugin: 'io.cncf.notary.verificationPlugin',
  pluginVersion: 'io.cncf.notary.verificationPluginMinVersion',
  timestamp: 'io.cncf.notary.timestampSignature',
  agent: 'io.cncf.notary.signingAgent',
} as const;

/** Signed attributes as an envelope has them. */
export interface AttributeSource {
  readonly scheme: unknown;
  readonly contentType: unknown;
  readonly signingTime?: Date;
  readonly authenticSigningTime?: Date;
  readonly expiry?: Date;
  /** What the verifier must understand. */
  readonly critical: readonly (string | bigint)[];
  /** The names of everything that is signed. */
  readonly has: (name: string | bigint) => boolean;
}

/**
 * Checks the signed attributes against each other (signature-specification.md, "Signed Attributes"). What is critical is
 * exactly what the specification wants to be so: everything else that is critical is not understood, and ends the
 * verification. So do plugins, whose part of the verification nobody else can do ("Guidelines for implementations").
 *
 * @throws VerificationError SIGNATURE_MALFORMED, SIGNATURE_UNSUPPORTED
 */
export function readSignedAttributes(source: AttributeSource): SignedAttributes {
  const { scheme, contentType, signingTime, authenticSigningTime, expiry, has } = source;
  if (contentType !== payloadMediaType) {
    throw unsupported('The signature is of something else than an artifact', describe(contentType), payloadMediaType);
  }
  if (scheme !== 'notary.x509' && scheme !== 'notary.x509.signingAuthority') {
    throw unsupported('The signing scheme is not known', describe(scheme), 'notary.x509, notary.x509.signingAuthority');
  }
  if (has(attribute.plugin) || has(attribute.pluginVersion)) {
    throw unsupported('The signature can only be verified with a plugin of notation, and none is run here');
  }
  const isAuthority = scheme === 'notary.x509.signingAuthority';
  checkCritical(source.critical, has, [
    attribute.scheme,
    ...(isAuthority ? [attribute.authenticSigningTime] : []),
    ...(expiry === undefined ? [] : [attribute.expiry]),
  ]);
  const [time, other] = isAuthority ? [authenticSigningTime, signingTime] : [signingTime, authenticSigningTime];
  if (time === undefined) throw malformed('it does not say when it was made');
  if (other !== undefined) throw malformed('it has a time that its signing scheme does not have');
  if (expiry !== undefined && expiry <= time) throw malformed('it expires before it is made');
  return { scheme, signingTime: time, ...(expiry === undefined ? {} : { expiry }) };
}

/** RFC 7515, 4.1.11, and RFC 9052, 3.1: no name twice, all of them there. */
function checkCritical(
  critical: readonly (string | bigint)[],
  has: (name: string | bigint) => boolean,
  required: readonly string[],
): void {
  const names = new Set(critical);
  if (names.size !== critical.length) throw malformed('an attribute is named as critical twice');
  for (const name of required) {
    if (!names.delete(name)) throw malformed(`${name} is not marked as critical`);
  }
  for (const name of names) {
    const text = String(name).slice(0, 100);
    if (!has(name)) throw malformed(`${text} is named as critical and is not there`);
    throw unsupported('The signature has a critical attribute that is not understood', text);
  }
}

/** An unsigned thing in a message. */
function describe(value: unknown): string {
  return typeof value === 'string' ? value : 'none';
}
