/** A value of CBOR (RFC 8949), of those kinds that signatures are made of. */
export type CborValue = bigint | string | boolean | null | Buffer | readonly CborValue[] | CborMap | CborTag;

/** What names an entry of a map (RFC 9052, 1.5: `label`). */
export type CborLabel = bigint | string;

/** A map; no label is there twice. */
export type CborMap = ReadonlyMap<CborLabel, CborValue>;

/** A value that is marked as something (RFC 8949, 3.4). */
export class CborTag {
  readonly number: bigint;
  readonly value: CborValue;

  constructor(number: bigint, value: CborValue) {
    this.number = number;
    this.value = value;
  }
}
