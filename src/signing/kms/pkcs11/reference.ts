import { SigningError } from '../../error.ts';

/** `pkcs11:…` (RFC 7512): a key on a token. At least one of token and slot, and one of id and label, is there. */
export interface Pkcs11Reference {
  readonly provider: 'pkcs11';
  /** `token`: its label. */
  readonly token?: string;
  /** `slot-id`; goes before the token's label. */
  readonly slot?: number;
  /** `id`: CKA_ID; goes before the label. */
  readonly id?: Buffer;
  /** `object`: CKA_LABEL. */
  readonly label?: string;
  readonly modulePath?: string;
  readonly pin?: string;
  /** `pin-source`: a file that holds the PIN. */
  readonly pinSource?: string;
}

/** RFC 7512, 2.3: attributes that describe what is there; those that are not looked at here are refused, not passed over. */
const pathNames: ReadonlySet<string> = new Set(['token', 'slot-id', 'id', 'object', 'type']);
const queryNames: ReadonlySet<string> = new Set(['module-path', 'pin-value', 'pin-source']);
const value = /^(?:[A-Za-z0-9\-._~:[\]@!$'()*+,=&/?|]|%[0-9A-Fa-f]{2})*$/;

/** Parses `pkcs11:…`. Its text may hold a PIN, so no error repeats it. @throws SigningError KEY_REFERENCE_INVALID */
export function parsePkcs11Reference(text: string): Pkcs11Reference {
  const [path = '', query = '', ...more] = text.slice('pkcs11:'.length).split('?');
  if (!text.startsWith('pkcs11:') || text.length > 4096) throw refused('it does not begin with pkcs11:');
  // A query may have a "?" in its values (RFC 7512, 2.3, pk11-query-res-avail).
  const paths = attributes(path, ';', pathNames);
  const queries = attributes([query, ...more].join('?'), '&', queryNames);
  const slot = paths.get('slot-id')?.toString('latin1');
  if (slot !== undefined && !/^(?:0|[1-9]\d{0,9})$/.test(slot)) throw refused('its slot-id is no number');
  const type = paths.get('type')?.toString('latin1') ?? 'private';
  if (type !== 'private' && type !== 'public') throw refused('its type is neither private nor public');
  const reference: Pkcs11Reference = {
    provider: 'pkcs11',
    ...some('token', paths.get('token')?.toString('utf8')),
    ...some('slot', slot === undefined ? undefined : Number(slot)),
    ...some('id', paths.get('id')),
    ...some('label', paths.get('object')?.toString('utf8')),
    ...some('modulePath', queries.get('module-path')?.toString('utf8')),
    ...some('pin', queries.get('pin-value')?.toString('utf8')),
    ...some(
      'pinSource',
      queries
        .get('pin-source')
        ?.toString('utf8')
        .replace(/^file:/, ''),
    ),
  };
  if (reference.token === undefined && reference.slot === undefined) throw refused('add token=LABEL or slot-id=NUMBER');
  if (reference.id === undefined && reference.label === undefined) throw refused('add object=LABEL or id=%HEX');
  return reference;
}

function attributes(text: string, separator: string, names: ReadonlySet<string>): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const part of text === '' ? [] : text.split(separator)) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(0, at));
    const written = part.slice(at + 1);
    if (!names.has(name)) throw refused(`it has an attribute that is not known here (${[...names].join(', ')} are)`);
    if (found.has(name)) throw refused(`it has ${name} twice`);
    if (written === '' || !value.test(written)) throw refused(`${name} is empty or not percent-encoded`);
    found.set(name, decodePercent(written));
  }
  return found;
}

/** To octets: ids are octets, not text. */
function decodePercent(text: string): Buffer {
  const pieces = text.split(/(%[0-9A-Fa-f]{2})/);
  return Buffer.concat(
    pieces.map((piece) => (/^%..$/.test(piece) ? Buffer.from(piece.slice(1), 'hex') : Buffer.from(piece, 'latin1'))),
  );
}

function some<Name extends string, Value>(name: Name, found: Value | undefined): { [key in Name]?: Value } {
  return (found === undefined ? {} : { [name]: found }) as { [key in Name]?: Value };
}

function refused(why: string): SigningError {
  return new SigningError('KEY_REFERENCE_INVALID', `The pkcs11: address cannot be used: ${why} (RFC 7512)`);
}
