/** What names a Maven artifact. */
export interface Coordinates {
  /** Absent where nothing trustworthy tells it. */
  readonly group?: string;
  readonly artifact: string;
  readonly version: string;
}

const idPattern = /^[\w.-]{1,250}$/;
/** Leaves out what a placeholder (`${revision}`), a path or a sentence would hold. */
const versionPattern = /^[\w.+~:-]{1,150}$/;

/** A group or artifact id (Maven POM reference: letters, digits, `_`, `-` and `.`), or undefined. */
export function cleanId(text: string | undefined): string | undefined {
  const id = text?.trim();
  return id !== undefined && idPattern.test(id) ? id : undefined;
}

/** A version without placeholders and blanks, or undefined. */
export function cleanVersion(text: string | undefined): string | undefined {
  const version = text?.trim();
  return version !== undefined && versionPattern.test(version) && /\d/.test(version) ? version : undefined;
}

/** `group:artifact`, or the artifact alone without a group. */
export function formatName({ group, artifact }: Coordinates): string {
  return group === undefined ? artifact : `${group}:${artifact}`;
}
