import { SigningError } from '../../error.ts';

/** `awskms://[ENDPOINT]/ID`: where the service is, if not where AWS has it, and a key's id, ARN, alias or alias's ARN. */
export interface AwsReference {
  readonly provider: 'aws';
  /** `host[:port]` */
  readonly endpoint?: string;
  readonly keyId: string;
  /** Of an ARN. */
  readonly region?: string;
}

const uuid = '(?:mrk-)?[A-Fa-f0-9]{8}-?(?:[A-Fa-f0-9]{4}-?){3}[A-Fa-f0-9]{12}';
const alias = 'alias/[a-zA-Z0-9/_-]{1,250}';
const arn = 'arn:aws(?:-[a-z]+)*:kms:([a-z0-9-]{1,63}):\\d{12}:';
const pattern = new RegExp(`^awskms://([\\w.-]+(?::\\d{1,5})?)?/((?:${arn})?(?:${alias}|(?:key/)?${uuid}))$`);

/** Parses `awskms://…`. @throws SigningError KEY_REFERENCE_INVALID */
export function parseAwsReference(text: string): AwsReference {
  const match = pattern.exec(text);
  const [, endpoint, keyId = '', region] = match ?? [];
  // "key/…" is a part of an ARN only, and a bare id never stands in one.
  const isArn = region !== undefined;
  const bare = isArn ? keyId.slice(keyId.lastIndexOf(':') + 1) : keyId;
  if (match === null || (isArn ? /^(?!key\/|alias\/)/.test(bare) : bare.startsWith('key/'))) {
    throw new SigningError(
      'KEY_REFERENCE_INVALID',
      `${JSON.stringify(text.slice(0, 200))} is no key of AWS KMS; write awskms:///ID, awskms:///ARN or awskms:///alias/NAME, an endpoint after the //`,
    );
  }
  return {
    provider: 'aws',
    keyId,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
  };
}
