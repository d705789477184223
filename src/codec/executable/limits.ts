/** Caps on the headers of a program; hostile ones end in CodecError LIMIT_EXCEEDED. */
export const executableLimits = {
  /** Real programs have some dozens; object files built with one section per function reach tens of thousands. */
  sections: 65_536,
  segments: 65_536,
  /** Mach-O load commands; the largest real programs have some hundreds. */
  loadCommands: 16_384,
  /** Bytes of a section's name that are kept; object files carry mangled C++ names of any length. */
  nameBytes: 256,
} as const;
