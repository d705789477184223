/** A program or library file, parsed as far as the catalogers need: headers and sections, no symbols. */
export interface Executable {
  readonly format: 'elf' | 'pe' | 'macho';
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  /** In the order of the file. For a fat Mach-O file, those of the first architecture that could be read. */
  readonly sections: readonly ExecutableSection[];
  /** Loaded parts of the file, for address look-ups. */
  readonly segments: readonly ExecutableSegment[];
}

/** A named part of the file: `.go.buildinfo`, `__DATA,.dep-v0`. */
export interface ExecutableSection {
  /** ELF and PE: the section's name. Mach-O: segment and section with a comma between. */
  readonly name: string;
  readonly address: number;
  readonly bytes: Buffer;
}

/** A part of the file that is loaded at an address. */
export interface ExecutableSegment {
  readonly address: number;
  readonly writable: boolean;
  /** What the file holds of it. */
  readonly bytes: Buffer;
}
