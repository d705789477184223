import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { AwsCredentials } from '../../src/net/sigv4.ts';

/** A request as it came over the wire. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, not decoded. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Whom the stand-in lets in. */
export interface Gatekeeper {
  readonly credentials: AwsCredentials;
  readonly region: string;
  readonly now: () => number;
}

const skewMs = 15 * 60_000;

/**
 * Checks a signature as Amazon S3 describes it, from what came over the wire and with none of the code that made it. Gives the
 * code of the error, or undefined when all is well.
 */
export function checkSignature(request: SignedRequest, gate: Gatekeeper): string | undefined {
  const query = queryOf(request.target);
  if (query.some(([name]) => name === 'X-Amz-Signature')) return checkPresigned(request, query, gate);
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/[^/]+\/s3\/aws4_request), SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
  const [, keyId, scope = '', names = '', signature] = pattern.exec(request.headers.authorization ?? '') ?? [];
  if (signature === undefined) return 'AccessDenied';
  const signed = names.split(';');
  const mustBeSigned = Object.keys(request.headers).filter((name) => name.startsWith('x-amz-') || name === 'host');
  if (mustBeSigned.some((name) => !signed.includes(name))) return 'AccessDenied';
  const hash = String(request.headers['x-amz-content-sha256']);
  const time = String(request.headers['x-amz-date']);
  const wrong = checkScope(keyId, scope, time, gate);
  if (wrong !== undefined) return wrong;
  if (request.headers['x-amz-security-token'] !== gate.credentials.sessionToken) return 'InvalidToken';
  if (createHash('sha256').update(request.body).digest('hex') !== hash) return 'XAmzContentSHA256Mismatch';
  if (Math.abs(gate.now() - parseTime(time)) > skewMs) return 'RequestTimeTooSkewed';
  const expected = sign(request, query, signed, hash, time, scope, gate);
  return expected === signature ? undefined : 'SignatureDoesNotMatch';
}

function checkPresigned(
  request: SignedRequest,
  query: readonly (readonly [string, string])[],
  gate: Gatekeeper,
): string | undefined {
  const values = new Map(query);
  const [keyId, ...scope] = (values.get('X-Amz-Credential') ?? '').split('/');
  const time = values.get('X-Amz-Date') ?? '';
  const wrong = checkScope(keyId, scope.join('/'), time, gate);
  if (wrong !== undefined) return wrong;
  if (values.get('X-Amz-Security-Token') !== gate.credentials.sessionToken) return 'InvalidToken';
  const seconds = Number(values.get('X-Amz-Expires'));
  if (!(seconds >= 1 && seconds <= 604_800)) return 'AuthorizationQueryParametersError';
  if (gate.now() > parseTime(time) + seconds * 1000) return 'AccessDenied';
  const rest = query.filter(([name]) => name !== 'X-Amz-Signature');
  const signed = (values.get('X-Amz-SignedHeaders') ?? '').split(';');
  const expected = sign(request, rest, signed, 'UNSIGNED-PAYLOAD', time, scope.join('/'), gate);
  return expected === values.get('X-Amz-Signature') ? undefined : 'SignatureDoesNotMatch';
}

function checkScope(keyId: string | undefined, scope: string, time: string, gate: Gatekeeper): string | undefined {
  if (keyId !== gate.credentials.accessKeyId) return 'InvalidAccessKeyId';
  return scope === `${time.slice(0, 8)}/${gate.region}/s3/aws4_request` ? undefined : 'AuthorizationHeaderMalformed';
}

function sign(
  { method, target, headers }: SignedRequest,
  query: readonly (readonly [string, string])[],
  signed: readonly string[],
  hash: string,
  time: string,
  scope: string,
  { credentials }: Gatekeeper,
): string {
  const path = target.split('?')[0] as string;
  const pairs = query.map(([name, value]) => `${percent(name)}=${percent(value)}`).toSorted();
  const lines = signed.map((name) => `${name}:${String(headers[name]).trim()}\n`).join('');
  const canonical = `${method}\n${path}\n${pairs.join('&')}\n${lines}\n${signed.join(';')}\n${hash}`;
  const digest = createHash('sha256').update(canonical).digest('hex');
  let key: Buffer | string = `AWS4${credentials.secretAccessKey}`;
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  return createHmac('sha256', key).update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${digest}`).digest('hex');
}

/** The names and values of a query, decoded. */
export function queryOf(target: string): [string, string][] {
  const query = target.includes('?') ? target.slice(target.indexOf('?') + 1) : '';
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [decodeURIComponent(name), decodeURIComponent(value.join('='))];
    });
}

function percent(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const sign = String.fromCharCode(byte);
      return /[A-Za-z0-9._~-]/.test(sign) ? sign : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function parseTime(time: string): number {
  return Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
