import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its key, both PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
  readonly name: string;
  /** Of its DER, what revocation lists name it by. */
  readonly serial: Buffer;
}

/** Makes an X.509 certificate (RFC 5280) with a fresh P-256 key: an authority, or a leaf signed by `issuer`. */
export function makeCertificate(
  name: string,
  options: {
    readonly issuer?: TestCertificate;
    readonly dnsNames?: readonly string[];
    readonly ips?: readonly string[];
    /** Organizational units of its subject. */
    readonly units?: readonly string[];
    /** Organizations of its subject, which Kubernetes takes for the groups of a user. */
    readonly organizations?: readonly string[];
    /** Milliseconds since 1970; a year from now where nothing is said. */
    readonly notAfter?: number;
  } = {},
): TestCertificate {
  const { issuer, dnsNames = [], ips = [], units = [], organizations = [] } = options;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const names = [
    ...dnsNames.map((dns) => der(0x82, Buffer.from(dns))),
    ...ips.map((ip) => der(0x87, Buffer.from(ip.split('.').map(Number)))),
  ];
  const extensions = [
    sequence(
      oid('551d13'),
      der(0x01, Buffer.from([0xff])),
      octets(sequence(...(issuer ? [] : [der(1, Buffer.from([0xff]))]))),
    ),
    ...(names.length === 0 ? [] : [sequence(oid('551d11'), octets(sequence(...names)))]),
  ];
  const serial = der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)]));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    serial,
    algorithm,
    subject(issuer?.name ?? name),
    sequence(time(Date.now() - year), time(options.notAfter ?? Date.now() + year)),
    subject(name, units, organizations),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signer: KeyObject = issuer === undefined ? privateKey : createPrivateKey(issuer.key);
  return {
    name,
    serial,
    cert: pem('CERTIFICATE', signed(body, signer)),
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}

/** Makes a list of certificates that an authority revoked (RFC 5280, 5.1), in PEM. */
export function makeRevocationList(
  issuer: TestCertificate,
  revoked: readonly TestCertificate[],
  nextUpdate: number = Date.now() + year,
): string {
  const entries = revoked.map(({ serial }) => sequence(serial, time(Date.now() - 60_000)));
  const body = sequence(
    der(0x02, Buffer.from([1])),
    algorithm,
    subject(issuer.name),
    time(Date.now() - year),
    time(nextUpdate),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
  );
  return pem('X509 CRL', signed(body, createPrivateKey(issuer.key)));
}

const year = 365 * 24 * 3600 * 1000;

function signed(body: Buffer, signer: KeyObject): Buffer {
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, signer)]));
  return sequence(body, algorithm, signature);
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes
    .toString('base64')
    .match(/.{1,64}/g)
    ?.join('\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function octets(content: Buffer): Buffer {
  return der(0x04, content);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

/** ECDSA with SHA-256. */
const algorithm = sequence(oid('2a8648ce3d040302'));

function subject(commonName: string, units: readonly string[] = [], organizations: readonly string[] = []): Buffer {
  const part = (type: string, value: string): Buffer => der(0x31, sequence(oid(type), der(0x0c, Buffer.from(value))));
  return sequence(
    ...organizations.map((organization) => part('55040a', organization)),
    ...units.map((unit) => part('55040b', unit)),
    part('550403', commonName),
  );
}

function time(milliseconds: number): Buffer {
  const text = new Date(milliseconds).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(text));
}
