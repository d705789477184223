import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needsSharedData, sharedData } from '../../../testing/shared-data.ts';
import { parseCertificate } from '../certificate/parse.ts';
import { readPublicKey } from '../key/read-public-key.ts';
import { parseTimestamp } from '../timestamp/parse.ts';
import type { Authority, LogInstance, ValidityWindow } from '../trust/trust-material.ts';
import { checkCertificateChain } from './check-certificate-chain.ts';
import { checkCertificateTransparency } from './check-certificate-transparency.ts';
import { checkTimestamps } from './check-timestamps.ts';
import { type Check, VerificationError, type VerificationErrorCode } from './verification-error.ts';

interface Window {
  readonly start?: string;
  /** Null in some of the files. */
  readonly end?: string | null;
}

interface RootJson {
  readonly certificateAuthorities?: readonly AuthorityJson[];
  readonly timestampAuthorities?: readonly AuthorityJson[];
  readonly ctlogs?: readonly {
    readonly baseUrl: string;
    readonly logId: { readonly keyId: string };
    readonly publicKey: { readonly rawBytes: string; readonly keyDetails: string; readonly validFor?: Window };
  }[];
}

interface AuthorityJson {
  readonly uri: string;
  readonly certChain: { readonly certificates: readonly { readonly rawBytes: string }[] };
  readonly validFor?: Window;
}

interface BundleJson {
  readonly verificationMaterial: {
    readonly certificate?: { readonly rawBytes: string };
    readonly x509CertificateChain?: { readonly certificates: readonly { readonly rawBytes: string }[] };
    readonly tlogEntries?: readonly { readonly integratedTime?: string; readonly inclusionPromise?: unknown }[];
    readonly timestampVerificationData?: {
      readonly rfc3161Timestamps?: readonly { readonly signedTimestamp: string }[];
    };
  };
  readonly messageSignature?: { readonly signature: string };
  readonly dsseEnvelope?: { readonly signatures: readonly { readonly sig: string }[] };
}

/** The cases that must fail in one of the three checks, each with the check and the reason. All others pass them. */
const failures: Readonly<Record<string, readonly [Check, VerificationErrorCode]>> = {
  'bundle-from-wrong-instance_fail': ['certificate-chain', 'CERTIFICATE_UNTRUSTED'],
  'integrated-time-in-future_fail': ['certificate-chain', 'NOT_VALID_THEN'],
  'intoto-expired-certificate_fail': ['certificate-chain', 'NOT_VALID_THEN'],
  'intoto-set-outside-signing-cert-validity_fail': ['certificate-chain', 'NOT_VALID_THEN'],
  'intoto-tsa-timestamp-outside-cert-validity_fail': ['certificate-chain', 'NOT_VALID_THEN'],
  'invalid-ct-key_fail': ['certificate-transparency', 'SCT_WRONG'],
  'rekor2-no-timestamp_fail': ['certificate-chain', 'TIME_MISSING'],
  'rekor2-timestamp-outside-trust-root-tsa-validity_fail': ['timestamp', 'NOT_VALID_THEN'],
  'rekor2-timestamp-outside-tsa-cert-validity_fail': ['timestamp', 'NOT_VALID_THEN'],
  'rekor2-timestamp-payload-mismatch_fail': ['timestamp', 'TIMESTAMP_WRONG'],
  'rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail': ['timestamp', 'TIMESTAMP_UNTRUSTED'],
  'rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail': ['timestamp', 'TIMESTAMP_UNTRUSTED'],
  'rekor2-timestamp-with-incorrect-time_fail': ['certificate-chain', 'NOT_VALID_THEN'],
};

test(
  'the checks of certificates and times judge the bundles of sigstore-conformance',
  needsSharedData('sigstore-conformance'),
  () => {
    const top = sharedData('sigstore-conformance') as string;
    const publicGood = readFileSync(join(top, 'public-good-trusted-root.json'), 'utf8');
    const outcomes: Record<string, readonly [Check, VerificationErrorCode]> = {};
    let passed = 0;
    for (const { name } of readdirSync(join(top, 'bundle-verify'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    )) {
      const folder = join(top, 'bundle-verify', name);
      const text = readFileSync(join(folder, 'bundle.sigstore.json'), 'utf8');
      const rootFile = join(folder, 'trusted_root.json');
      const bundle = name === 'bundle-malformed-json_fail' ? undefined : (JSON.parse(text) as BundleJson);
      const { certificate, x509CertificateChain } = bundle?.verificationMaterial ?? {};
      const leaf = certificate ?? x509CertificateChain?.certificates[0];
      if (bundle === undefined || leaf === undefined) continue;
      const root = JSON.parse(existsSync(rootFile) ? readFileSync(rootFile, 'utf8') : publicGood) as RootJson;
      try {
        judge(bundle, leaf.rawBytes, root);
        passed += 1;
      } catch (error) {
        if (!(error instanceof VerificationError)) throw error;
        outcomes[name] = [error.facts.check, error.code];
      }
    }
    assert.deepEqual(outcomes, failures);
    assert.ok(passed > 45);
  },
);

test(
  'checkTimestamps() takes the token of an authority that runs OpenSSL',
  needsSharedData('sigstore-conformance'),
  () => {
    const name = 'rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail';
    const folder = sharedData('sigstore-conformance', 'bundle-verify', name) as string;
    const bundle = JSON.parse(readFileSync(join(folder, 'bundle.sigstore.json'), 'utf8')) as BundleJson;
    const { timestampVerificationData } = bundle.verificationMaterial;
    const timestamp = bytes(timestampVerificationData?.rfc3161Timestamps?.[0]?.signedTimestamp ?? '');
    const message = bytes(bundle.messageSignature?.signature ?? '');
    const [own, root] = parseTimestamp(timestamp).signed.certificates.map(parseCertificate);
    assert.ok(own !== undefined && root !== undefined);
    for (const certificates of [[own, root], [root]]) {
      const authorities = [{ uri: 'https://freetsa.org/tsr', certificates, window: { start: new Date(0) } }];
      const [stamped] = checkTimestamps({ timestamps: [timestamp], messages: [message], authorities });
      assert.deepEqual(stamped?.time, new Date('2025-08-06T19:38:49Z'));
      assert.deepEqual(stamped?.certificate.der, own.der);
    }
  },
);

function judge(
  { verificationMaterial, messageSignature, dsseEnvelope }: BundleJson,
  leafText: string,
  root: RootJson,
): void {
  const { tlogEntries = [], timestampVerificationData } = verificationMaterial;
  const leaf = parseCertificate(bytes(leafText));
  const stamped = checkTimestamps({
    timestamps: (timestampVerificationData?.rfc3161Timestamps ?? []).map(({ signedTimestamp }) =>
      bytes(signedTimestamp),
    ),
    messages: [bytes(messageSignature?.signature ?? dsseEnvelope?.signatures[0]?.sig ?? '')],
    authorities: (root.timestampAuthorities ?? []).map(readAuthority),
  });
  const promised = tlogEntries.filter(({ inclusionPromise }) => inclusionPromise !== undefined);
  const { certificates } = checkCertificateChain({
    leaf,
    intermediates: [],
    authorities: (root.certificateAuthorities ?? []).map(readAuthority),
    times: [
      ...stamped.map(({ time }) => time),
      ...promised.map(({ integratedTime }) => new Date(Number(integratedTime) * 1000)),
    ],
  });
  checkCertificateTransparency({ chain: certificates, ctLogs: readLogs(root) });
}

function readAuthority({ uri, certChain, validFor }: AuthorityJson): Authority {
  const certificates = certChain.certificates.map(({ rawBytes }) => parseCertificate(bytes(rawBytes)));
  return { uri, certificates, window: readWindow(validFor) };
}

function readLogs({ ctlogs = [] }: RootJson): LogInstance[] {
  return ctlogs.map(({ baseUrl, logId, publicKey: { rawBytes, keyDetails, validFor } }) => {
    const key = bytes(rawBytes);
    const spki = keyDetails.startsWith('PKCS1_')
      ? createPublicKey({ key, format: 'der', type: 'pkcs1' }).export({ type: 'spki', format: 'der' })
      : key;
    return { baseUrl, logId: bytes(logId.keyId), key: readPublicKey(spki), window: readWindow(validFor) };
  });
}

function readWindow({ start, end }: Window = {}): ValidityWindow {
  return {
    ...(start === undefined ? {} : { start: new Date(start) }),
    ...(end === undefined || end === null ? {} : { end: new Date(end) }),
  };
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'base64');
}
