import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIP } from 'node:net';
import { derOid, derSequence } from '../../codec/der/write.ts';
import { formatPem } from '../../codec/pem/pem.ts';
import { makeSerialNumber, signCertificate } from '../../codec/x509/certificate.ts';
import {
  authorityKeyId,
  basicConstraints,
  extendedKeyUsage,
  addressName,
  generalName,
  keyUsage,
  purposes,
  subjectAltName,
  subjectKeyId,
} from '../../codec/x509/extension.ts';
import { distinguishedName } from '../../codec/x509/name.ts';
import { parseCertificate } from '../../signing/certificate/parse.ts';
import type { CertificateLifetimes, CertificatePlan, KeyedCertificate } from './model.ts';

/** ECDSA with SHA-256 (RFC 5758, 3.2). */
const algorithm = derSequence(derOid('1.2.840.10045.4.3.2'));

const organization = 'seaworthy';

/** To which the leaf's name is cut (X.520, ub-common-name): its alternative names are those that count. */
const commonNameLength = 64;

/**
 * Makes an authority that signs itself, with a new key on P-256, for leaves alone (RFC 5280). It holds from a little before now: this
 * clock may be early and that of a client late.
 */
export function issueAuthority(now: number, lifetimes: CertificateLifetimes): KeyedCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = spkiOf(publicKey);
  // Two authorities of one name would be told apart by their keys alone, which not all readers do.
  const name = distinguishedName(organization, `seaworthy admission ${new Date(now).toISOString()}`);
  const der = signCertificate(
    {
      serialNumber: makeSerialNumber(),
      issuer: name,
      subject: name,
      notBefore: new Date(now - 2 * lifetimes.skew),
      notAfter: new Date(now + lifetimes.authority),
      spki,
      extensions: [keyUsage('certificates'), basicConstraints(0), subjectKeyId(spki)],
    },
    { algorithm, sign: (tbs) => sign('sha256', tbs, privateKey) },
  );
  return keyed(der, privateKey);
}

/** Makes a leaf for a server, with a new key. It never outlives its authority. */
export function issueLeaf(
  authority: KeyedCertificate,
  { dnsNames }: CertificatePlan,
  now: number,
  lifetimes: CertificateLifetimes,
): KeyedCertificate {
  const issuer = parseCertificate(new X509Certificate(authority.certificate).raw);
  const issuerKey = createPrivateKey(authority.key);
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = spkiOf(publicKey);
  const der = signCertificate(
    {
      serialNumber: makeSerialNumber(),
      issuer: issuer.subject,
      subject: distinguishedName(organization, dnsNames[0].slice(0, commonNameLength)),
      notBefore: new Date(Math.max(now - 2 * lifetimes.skew, issuer.notBefore.getTime())),
      notAfter: new Date(Math.min(now + lifetimes.leaf, issuer.notAfter.getTime())),
      spki,
      extensions: [
        keyUsage('messages'),
        extendedKeyUsage(purposes.serverAuth),
        subjectKeyId(spki),
        authorityKeyId(spkiOf(createPublicKey(issuerKey))),
        subjectAltName(...dnsNames.map((name) => (isIP(name) === 0 ? generalName('dns', name) : addressName(name)))),
      ],
    },
    { algorithm, sign: (tbs) => sign('sha256', tbs, issuerKey) },
  );
  return keyed(der, privateKey);
}

function keyed(der: Buffer, key: KeyObject): KeyedCertificate {
  return {
    certificate: formatPem({ label: 'CERTIFICATE', bytes: der }),
    key: String(key.export({ type: 'pkcs8', format: 'pem' })),
  };
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}
