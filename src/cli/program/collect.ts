import { Option } from 'commander';

/** Gathers the values of an option that may be repeated. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** An option that may be repeated. @param otherwise says in the help what holds without it */
export function repeated(flags: string, text: string, otherwise: string): Option {
  return new Option(flags, `${text}; may be repeated`).argParser(collect).default([], otherwise);
}
