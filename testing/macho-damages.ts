/** One thing that can be wrong with a signed single file for macOS. */
export interface MachoDamage {
  /** What is said of it. */
  readonly what: RegExp;
  /** Where the file is changed. */
  readonly at: (bytes: Buffer) => number;
  /** What is put there. */
  readonly change: (bytes: Buffer) => Buffer;
}

/** The load command of a segment: eight bytes, then its name. */
const command = (bytes: Buffer, segment: string): number => bytes.indexOf(`${segment}\0`) - 8;
/** The load command of 16 bytes that says where something lies in `__LINKEDIT`. */
const link = (bytes: Buffer, kind: number): number => bytes.indexOf(Buffer.from([kind, 0, 0, 0, 16, 0, 0, 0]), 32);
const signatureCommand = (bytes: Buffer): number => link(bytes, 0x1d);
const signature = (bytes: Buffer): number => bytes.readUInt32LE(signatureCommand(bytes) + 8);
/** Where the part lies that the list of the signature has at an index: code directory, requirements, signer. */
const part = (bytes: Buffer, index: number): number =>
  signature(bytes) + bytes.readUInt32BE(signature(bytes) + 16 + index * 8);
const directory = (bytes: Buffer): number => part(bytes, 0);
const hashes = (bytes: Buffer): number => directory(bytes) + bytes.readUInt32BE(directory(bytes) + 16);

function damage(what: RegExp, at: (bytes: Buffer) => number, ...put: readonly number[]): MachoDamage {
  return { what, at, change: () => Buffer.from(put) };
}

/** A byte that is another one afterwards, whatever it was. */
function flip(what: RegExp, at: (bytes: Buffer) => number): MachoDamage {
  return { what, at, change: (bytes) => Buffer.from([(bytes[at(bytes)] ?? 0) ^ 0x55]) };
}

const fields: readonly (readonly [name: string, offset: number])[] = [
  ['version', 11],
  ['flags', 15],
  ['identOffset', 23],
  ['nSpecialSlots', 27],
  ['nCodeSlots', 31],
  ['codeLimit', 35],
  ['hashSize', 36],
  ['hashType', 37],
  ['platform', 38],
  ['pageSize', 39],
  ['spare2', 43],
  ['scatterOffset', 47],
  ['teamOffset', 51],
  ['spare3', 55],
  ['codeLimit64', 63],
  ['execSegBase', 71],
  ['execSegLimit', 79],
  ['execSegFlags', 87],
];

/** Of headers, segments and the program; of where the signature lies; of what is in it. */
export const machoDamages: readonly MachoDamage[] = [
  damage(/not for darwin/, () => 4, 3),
  damage(/No section has/, (bytes) => bytes.indexOf('__NODE_SEA_BLOB'), 0x78),
  damage(/would not look/, (bytes) => bytes.indexOf('NODE_SEA_FUSE_') + 47, 0x30),
  flip(/The header says otherwise/, () => 20),
  damage(/begin where/, (bytes) => command(bytes, 'NODE_SEA') + 25, 1),
  flip(/__LINKEDIT takes no whole pages/, (bytes) => command(bytes, '__LINKEDIT') + 32),
  damage(/larger in the file/, (bytes) => command(bytes, 'NODE_SEA') + 32, 0, 0, 0, 0, 0, 0, 0, 0),
  damage(/NODE_SEA lies over/, (bytes) => command(bytes, 'NODE_SEA') + 40, 0, 0, 0, 0, 0, 0, 0, 0),
  damage(/commands lie over/, (bytes) => command(bytes, '__TEXT') + 120, 40, 0, 0, 0),
  damage(/__LINKEDIT does not end the file/, (bytes) => command(bytes, '__LINKEDIT') + 48, 1),
  damage(/has no __TEXT/, (bytes) => command(bytes, '__TEXT') + 8, 0x78),
  damage(/said to lie/, (bytes) => link(bytes, 0x26) + 8, 0, 0, 0, 0),
  {
    what: /said to lie/,
    at: (bytes) => link(bytes, 0x26) + 8,
    change: (bytes) => bytes.subarray(signatureCommand(bytes) + 8, signatureCommand(bytes) + 12),
  },

  damage(/has no signature/, signatureCommand, 0x7f),
  damage(/more than one signature/, (bytes) => link(bytes, 0x29), 0x1d),
  damage(/last load command is not/, (bytes) => signatureCommand(bytes) + 4, 8),
  {
    what: /last load command is not/,
    at: (bytes) => signatureCommand(bytes) - 16,
    change: (bytes) => {
      const at = signatureCommand(bytes);
      return Buffer.concat([bytes.subarray(at, at + 16), bytes.subarray(at - 16, at)]);
    },
  },
  damage(/multiple of 16/, (bytes) => signatureCommand(bytes) + 8, 8),
  damage(/signature does not end the file/, (bytes) => signatureCommand(bytes) + 12, 1),

  {
    // At the end of the file, and of no length.
    what: /no list of parts/,
    at: (bytes) => signatureCommand(bytes) + 8,
    change: (bytes) => {
      const place = Buffer.alloc(8);
      place.writeUInt32LE(bytes.length);
      return place;
    },
  },
  flip(/no list of parts/, (bytes) => signature(bytes) + 3),
  damage(/no list of parts/, (bytes) => signature(bytes) + 4, 0x7f),
  damage(/no list of parts/, (bytes) => signature(bytes) + 8, 0x7f),
  damage(/no list of parts/, (bytes) => signature(bytes) + 11, 0x20),
  damage(/no list of parts/, (bytes) => signature(bytes) + 24, 0x7f),
  damage(/no list of parts/, (bytes) => signature(bytes) + 24, 0, 0, 0, 36),
  damage(/no list of parts/, (bytes) => directory(bytes) + 4, 0x7f),
  damage(/parts 0, 2, and is not ad hoc/, (bytes) => signature(bytes) + 11, 2),
  damage(/parts 0, 2, 5, and is not ad hoc/, (bytes) => signature(bytes) + 28, 0, 0, 0, 5),
  flip(/no code directory/, directory),
  flip(/has requirements/, (bytes) => part(bytes, 1) + 3),
  damage(/has requirements/, (bytes) => part(bytes, 1) + 11, 1),
  flip(/by somebody/, (bytes) => part(bytes, 2) + 3),
  {
    // One byte more, within what rounds the signature up.
    what: /by somebody/,
    at: signature,
    change: (bytes) => {
      const longer = Buffer.from(bytes.subarray(signature(bytes)));
      const signer = part(bytes, 2) - signature(bytes);
      longer.writeUInt32BE(longer.readUInt32BE(4) + 1, 4);
      longer.writeUInt32BE(9, signer + 4);
      return longer;
    },
  },
  damage(/cut short/, (bytes) => directory(bytes) + 4, 0, 0, 0, 40),
  ...fields.map(([name, offset]) => flip(new RegExp(`${name} of the code`), (bytes) => directory(bytes) + offset)),
  damage(/flags of the code directory is 65538/, (bytes) => directory(bytes) + 12, 0, 1, 0, 2),
  damage(/flags of the code directory is 0,/, (bytes) => directory(bytes) + 15, 0),

  damage(/no identifier/, (bytes) => directory(bytes) + 88, 0),
  damage(/no identifier/, (bytes) => directory(bytes) + 88, 7),
  damage(/no identifier/, (bytes) => directory(bytes) + 91, 0),
  damage(/no identifier/, (bytes) => hashes(bytes) - 65, 0x78),
  flip(/another number of hashes/, (bytes) => directory(bytes) + 19),
  damage(/another number of hashes/, (bytes) => directory(bytes) + 16, 0x7f),
  flip(/hash of the requirements/, (bytes) => hashes(bytes) - 64),
  flip(/hash of an Info\.plist/, (bytes) => hashes(bytes) - 1),

  flip(/^1 of \d+ pages have another hash, the first at 0$/, () => 24),
  flip(/^1 of \d+ pages have another hash, the first at 4096$/, () => 4096),
  flip(/^1 of \d+ pages have another hash, the first at \d+$/, (bytes) => signature(bytes) - 1),
  flip(/^1 of \d+ pages have another hash, the first at 0$/, hashes),
  flip(/^1 of \d+ pages have another hash, the first at 8192$/, (bytes) => hashes(bytes) + 95),
];
