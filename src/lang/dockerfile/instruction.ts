/** A piece of joined lines, and the line of the file that it stands on. */
export interface LineStart {
  /** Of the piece, in the joined text. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
}

/** A text that was joined from several lines of a file. */
export interface JoinedText {
  readonly text: string;
  /** Ascending by offset; the first has the offset 0. */
  readonly starts: readonly LineStart[];
}

/** A document within the file (`<<EOF`). */
export interface Heredoc {
  readonly name: string;
  /** True where variables are put into it: its name is not quoted. */
  readonly expand: boolean;
  /** Without the line that ends it, and without leading tabs where it was written `<<-`. */
  readonly body: string;
  /** Line of the body's first line, from 1. */
  readonly line: number;
}

/** An option of an instruction: `--from=build`. */
export interface InstructionFlag {
  /** Without dashes, in lower case. */
  readonly name: string;
  /** Absent where it has none. */
  readonly value?: string;
}

/** One instruction of a Dockerfile, with nothing put in for variables. */
export interface Instruction {
  /** In upper case: `RUN`. */
  readonly keyword: string;
  /** First and last line, from 1, heredocs included. */
  readonly start: number;
  readonly end: number;
  readonly flags: readonly InstructionFlag[];
  /** What follows the keyword and the flags, without what continues lines and without comments between them. */
  readonly rest: JoinedText;
  /** Where that is a JSON list of texts. */
  readonly json?: readonly string[];
  readonly heredocs: readonly Heredoc[];
  /** What `ONBUILD` puts off until another image is built on this one. */
  readonly onbuild?: Instruction;
}

/** A Dockerfile, read. */
export interface ParsedDockerfile {
  readonly instructions: readonly Instruction[];
  /** What escapes characters and continues lines. */
  readonly escape: '\\' | '`';
}

/** The line on which a place of joined text stands. */
export function lineAt({ starts }: JoinedText, offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] as LineStart).offset <= offset) low = middle;
    else high = middle - 1;
  }
  return starts[low]?.line ?? 1;
}
