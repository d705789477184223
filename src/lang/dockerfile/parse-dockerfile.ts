import { printable } from '../../base/printable.ts';
import { LangError } from '../error.ts';
import { readDirectives } from './directives.ts';
import { findHeredocs, heredocKeywords } from './find-heredocs.ts';
import type { Heredoc, Instruction, InstructionFlag, JoinedText, LineStart, ParsedDockerfile } from './instruction.ts';
import { dockerfileLimits } from './limits.ts';
import { readJsonForm } from './read-json-form.ts';

const keywords: ReadonlySet<string> = new Set([
  'ADD',
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'MAINTAINER',
  'ONBUILD',
  'RUN',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
]);

/**
 * Reads a Dockerfile as BuildKit does (docs.docker.com, "Dockerfile reference"): parser directives, lines that go on, comments and empty lines
 * between them, documents within the file, flags, JSON lists.
 *
 * @throws LangError SYNTAX with the line for what BuildKit refuses; LIMIT_EXCEEDED
 */
export function parseDockerfile(source: string): ParsedDockerfile {
  if (source.length > dockerfileLimits.characters) {
    throw new LangError('LIMIT_EXCEEDED', `The file has more than ${dockerfileLimits.characters} characters`);
  }
  const lines = source.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.length > dockerfileLimits.lines) {
    throw new LangError('LIMIT_EXCEEDED', `The file has more than ${dockerfileLimits.lines} lines`);
  }
  const { escape, lines: first } = readDirectives(lines);
  const reader = { lines, escape, at: first };
  const instructions: Instruction[] = [];
  for (;;) {
    const instruction = readInstruction(reader);
    if (instruction === undefined) break;
    if (instructions.length === dockerfileLimits.instructions) {
      throw new LangError('LIMIT_EXCEEDED', `The file has more than ${dockerfileLimits.instructions} instructions`);
    }
    instructions.push(instruction);
  }
  const early = instructions.find(({ keyword }) => keyword !== 'ARG');
  if (early === undefined) throw new LangError('SYNTAX', 'The file has no FROM, so nothing is built of it');
  if (early.keyword !== 'FROM') {
    throw new LangError('SYNTAX', `Line ${early.start} has ${early.keyword} before the first FROM`);
  }
  return { instructions, escape };
}

interface Reader {
  readonly lines: readonly string[];
  readonly escape: '\\' | '`';
  /** Index of the next line. */
  at: number;
}

function isPassedOver(line: string): boolean {
  return /^\s*(?:#|$)/.test(line);
}

function readInstruction(reader: Reader): Instruction | undefined {
  const { lines } = reader;
  while (reader.at < lines.length && isPassedOver(lines[reader.at] as string)) reader.at += 1;
  if (reader.at >= lines.length) return undefined;
  const start = reader.at + 1;
  const joined = joinLines(reader);
  const head = makeHead(joined, start, reader.escape);
  const { onbuild } = head;
  const bringer = onbuild ?? head;
  const heredocs =
    heredocKeywords.has(bringer.keyword) && bringer.json === undefined
      ? readHeredocs(reader, bringer.rest.text, start)
      : [];
  const end = Math.min(lines.length, reader.at);
  const made = { ...head, heredocs, end };
  return onbuild === undefined ? made : { ...made, onbuild: { ...onbuild, heredocs, end } };
}

/** One line, and those that it goes on in. */
function joinLines(reader: Reader): JoinedText {
  const { lines, escape } = reader;
  const starts: LineStart[] = [];
  const pieces: string[] = [];
  let length = 0;
  for (; reader.at < lines.length; reader.at += 1) {
    const line = lines[reader.at] as string;
    // Within an instruction, comments and empty lines are as if they were not there.
    if (starts.length > 0 && isPassedOver(line)) continue;
    const goesOn = continuation(line, escape);
    const text = starts.length === 0 ? (goesOn ?? line).trimStart() : (goesOn ?? line);
    starts.push({ offset: length, line: reader.at + 1 });
    pieces.push(text);
    length += text.length;
    if (goesOn === undefined) {
      reader.at += 1;
      break;
    }
  }
  return { text: pieces.join(''), starts };
}

/** A line without what makes it go on in the next; undefined where it does not. An escape that is escaped itself does nothing. */
function continuation(line: string, escape: string): string | undefined {
  const text = line.trimEnd();
  if (!text.endsWith(escape)) return undefined;
  return text.at(-2) === escape ? undefined : text.slice(0, -1);
}

function makeHead(joined: JoinedText, start: number, escape: string, nested: boolean = false): Instruction {
  const word = /^\S+/.exec(joined.text)?.[0] ?? '';
  const keyword = word.toUpperCase();
  if (!keywords.has(keyword)) {
    throw new LangError('SYNTAX', `Line ${start} begins with "${printable(word, 40)}", which is no instruction`);
  }
  const after = dropStart(joined, word.length);
  if (keyword === 'ONBUILD') {
    if (nested || /^(?:ONBUILD|FROM|MAINTAINER)\b/i.test(after.text)) {
      throw new LangError('SYNTAX', `Line ${start} puts off an instruction that cannot be put off`);
    }
    const onbuild = makeHead(after, start, escape, true);
    return { keyword, start, end: start, flags: [], rest: after, heredocs: [], onbuild };
  }
  const { flags, rest } = takeFlags(after, escape);
  if (rest.text.trim() === '' && keyword !== 'CMD' && keyword !== 'ENTRYPOINT') {
    throw new LangError('SYNTAX', `Line ${start} has ${keyword} and nothing after it`);
  }
  const json = readJsonForm(keyword, rest.text);
  return { keyword, start, end: start, flags, rest, heredocs: [], ...(json === undefined ? {} : { json }) };
}

/** The text from there on, and from the first character that is no space. */
function dropStart({ text, starts }: JoinedText, length: number): JoinedText {
  let from = length;
  while (from < text.length && /\s/.test(text[from] as string)) from += 1;
  const before = starts.findLast(({ offset }) => offset <= from);
  return {
    text: text.slice(from),
    starts: [
      { offset: 0, line: before?.line ?? 1 },
      ...starts.filter(({ offset }) => offset > from).map(({ offset, line }) => ({ offset: offset - from, line })),
    ],
  };
}

/** Flags stand before all else; `--` alone ends them. */
function takeFlags(given: JoinedText, escape: string): { flags: InstructionFlag[]; rest: JoinedText } {
  const flags: InstructionFlag[] = [];
  let length = 0;
  for (;;) {
    while (/\s/.test(given.text[length] ?? '')) length += 1;
    if (!given.text.startsWith('--', length)) break;
    const word = takeWord(given.text, length, escape);
    length += word.length;
    if (word === '--') break;
    const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    flags.push({ name: name.toLowerCase(), ...(value === undefined ? {} : { value: unquote(value) }) });
  }
  return { flags, rest: length === 0 ? given : dropStart(given, length) };
}

function takeWord(text: string, from: number, escape: string): string {
  let quote = '';
  let at = from;
  for (; at < text.length; at += 1) {
    const character = text[at] as string;
    if (character === escape && quote !== "'") at += 1;
    else if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (/\s/.test(character)) break;
  }
  return text.slice(from, Math.min(at, text.length));
}

function unquote(text: string): string {
  return text.replace(/^(["'])(.*)\1$/s, '$2');
}

function readHeredocs(reader: Reader, text: string, start: number): Heredoc[] {
  return findHeredocs(text, reader.escape).map(({ name, expand, stripTabs }) => {
    const line = reader.at + 1;
    const body: string[] = [];
    for (; reader.at < reader.lines.length; reader.at += 1) {
      const each = reader.lines[reader.at] as string;
      const content = stripTabs ? each.replace(/^\t+/, '') : each;
      if (content === name) {
        reader.at += 1;
        return { name, expand, body: body.map((one) => `${one}\n`).join(''), line };
      }
      body.push(content);
    }
    throw new LangError('SYNTAX', `Line ${start} begins a document that no line "${printable(name, 40)}" ends`);
  });
}
