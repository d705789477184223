import { createHash, createHmac } from 'node:crypto';

/** What AWS, or a service that speaks as it does, knows a caller by. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A request to sign. */
export interface AwsRequest {
  readonly method: string;
  readonly url: URL;
  /** All are signed; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes that are sent, or their SHA-256 in hexadecimal. */
  readonly body: Uint8Array | { readonly sha256: string };
}

/** Where and when the signature counts. */
export interface AwsScope {
  readonly region: string;
  readonly service: string;
  readonly now: Date;
}

const algorithm = 'AWS4-HMAC-SHA256';

/**
 * The headers of a request with those that sign it (AWS Signature Version 4, "Create a signed AWS API request"): the secret
 * itself is not sent. Paths are expected to be `/` or to need no second encoding.
 */
export function signAwsRequest(
  { method, url, headers, body }: AwsRequest,
  credentials: AwsCredentials,
  scope: AwsScope,
): Record<string, string> {
  const { accessKeyId, sessionToken } = credentials;
  const time = timeOf(scope.now);
  const all: Record<string, string> = { ...headers, host: url.host, 'x-amz-date': time };
  if (sessionToken !== undefined) all['x-amz-security-token'] = sessionToken;
  const names = Object.keys(all).toSorted();
  const canonical = [
    method,
    url.pathname,
    canonicalQuery(url),
    ...names.map((name) => `${name}:${(all[name] as string).trim().replaceAll(/ +/g, ' ')}`),
    '',
    names.join(';'),
    body instanceof Uint8Array ? sha256(body) : body.sha256,
  ].join('\n');
  const signature = signatureOf(canonical, credentials, scope);
  const authorization = `${algorithm} Credential=${accessKeyId}/${placeOf(scope)}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...all, authorization };
}

/**
 * An address at which anybody may fetch an object for some seconds (Amazon S3, "Authenticating Requests: Using Query
 * Parameters"; a week at most). The secret is not in it, a session token is.
 */
export function presignAwsUrl(url: URL, seconds: number, credentials: AwsCredentials, scope: AwsScope): URL {
  const signed = new URL(url);
  const parameters: Record<string, string> = {
    'X-Amz-Algorithm': algorithm,
    'X-Amz-Credential': `${credentials.accessKeyId}/${placeOf(scope)}`,
    'X-Amz-Date': timeOf(scope.now),
    'X-Amz-Expires': String(seconds),
    'X-Amz-SignedHeaders': 'host',
  };
  if (credentials.sessionToken !== undefined) parameters['X-Amz-Security-Token'] = credentials.sessionToken;
  for (const [name, value] of Object.entries(parameters)) signed.searchParams.set(name, value);
  const query = canonicalQuery(signed);
  const canonical = ['GET', url.pathname, query, `host:${url.host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  signed.search = `${query}&X-Amz-Signature=${signatureOf(canonical, credentials, scope)}`;
  return signed;
}

function timeOf(now: Date): string {
  return now.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
}

function placeOf({ now, region, service }: AwsScope): string {
  return `${timeOf(now).slice(0, 8)}/${region}/${service}/aws4_request`;
}

function signatureOf(canonical: string, { secretAccessKey }: AwsCredentials, scope: AwsScope): string {
  const toSign = [algorithm, timeOf(scope.now), placeOf(scope), sha256(canonical)].join('\n');
  const key = placeOf(scope)
    .split('/')
    .reduce<Buffer>((secret, part) => hmac(secret, part), Buffer.from(`AWS4${secretAccessKey}`));
  return hmac(key, toSign).toString('hex');
}

function canonicalQuery(url: URL): string {
  const pairs = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return pairs.toSorted().join('&');
}

/** RFC 3986, 2.3: only unreserved characters stay. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
